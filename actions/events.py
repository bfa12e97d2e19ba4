"""Notes what came out of a conversation, for the score and the campaigns."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.telling import Telling
from core.types import EventKind

# The score of a contact with something new is computed again.
NOTE = text(
    "WITH noted AS (INSERT INTO event (contact_id, kind, at, key, data)"
    " VALUES (:contact_id, :kind, :now, :key, CAST(:data AS jsonb)) ON CONFLICT (key) DO NOTHING RETURNING contact_id)"
    " UPDATE contact c SET score_stale_at = coalesce(c.score_stale_at, :now) FROM noted WHERE c.id = noted.contact_id"
)


async def note_event(
    session: AsyncSession, contact_id: int, kind: EventKind, key: str, data: dict[str, Any], now: datetime
) -> None:
    """Stores an event once per key."""
    row = {"contact_id": contact_id, "kind": kind, "key": key, "data": json.dumps(data), "now": now}
    await session.execute(NOTE, row)


async def note_told(telling: Telling, kind: EventKind, data: dict[str, Any]) -> str:
    """Stores what a message of a conversation led to, once per turn; the event's key."""
    key = f"{telling.turn_key}:{kind}"
    await note_event(telling.session, telling.contact.id, kind, key, data, telling.now)
    return key
