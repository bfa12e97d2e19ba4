"""The shipped tables in the database."""

from __future__ import annotations

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from offers.catalogue import load_catalogue


@pytest_asyncio.fixture
async def catalogue(session: AsyncSession) -> AsyncSession:
    """A session on a database with places and offers."""
    await load_catalogue(session)
    await session.commit()
    return session
