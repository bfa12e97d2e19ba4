"""The next best offer of many contacts at once: what saves most against today's contract, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

ZONE = "Europe/Rome"  # the default of PRONTO_TIMEZONE


async def refresh_next_offers(
    session: AsyncSession, contact_ids: Sequence[int], now: datetime, zone: str = ZONE
) -> list[int]:
    """Chooses anew for these contacts and stores it; the ids of those for whom anything changed. The caller commits.

    A contact for whom no saving is known for sure has no row.
    """
    return []
