"""Hands a contact to a person and back. While a handoff is open the assistant stays silent."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import HandoffReason

# A turn under way that is not the one that hands over loses its lane: it is redone, and then finds the handoff.
# What the assistant has queued and not sent yet stays unsaid.
SEIZE = text("""
    UPDATE lane SET owner = NULL, ready_at = :now WHERE contact_id = :contact_id AND owner IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.contact_id = :contact_id AND t.finished_at IS NULL
                    AND 't' || t.id = :turn_key)
""")
SILENCE = text("""
    UPDATE outbox SET state = 'cancelled', reason = 'a person took over' WHERE contact_id = :contact_id
    AND state = 'queued' AND turn_id IS NOT NULL AND 't' || turn_id <> :turn_key
""")
OPEN = text("""
    WITH opened AS (
        INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at, unanswered_since)
        VALUES (:contact_id, :reason, :turn_key, CAST(:card AS jsonb), :now, :now) ON CONFLICT DO NOTHING
        RETURNING id, contact_id),
    told AS (
        INSERT INTO handoff_change (handoff_id, contact_id, at, state, why)
        SELECT id, contact_id, CAST(:now AS timestamptz), 'open', CAST(:reason AS text) FROM opened)
    SELECT id FROM opened
""")
FIND = text(
    "SELECT id FROM handoff WHERE turn_key = :turn_key OR (contact_id = :contact_id AND closed_at IS NULL)"
    " ORDER BY turn_key <> :turn_key LIMIT 1"
)
RECENT = text(
    "SELECT EXISTS (SELECT 1 FROM handoff WHERE contact_id = :contact_id AND reason = :reason AND closed_at > :since)"
)
NOTIFY = text(
    "SELECT pg_notify('contact', CAST(CAST(:contact_id AS bigint) AS text)),"
    " pg_notify('handoff', CAST(CAST(:id AS bigint) AS text))"
)


async def open_handoff(
    session: AsyncSession,
    contact_id: int,
    reason: HandoffReason,
    turn_key: str,
    card: dict[str, Any],
    now: datetime,
) -> int:
    """Opens a handoff unless one is open or this turn opened one already; its id. The caller commits.

    From that commit on no turn says a word, whatever it was doing; only the turn that hands over may still say so.
    """
    keys = {"contact_id": contact_id, "turn_key": turn_key}
    row = keys | {"reason": reason, "card": json.dumps(card), "now": now}
    await session.execute(SEIZE, keys | {"now": now})  # the lane first, as turns lock it
    opened = await session.scalar(OPEN, row)
    if opened is None:
        found = await session.scalar(FIND, keys)
        return int(found)
    await session.execute(SILENCE, keys)
    await session.execute(NOTIFY, {"contact_id": contact_id, "id": opened})
    return int(opened)


async def was_handed_over(session: AsyncSession, contact_id: int, reason: HandoffReason, since: datetime) -> bool:
    """Whether a person had the contact for this reason until after a time: not again, unless the customer asks."""
    return bool(await session.scalar(RECENT, {"contact_id": contact_id, "reason": reason, "since": since}))
