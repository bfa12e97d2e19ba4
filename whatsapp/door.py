"""Since when webhooks can come in: a web app writes down that it is there, and a gap starts the time anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

BEAT_SECONDS = 2.0
GAP = timedelta(seconds=10)  # longer than a beat that is late; WhatsApp tries again within this time
FORGOTTEN = timedelta(days=2)

OPEN = text("""
    WITH forgotten AS (DELETE FROM door WHERE beat_at < :before)
    INSERT INTO door (opened_at, beat_at) VALUES (:now, :now) RETURNING id
""")
BEAT = text("""
    UPDATE door SET beat_at = :now, opened_at = CASE WHEN beat_at < :before THEN :now ELSE opened_at END WHERE id = :id
""")


async def open_door(session: AsyncSession, now: datetime) -> int:
    """A web app begins to take webhooks in; the number of its row. The caller commits."""
    return int((await session.execute(OPEN, {"now": now, "before": now - FORGOTTEN})).scalar_one())


async def beat_door(session: AsyncSession, door_id: int, now: datetime) -> None:
    """It is still there. After a gap (it hung, or the database was away) its time begins anew."""
    await session.execute(BEAT, {"id": door_id, "now": now, "before": now - GAP})
