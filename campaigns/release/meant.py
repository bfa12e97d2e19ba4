"""Whom a journey's triggers mean on a day, as the store is now; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.journey import Journey
from campaigns.journeys.triggers import Daily, Keyword, Moment
from campaigns.triggers.days import foresee_daily
from campaigns.triggers.keywords import find_keyword
from campaigns.triggers.moments import list_wanted

DAY = timedelta(days=1)

EVENTS = text("""
    SELECT DISTINCT ON (e.contact_id) e.contact_id, e.at FROM event e
    JOIN contact c ON c.id = e.contact_id AND c.erased_at IS NULL
    WHERE e.kind = :kind AND e.at >= :since AND e.at < :until AND e.data @> CAST(:where AS jsonb)
    ORDER BY e.contact_id, e.at
""")
TURNS = text("""
    SELECT contact_id, text, intent, finished_at AS at FROM turn WHERE finished_at >= :since AND finished_at < :until
    ORDER BY id
""")
WAITING = text("""
    SELECT contact_id, due_at, data FROM plan WHERE campaign = :campaign AND due_at >= :since AND due_at < :until
    ORDER BY due_at, id
""")


@dataclass(frozen=True)
class Meant:
    """A contact a trigger means. at: when it would enter; values: what the trigger knows for texts."""

    contact_id: int
    at: datetime
    values: Mapping[str, str] = field(default_factory=dict)


async def list_meant(
    session: AsyncSession, campaign: str, journey: Journey, zone: str, day: date, since: datetime
) -> dict[int, Meant]:
    """The contacts of a day, each once, by its first trigger. since: the beginning of the 24 hours that are that day.

    Plans that lie in wait for that day are among them, such as of contacts put in by hand.
    """
    span = {"since": since, "until": since + DAY}
    found: dict[int, Meant] = {}
    for row in await session.execute(WAITING, span | {"campaign": campaign}):
        found.setdefault(row.contact_id, Meant(row.contact_id, row.due_at, row.data.get("values", {})))
    for trigger in journey.triggers:
        if isinstance(trigger, Daily):
            for row in await foresee_daily(session, trigger, campaign, zone, since + DAY / 2, day):
                found.setdefault(row.contact_id, Meant(row.contact_id, row.due_at, row.data.get("values", {})))
        elif isinstance(trigger, Moment):
            for contact_id, at in await list_moments(session, trigger, span):
                hour = (at + trigger.wait).replace(minute=0, second=0, microsecond=0)  # few times to ask for
                found.setdefault(contact_id, Meant(contact_id, hour))
    return found


async def list_moments(
    session: AsyncSession, trigger: Moment, span: Mapping[str, datetime]
) -> list[tuple[int, datetime]]:
    """To whom it happened in a span of time, and when."""
    if isinstance(trigger, Keyword):
        return [
            (row.contact_id, row.at)
            for row in await session.execute(TURNS, span)
            if find_keyword(trigger, row.text, row.intent)
        ]
    found: list[tuple[int, datetime]] = []
    for wanted in list_wanted(trigger):
        values: dict[str, Any] = {"kind": str(wanted.kind), "where": orjson.dumps(dict(wanted.where)).decode()}
        found += [(row.contact_id, row.at) for row in await session.execute(EVENTS, {**span, **values})]
    return found
