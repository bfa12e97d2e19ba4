"""Scores all contacts set-based, in chunks by id: beside traffic, in any number of processes, on after a kill.

A run is a row of score_run. Whoever holds its row does the next chunk and moves its position on in the same
transaction; what a kill leaves behind is the position.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from offers.next_offer import refresh_next_offers
from scoring.crossing import Crossing, note_crossings
from scoring.editions import BEGIN_RUN, read_edition
from scoring.refresh import CLEAR, ZONE, refresh_contact
from scoring.rollup import roll_up, write_array
from scoring.rules import RuleBook
from scoring.writing import find_different, write_scores

CHUNK = 5000  # contacts per transaction
KEPT = timedelta(days=30)  # runs are remembered

TAKE_RUN = text(
    "SELECT zone, day, rules, position FROM score_run WHERE finished_at IS NULL ORDER BY started_at, zone LIMIT 1"
    " FOR UPDATE SKIP LOCKED"
)
MOVE_ON = text(
    "UPDATE score_run SET position = :position, finished_at = :finished_at"
    " WHERE zone = :zone AND day = :day AND rules = :rules"
)
FORGET = text("DELETE FROM score_run WHERE finished_at < :before")
# Who has no roll-up, something new, or a roll-up that time or a newly learned limit made old, is rolled up first.
CHOOSE = text(
    """
    SELECT c.id, st.contact_id IS NULL OR c.score_stale_at IS NOT NULL OR st.due_at <= :now
        OR st.bought_on IS NOT NULL AND st.lapses_on - st.bought_on IS DISTINCT FROM coalesce(
            (SELECT days FROM defection_limit WHERE segment = CASE
                WHEN st.bought_days[1] = st.bought_days[cardinality(st.bought_days)] THEN 'first_buyer'
                ELSE 'repeat_buyer' END),
            (SELECT days FROM defection_limit WHERE segment = 'all')) AS old
    FROM contact c LEFT JOIN contact_stat st ON st.contact_id = c.id
    WHERE c.id > :position AND c.erased_at IS NULL AND (:only = '' OR coalesce(c.timezone, :zone) = :only)
    ORDER BY c.id LIMIT :size
    """
)
LOCK = text("SELECT id FROM contact WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED")
HOLD = text("SELECT 1 FROM contact WHERE id = :id AND erased_at IS NULL FOR NO KEY UPDATE")
# The texts of receipts hold days as PostgreSQL writes them. A plan made once for any list of contacts (core/db.py)
# expects ten of them and compares each of thousands with each: here planning anew is a trifle.
PREPARE = text("SELECT set_config('datestyle', 'ISO', true), set_config('plan_cache_mode', 'force_custom_plan', true)")
ZONES = text("SELECT DISTINCT timezone FROM contact_stat WHERE timezone IS NOT NULL")
BEGIN_NIGHTLY = text(
    "INSERT INTO score_run (zone, day, rules, position, started_at) SELECT :zone, :day, :rules, 0, :now"
    " WHERE NOT EXISTS (SELECT 1 FROM score_run WHERE zone = '' AND day = :day AND rules = :rules)"
    " ON CONFLICT (zone, day, rules) DO NOTHING"
)


@dataclass(frozen=True)
class Chunk:
    """What one step of a run did. position: the last contact's id; written: scores that were different."""

    zone: str
    position: int
    contacts: int
    written: int
    finished: bool


async def begin_run(session: AsyncSession, now: datetime, zone: str = ZONE) -> int:
    """Has everyone scored today, or goes on where today's run was broken off: after this id. The caller commits."""
    book = await read_edition(session)
    values = {"day": find_day(now, zone), "rules": book.checksum, "now": now}
    return int(await session.scalar(BEGIN_RUN, values) or 0)


async def begin_nightly(session: AsyncSession, now: datetime, hour: int, zone: str = ZONE) -> None:
    """Begins the run of each time zone in which it is `hour` or later, once per day and edition. The caller commits."""
    book = await read_edition(session)
    for name in {zone, *(await session.scalars(ZONES))}:
        if now.astimezone(ZoneInfo(name)).hour >= hour:
            values = {"zone": name, "day": find_day(now, name), "rules": book.checksum, "now": now}
            await session.execute(BEGIN_NIGHTLY, values)


async def score_chunk(
    sessions: Sessions,
    now: datetime,
    zone: str = ZONE,
    size: int = CHUNK,
    look_first: bool = True,
    anew: bool = False,
    hands: int = 1,
) -> Chunk | None:
    """Does the next chunk of the oldest run that is not finished; None if there is none (or others are at it all).

    look_first: read who differs before locking anyone. anew: roll up everyone of the chunk, not only who needs it.
    hands: that many parts of `size` are done at the same time, each in a transaction on a connection of its own.
    """
    async with sessions.begin() as session:
        run = (await session.execute(TAKE_RUN)).one_or_none()
        if run is None:
            return None
        book = await read_edition(session)
        if run.rules != book.checksum or run.day < find_day(now, run.zone or zone):  # another run does better
            return await move_on(session, run, run.position, now, 0, 0, finished=True)
        await session.execute(PREPARE)  # also where it was planned while nobody had a roll-up
        where = {"position": run.position, "only": run.zone, "zone": zone, "size": size * hands, "now": now}
        rows = (await session.execute(CHOOSE, where)).all()
        if not rows:
            await session.execute(FORGET, {"before": now - KEPT})
            return await move_on(session, run, run.position, now, 0, 0, finished=True)
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        done = await asyncio.gather(*(score_part(sessions, part, book, now, zone, look_first, anew) for part in parts))
        left, written = [one for ids, _ in done for one in ids], sum(number for _, number in done)
        last = rows[-1].id
        if not left:
            return await move_on(session, run, last, now, len(rows), written, finished=False)
    for contact_id in left:  # somebody wrote to them just then; alone they can be waited for
        async with sessions.begin() as session:
            await refresh_if_there(session, contact_id, now, zone)
    async with sessions.begin() as session:
        return await move_on(session, run, last, now, len(rows), written + len(left), finished=False)


async def score_part(
    sessions: Sessions,
    rows: Sequence[Row[Any]],
    book: RuleBook,
    now: datetime,
    zone: str,
    look_first: bool,
    anew: bool,
) -> tuple[list[int], int]:
    """Scores a part of a chunk; the ids of contacts somebody holds, and how many scores were written.

    Its transaction is committed before the run moves on: after a kill in between it is done again and changes nothing.
    """
    async with sessions.begin() as session:
        await session.execute(PREPARE)
        old = [row.id for row in rows if row.old]
        rolled = [row.id for row in rows] if anew else old
        others = [] if anew else [row.id for row in rows if not row.old]
        if others and look_first:
            others = await find_different(session, book, others, now, zone)
        wanted = sorted([*rolled, *others])
        if not wanted:
            return [], 0
        held = set(await session.scalars(LOCK, {"ids": write_array(wanted)}))
        if own := [contact_id for contact_id in old if contact_id in held]:
            await refresh_next_offers(session, own, now, zone)
        if own := [contact_id for contact_id in rolled if contact_id in held]:
            await roll_up(session, own, now, zone)
        written, crossings = await write_scores(session, book, sorted(held), now, zone)
        await note_crossings(session, [Crossing(*row) for row in crossings], now)
        if own := [contact_id for contact_id in old if contact_id in held]:
            await session.execute(CLEAR, {"ids": own})
        return [contact_id for contact_id in wanted if contact_id not in held], written


async def refresh_if_there(session: AsyncSession, contact_id: int, now: datetime, zone: str) -> None:
    """Scores a contact that may have been erased or merged meanwhile."""
    if await session.scalar(HOLD, {"id": contact_id}):
        await refresh_contact(session, contact_id, now, zone)


async def move_on(
    session: AsyncSession, run: Row[Any], position: int, now: datetime, contacts: int, written: int, finished: bool
) -> Chunk:
    key = {"zone": run.zone, "day": run.day, "rules": run.rules}
    await session.execute(MOVE_ON, key | {"position": position, "finished_at": now if finished else None})
    return Chunk(run.zone, position, contacts, written, finished)


def find_day(now: datetime, zone: str) -> date:
    """The calendar day in a time zone."""
    return now.astimezone(ZoneInfo(zone)).date()
