"""Editions of journeys: each change of a file is a version, and who is under way stays with theirs or is moved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.journey import Journey
from campaigns.journeys.reading import parse_journey
from campaigns.journeys.steps import Wait

READ = text("SELECT id, campaign, content FROM campaign_version WHERE id = ANY(CAST(:ids AS bigint[]))")
NEWEST = text("""
    SELECT id, number, content FROM campaign_version WHERE campaign = :campaign ORDER BY number DESC LIMIT 1
""")
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('campaign_version'), hashtext(:campaign))")
PUBLISH = text("""
    INSERT INTO campaign_version (campaign, number, content, published_by, published_at)
    VALUES (:campaign, :number, :content, :by, :now) RETURNING id
""")
ENTER = text("""
    INSERT INTO campaign (name, version_id, changed_at) VALUES (:campaign, :version_id, :now)
    ON CONFLICT (name) DO UPDATE SET version_id = excluded.version_id
""")
MOVE = text("""
    WITH moved AS (
        UPDATE enrollment SET version_id = :version_id, step = :new, step_at = CASE WHEN step = :new THEN step_at
            ELSE :now END, due_at = CASE WHEN step = :new AND :waits THEN due_at ELSE CAST(:now AS timestamptz) END
        WHERE campaign = :campaign AND ended_at IS NULL AND version_id <> :version_id AND step = :old
        RETURNING id, (SELECT e.step FROM enrollment e WHERE e.id = enrollment.id) AS old)
    INSERT INTO enrollment_step (enrollment_id, step, at, moved_by)
    SELECT id, :new, CAST(:now AS timestamptz), 'version' FROM moved WHERE old <> :new
""")
STEPS = text("""
    SELECT DISTINCT step FROM enrollment
    WHERE campaign = :campaign AND ended_at IS NULL AND version_id <> :version_id AND step IS NOT NULL
""")


async def read_versions(session: AsyncSession, version_ids: Iterable[int]) -> dict[int, Journey]:
    """The journeys of these versions, by id; parsed once per process."""
    rows = await session.execute(READ, {"ids": sorted(set(version_ids))})
    return {row.id: parse_journey(row.campaign, row.content) for row in rows}


async def publish_version(session: AsyncSession, campaign: str, content: str, by: str, now: datetime) -> int:
    """Makes this the campaign's newest version and gives its id; what is the newest already is not published again.

    The campaign is made, as a draft, if there is none of this name. Those under way stay with their version, or go
    over to this one as its `running` and `moves` say. Raises FileError if the journey does not hold together.
    """
    journey = parse_journey(campaign, content)
    await session.execute(LOCK, {"campaign": campaign})
    newest = (await session.execute(NEWEST, {"campaign": campaign})).one_or_none()
    if newest and newest.content == content:
        return int(newest.id)
    number = newest.number + 1 if newest else 1
    row = {"campaign": campaign, "number": number, "content": content, "by": by, "now": now}
    version_id = int((await session.execute(PUBLISH, row)).scalar_one())
    await session.execute(ENTER, {"campaign": campaign, "version_id": version_id, "now": now})
    if journey.running == "move":
        await move_running(session, campaign, version_id, journey, now)
    return version_id


async def move_running(session: AsyncSession, campaign: str, version_id: int, journey: Journey, now: datetime) -> None:
    """Takes those under way into a version; who stands at a step it neither has nor moves finishes with the old one."""
    names = {"campaign": campaign, "version_id": version_id}
    for old in list(await session.scalars(STEPS, names)):
        new = journey.moves.get(old, old)
        if new in journey.steps:
            waits = isinstance(journey.steps[new], Wait)
            await session.execute(MOVE, names | {"old": old, "new": new, "now": now, "waits": waits})
