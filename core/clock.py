"""What time it is: the database's clock, so that several hosts agree, plus what the demo moved it forward."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ahead = timedelta()  # what to add to this host's clock


def now() -> datetime:
    """The present in UTC. Pure functions take it as an argument; only edges call this."""
    return datetime.fromtimestamp(time.time(), UTC) + _ahead


async def sync_clock(session: AsyncSession) -> None:
    """Reads the database's clock and the demo's shift. Called at start and whenever the `clock` channel rings."""
    global _ahead  # noqa: PLW0603  (one clock per process)
    row = await session.execute(text("SELECT clock_timestamp(), (SELECT moved_seconds FROM clock WHERE id = 1)"))
    there, moved = row.one()
    _ahead = there - datetime.fromtimestamp(time.time(), UTC) + timedelta(seconds=moved or 0)


async def move_clock(session: AsyncSession, seconds: float) -> None:
    """Moves the demo's clock forward by so many seconds and tells every process; the caller commits."""
    if seconds < 0:
        raise ValueError("the clock only moves forward")
    await session.execute(
        text(
            "INSERT INTO clock (id, moved_seconds) VALUES (1, :s)"
            " ON CONFLICT (id) DO UPDATE SET moved_seconds = clock.moved_seconds + :s"
        ),
        {"s": seconds},
    )
    await session.execute(text("SELECT pg_notify('clock', '')"))
