"""What routes are given: a session, the settings, and callers who proved who they are.

All are async though most await nothing: FastAPI hands plain functions to a thread, which costs more than they do.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, HTTPException, Request
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings


async def get_app_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One session per request; the route commits."""
    async with request.app.state.sessions() as session:
        yield session


type AppSettings = Annotated[Settings, Depends(get_app_settings)]
type Session = Annotated[AsyncSession, Depends(open_session)]


def bearer_is(expected: str, header: str | None) -> bool:
    """Whether an Authorization header carries this bearer key, compared in constant time."""
    return hmac.compare_digest((header or "").encode(), f"Bearer {expected}".encode())


async def require_api_key(settings: AppSettings, authorization: Annotated[str | None, Header()] = None) -> None:
    """Other systems show PRONTO_API_KEY."""
    if not bearer_is(settings.api_key.get_secret_value(), authorization):
        raise HTTPException(401, "send the header Authorization: Bearer <PRONTO_API_KEY>")


async def require_internal_token(settings: AppSettings, authorization: Annotated[str | None, Header()] = None) -> None:
    """Rasa shows the token both sides derive from PRONTO_SECRET_KEY."""
    if not bearer_is(settings.internal_token(), authorization):
        raise HTTPException(401, "only Pronto's own conversation engine may call this")
