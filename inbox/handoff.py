"""Hands a contact to a person and back. While a handoff is open the assistant stays silent."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import HandoffReason

OPEN = text(
    "INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at)"
    " VALUES (:contact_id, :reason, :turn_key, CAST(:card AS jsonb), :now) ON CONFLICT DO NOTHING RETURNING id"
)
FIND = text(
    "SELECT id FROM handoff WHERE turn_key = :turn_key OR (contact_id = :contact_id AND closed_at IS NULL)"
    " ORDER BY turn_key <> :turn_key LIMIT 1"
)
CLOSE = text("UPDATE handoff SET closed_at = :now WHERE contact_id = :contact_id AND closed_at IS NULL RETURNING id")
NOTIFY = text("SELECT pg_notify('contact', CAST(CAST(:contact_id AS bigint) AS text))")


async def open_handoff(
    session: AsyncSession,
    contact_id: int,
    reason: HandoffReason,
    turn_key: str,
    card: dict[str, Any],
    now: datetime,
) -> int:
    """Opens a handoff unless one is open or this turn opened one already; its id. The caller commits."""
    row = {"contact_id": contact_id, "reason": reason, "turn_key": turn_key, "card": json.dumps(card), "now": now}
    opened = await session.scalar(OPEN, row)
    if opened is None:
        found = await session.scalar(FIND, {"contact_id": contact_id, "turn_key": turn_key})
        return int(found)
    await session.execute(NOTIFY, {"contact_id": contact_id})
    return int(opened)


async def close_handoff(session: AsyncSession, contact_id: int, now: datetime) -> bool:
    """Gives the contact back to the assistant; whether a handoff was open. The caller commits."""
    closed = await session.scalar(CLOSE, {"contact_id": contact_id, "now": now})
    if closed is not None:
        await session.execute(NOTIFY, {"contact_id": contact_id})
    return closed is not None
