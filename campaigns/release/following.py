"""The next messages of those under way: whose time to wait is over today, if nothing happens before."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.journey import Journey
from campaigns.journeys.steps import Converse, HandOver, MakeTask, Send, Wait
from campaigns.journeys.versions import read_versions

DUE = text("""
    SELECT version_id, step, arm, count(*) AS people FROM enrollment
    WHERE campaign = :campaign AND due_at < :until AND ended_at IS NULL AND step IS NOT NULL
    GROUP BY version_id, step, arm
""")


async def foresee_follow_ups(session: AsyncSession, campaign: str, zone: str, now: datetime) -> Counter[str]:
    """Templates and how many people would be asked about with them until the day ends. The gate is not asked."""
    tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    until = datetime.combine(tomorrow, time(), ZoneInfo(zone)).astimezone(UTC)
    rows = (await session.execute(DUE, {"campaign": campaign, "until": until})).all()
    journeys = await read_versions(session, [row.version_id for row in rows])
    found: Counter[str] = Counter()
    for row in rows:
        if template := find_next_template(journeys[row.version_id], row.step, row.arm):
            found[template] += row.people
    return found


def find_next_template(journey: Journey, name: str, arm: str) -> str | None:
    """What somebody at a step gets whose time is over; None: something else, or what it is depends on more."""
    step = journey.steps.get(name)
    if isinstance(step, Wait):
        step = journey.steps[step.longest.go]
    for _ in journey.steps:
        match step:
            case Send():
                return step.choose_template(arm)
            case MakeTask() | Converse() | HandOver():
                step = journey.steps[step.then]
            case _:
                return None
    return None
