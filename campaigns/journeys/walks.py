"""Enrollments taken up to be moved on, and stored again with the way they went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.advance import Go, Position
from campaigns.running import EACH, WAITING
from core.db import Sessions

WAKES = 1000  # at a time

COLUMNS = "e.id, e.campaign, e.version_id, e.contact_id, e.arm, e.step, e.step_at, e.entered_at, e.context"
# By campaign, so that what a paused one has due stands in nobody's way. With their contacts, whom the gate locks too,
# and without waiting for anybody: whoever is in a turn or with another worker comes a moment later.
UNSHARED = "FOR UPDATE OF e SKIP LOCKED FOR NO KEY UPDATE OF c SKIP LOCKED"
CLAIM = text(
    f"""
    WITH {WAITING.format("enrollment")}
    SELECT due.* FROM waiting w CROSS JOIN LATERAL (
        SELECT {COLUMNS} FROM enrollment e JOIN contact c ON c.id = e.contact_id
        WHERE e.campaign = w.name AND e.due_at <= :now
        ORDER BY e.due_at, e.id LIMIT {EACH} {UNSHARED}) due
    """  # noqa: S608  (our own columns)
)
CLAIM_ONE = text(
    f"SELECT {COLUMNS} FROM enrollment e JOIN contact c ON c.id = e.contact_id"  # noqa: S608
    f" WHERE e.id = :id AND e.campaign = ANY(CAST(:campaigns AS text[])) AND e.due_at <= :now {UNSHARED}"
)
# What waits for its time to be sent is not asked again each time something happens. In the order of their ids, for two
# workers may wake the same; and waiting for whoever moves one just now, who may have looked before it happened.
WAKE = text(
    """
    WITH woken AS MATERIALIZED (
        DELETE FROM wake
        WHERE id = ANY(ARRAY(SELECT id FROM wake ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED))
        RETURNING contact_id),
    found AS MATERIALIZED (
        SELECT id FROM enrollment WHERE contact_id IN (SELECT contact_id FROM woken) AND ended_at IS NULL
        AND step IS NOT NULL AND NOT context ? 'held' ORDER BY id FOR UPDATE),
    due AS (
        UPDATE enrollment e SET due_at = least(e.due_at, :now) FROM found WHERE e.id = found.id AND e.ended_at IS NULL)
    SELECT count(*) FROM woken
    """
)
STORE = text(
    """
    UPDATE enrollment e SET step = n.step, step_at = n.step_at, due_at = n.due_at, context = n.context,
        ended_at = n.ended_at, outcome = n.outcome
    FROM json_to_recordset(CAST(:rows AS json)) AS n (id bigint, step text, step_at timestamptz, due_at timestamptz,
        context jsonb, ended_at timestamptz, outcome text)
    WHERE e.id = n.id
    """
)
STORE_TRAIL = text(
    """
    INSERT INTO enrollment_step (enrollment_id, step, at, moved_by)
    SELECT id, step, at, moved_by FROM json_to_recordset(CAST(:rows AS json))
        AS n (id bigint, step text, at timestamptz, moved_by text)
    """
)


@dataclass
class Walk:
    """An enrollment on the move. context: converted, heard, visits (per step), held, best_at, its plan's values."""

    id: int
    campaign: str
    version_id: int
    contact_id: int
    arm: str
    step: str | None
    step_at: datetime
    entered_at: datetime
    context: dict[str, Any]
    due_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    trail: list[tuple[str, datetime, str]] = field(default_factory=list)

    @property
    def position(self) -> Position:
        return Position(
            step=self.step or "",
            step_at=self.step_at,
            entered_at=self.entered_at,
            arm=self.arm,
            converted=bool(self.context.get("converted")),
            heard=int(self.context.get("heard", 0)),
        )

    @property
    def key(self) -> str:
        """Of what this step does: the same visit of the same step never does it twice."""
        visits = self.context.get("visits", {}).get(self.step, 0)
        return f"campaign:{self.id}:{self.step}:{visits}"

    def go(self, move: Go, now: datetime) -> None:
        """Comes to another step."""
        visits = self.context.get("visits", {})
        if self.step:
            self.context["visits"] = visits | {self.step: visits.get(self.step, 0) + 1}
        if move.converted:
            self.context["converted"] = True
        if move.signal and not move.signal.kind:
            self.context["heard"] = move.signal.id
        for word in ("held", "best_at"):
            self.context.pop(word, None)
        self.step, self.step_at, self.due_at = move.step, move.at, None
        self.trail.append((move.step, now, move.moved_by))

    def stay(self, until: datetime, held: bool = False) -> None:
        """Is looked at again then. held: its message may not go before."""
        self.due_at = until
        if held:
            self.context["held"] = True
        else:
            self.context.pop("held", None)

    def leave(self, outcome: str, now: datetime) -> None:
        """Is over."""
        self.ended_at, self.outcome, self.due_at = now, outcome, None


async def wake_enrolled(sessions: Sessions, now: datetime) -> int:
    """Makes those due to whom something happened; of how many contacts, in a transaction of its own."""
    async with sessions.begin() as session:
        return int(await session.scalar(WAKE, {"now": now, "limit": WAKES}) or 0)


async def claim_walks(session: AsyncSession, campaigns: Sequence[str], now: datetime, limit: int) -> list[Walk]:
    """Takes up to `limit` enrollments that are due, of each campaign its share; no two workers get the same."""
    rows = await session.execute(CLAIM, {"campaigns": list(campaigns), "now": now, "limit": limit})
    return [read_walk(row) for row in rows]


async def claim_walk(session: AsyncSession, enrollment_id: int, campaigns: Sequence[str], now: datetime) -> Walk | None:
    """Takes one, if it is still due."""
    values = {"id": enrollment_id, "campaigns": list(campaigns), "now": now}
    row = (await session.execute(CLAIM_ONE, values)).one_or_none()
    return read_walk(row) if row else None


def read_walk(row: Row[Any]) -> Walk:
    return Walk(**row._mapping)


async def store_walks(session: AsyncSession, walks: Iterable[Walk]) -> None:
    """Writes where they stand now, and the steps they came by."""
    moved = list(walks)
    fields = ("id", "step", "step_at", "due_at", "context", "ended_at", "outcome")
    rows = [{name: getattr(walk, name) for name in fields} for walk in moved]
    await session.execute(STORE, {"rows": orjson.dumps(rows).decode()})
    trail = [
        {"id": walk.id, "step": step, "at": at, "moved_by": moved_by}
        for walk in moved
        for step, at, moved_by in walk.trail
    ]
    if trail:
        await session.execute(STORE_TRAIL, {"rows": orjson.dumps(trail).decode()})
