"""Brings a demo whose clock was moved back to the present: what happened on the moved clock was just now.

Otherwise messages would lie in the future: windows stay open, paced senders wait for days, and WhatsApp's own times,
which the sandbox starts anew with, are long past.
"""

from __future__ import annotations

from sqlalchemy import DateTime, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Base

MOVED = text("SELECT moved_seconds FROM clock WHERE id = 1 FOR UPDATE")
LAST = 5.0  # seconds into which everything later than now is pressed, in its order; the demo was down in them


def list_statements() -> list[str]:
    """One UPDATE per table with times in it."""
    statements = []
    for table in Base.metadata.sorted_tables:
        times = [column.name for column in table.columns if isinstance(column.type, DateTime)]
        if times:
            changes = ", ".join(f"{one} = {press(one)}" for one in times)
            later = " OR ".join(f"{one} > now()" for one in times)
            statements.append(f"UPDATE {table.name} SET {changes} WHERE {later}")  # noqa: S608  (our own names)
    return statements


def press(column: str) -> str:
    """SQL: a time up to now stays; one of the moved span comes to lie within the last seconds, the later the nearer."""
    share = f"extract(epoch FROM {column} - now()) / CAST(:moved AS float8)"
    pressed = f"now() - make_interval(secs => CAST(:last AS float8) * greatest(0, 1 - {share}))"
    return f"CASE WHEN {column} > now() THEN {pressed} ELSE {column} END"


async def rewind_clock(session: AsyncSession) -> float:
    """Sets the demo's clock to the present again; by how many seconds it was ahead. The caller commits."""
    moved = float(await session.scalar(MOVED) or 0)
    if moved:
        for statement in list_statements():
            await session.execute(text(statement), {"moved": moved, "last": min(LAST, moved)})
        await session.execute(text("UPDATE contact SET score_stale_at = now() WHERE erased_at IS NULL"))
        await session.execute(text("DELETE FROM clock"))
    return moved
