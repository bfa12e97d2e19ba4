"""One round of a worker's campaigns: plans what happened, lets in who is due, moves on those on a journey.

What there is to do is asked first, in one statement: most rounds find nothing, and cost no more than that.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from campaigns.plans import enter_due
from campaigns.triggers.moments import plan_moments
from campaigns.walking import walk_due
from core.db import Sessions
from core.settings import Settings

# The newest first and no further: to look for any newer one, PostgreSQL might go through the whole table.
NEWEST = "(SELECT xact FROM {0} WHERE xact IS NOT NULL ORDER BY xact DESC LIMIT 1) >= pg_snapshot_xmax(seen.at)"
LATE = "EXISTS (SELECT 1 FROM {0} WHERE xact = ANY(ARRAY(SELECT pg_snapshot_xip(seen.at))))"
DUE = (
    "EXISTS (SELECT 1 FROM running r WHERE EXISTS (SELECT 1 FROM {0} t WHERE t.campaign = r.name AND t.due_at <= :now))"
)
WORK = text(
    f"""
    WITH running AS MATERIALIZED (SELECT name FROM campaign WHERE state = 'running'),
    seen AS MATERIALIZED (
        SELECT CAST(max(snapshot) AS pg_snapshot) AS at FROM trigger_mark WHERE campaign = '' AND trigger = 'moments')
    SELECT EXISTS (SELECT 1 FROM running) AND (
               seen.at IS NULL OR pg_snapshot_xmax(seen.at) > pg_snapshot_xmax(pg_current_snapshot())
               OR {NEWEST.format("event")} OR {NEWEST.format("turn")}
               OR {LATE.format("event")} OR {LATE.format("turn")}) AS news,
           {DUE.format("plan")} AS entering,
           {DUE.format("enrollment")} OR EXISTS (SELECT 1 FROM wake) AS walking
    FROM seen
    """  # noqa: S608  (our own words)
)


async def work_round(sessions: Sessions, settings: Settings, now: datetime, limit: int = 500) -> int:
    """Up to `limit` plans and as many enrollments; how many, 0: nothing is due. Any number of workers may do it."""
    async with sessions.begin() as session:
        work = (await session.execute(WORK, {"now": now})).one()
    planned = await plan_moments(sessions, now) if work.news else 0
    entered = await enter_due(sessions, settings, now, limit) if planned or work.entering else 0
    walked = await walk_due(sessions, settings, now, limit) if entered or work.walking else 0
    return entered + walked
