"""Begins a conversation without the customer having written just now: a turn of its own, done like any other."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from core.direct import Executes
from core.settings import Settings

# Not while a turn is under way, something waits to be answered, or a person talks with the contact. The lane is locked
# first, as everywhere; then whatever comes waits for this transaction.
LOCK = text("SELECT owner FROM lane WHERE contact_id = :contact FOR UPDATE")
OPEN = text(
    """
    WITH free AS MATERIALIZED (
        SELECT c.id, coalesce(c.language, :language) AS language, c.session_number
            + CASE WHEN c.session_seen_at < :stale_at THEN 1 ELSE 0 END AS number
        FROM contact c WHERE c.id = :contact AND c.erase_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.contact_id = c.id AND t.finished_at IS NULL)
          AND NOT EXISTS (SELECT 1 FROM message m WHERE m.contact_id = c.id AND m.turn_id IS NULL)
          AND NOT EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id AND h.closed_at IS NULL)
        FOR NO KEY UPDATE),
    made AS (
        INSERT INTO turn (contact_id, session_number, text, decision, language, started_at)
        SELECT id, number, CAST(:asked AS text), 'ask_rasa', language, CAST(:now AS timestamptz) FROM free
        RETURNING id, contact_id, session_number),
    seen AS (
        UPDATE contact c SET session_number = made.session_number, session_seen_at = :now FROM made
        WHERE c.id = made.contact_id),
    woken AS (
        UPDATE lane l SET ready_at = least(l.ready_at, :now) FROM made WHERE l.contact_id = made.contact_id)
    SELECT id, pg_notify('inbox', '') FROM made
    """
)


async def open_conversation(session: Executes, settings: Settings, contact_id: int, asked: str, now: datetime) -> bool:
    """Has Rasa asked this, such as /energy_comparison, in the contact's name; False: not now, try again later.

    The caller commits, and sees to it that the 24-hour window is open and that this happens once.
    """
    lane = (await session.execute(LOCK, {"contact": contact_id})).one_or_none()
    if lane is None or lane.owner is not None:
        return False
    values = {"contact": contact_id, "asked": asked, "language": settings.language.value, "now": now}
    values["stale_at"] = now - timedelta(hours=settings.session_hours)
    return (await session.execute(OPEN, values)).one_or_none() is not None
