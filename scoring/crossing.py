"""What happens when a contact gets into another band: a task for a person, or an event campaigns wait for. Once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import EventKind

TIME_TO_ACT = timedelta(days=1)
NEW_TASKS = text(
    """
    INSERT INTO task (contact_id, kind, facts, key, created_at, due_on)
    SELECT id, :kind, CAST(facts AS jsonb), key, :now, due
    FROM unnest(CAST(:ids AS bigint[]), CAST(:facts AS text[]), CAST(:keys AS text[]), CAST(:dues AS date[]))
         AS new (id, facts, key, due)
    ON CONFLICT (key) DO NOTHING
    """
)
NEW_EVENTS = text(
    """
    INSERT INTO event (contact_id, kind, at, key, data)
    SELECT id, :kind, :now, key, CAST(facts AS jsonb)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:facts AS text[]), CAST(:keys AS text[])) AS new (id, facts, key)
    ON CONFLICT (key) DO NOTHING
    """
)


@dataclass(frozen=True)
class Crossing:
    """A contact's way from one band into another. day: the contact's own; on_enter: what the new band asks for."""

    contact_id: int
    pack: str
    before: str
    band: str
    points: int
    on_enter: str
    day: date

    @property
    def key(self) -> str:
        """The same band on the same day is the same crossing: back and forth makes one task."""
        return f"band:{self.contact_id}:{self.band}:{self.day}"

    @property
    def facts(self) -> dict[str, Any]:
        return {"band": self.band, "before": self.before, "points": self.points, "pack": self.pack}


async def note_crossings(session: AsyncSession, crossings: Sequence[Crossing], now: datetime) -> None:
    """Does what the bands ask for, in the transaction that changes the scores."""
    tasks = [one for one in crossings if one.on_enter == "task"]
    triggers = [one for one in crossings if one.on_enter == "trigger"]
    if tasks:
        dues = {"dues": [one.day + TIME_TO_ACT for one in tasks]}
        await session.execute(NEW_TASKS, make_columns(tasks, now) | dues)
    if triggers:
        await session.execute(NEW_EVENTS, make_columns(triggers, now))


def make_columns(crossings: Sequence[Crossing], now: datetime) -> dict[str, Any]:
    """Arrays for unnest."""
    return {
        "kind": EventKind.BAND_CROSSED.value,
        "ids": [one.contact_id for one in crossings],
        "facts": [json.dumps(one.facts) for one in crossings],
        "keys": [one.key for one in crossings],
        "now": now,
    }
