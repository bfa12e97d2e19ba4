"""What every action shares with the web app: the database, the settings and the contact who writes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from core.settings import Settings
from core.tables import Contact

BY_TOKEN = text(
    "SELECT id FROM contact WHERE token = :token"
    " UNION ALL SELECT winner_id FROM contact_merge WHERE loser_token = :token LIMIT 1"
)

_sessions: Sessions | None = None
_settings: Settings | None = None


class UnknownContactError(LookupError):
    """A conversation whose sender is none of our contacts."""


def use(sessions: Sessions, settings: Settings) -> None:
    """Connects the actions; the web app calls it when it starts."""
    global _sessions, _settings
    _sessions, _settings = sessions, settings


def open_session() -> AsyncSession:
    if _sessions is None:
        raise RuntimeError("actions.store.use was not called")
    return _sessions()


def get_settings() -> Settings:
    if _settings is None:
        raise RuntimeError("actions.store.use was not called")
    return _settings


async def load_contact(session: AsyncSession, tracker: Any) -> Contact:
    """The contact of this conversation; Rasa's sender id is the contact's token, a dot and the session's number."""
    token = tracker.sender_id.rsplit(".", 1)[0]
    contact_id = await session.scalar(BY_TOKEN, {"token": token})
    if contact_id is None:
        raise UnknownContactError(tracker.sender_id)
    return (await session.scalars(select(Contact).where(Contact.id == contact_id))).one()
