"""The demo's campaigns: all that are shipped run, and the sandbox's customers are in none of their control groups."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor
from campaigns.journeys.reading import load_journeys
from campaigns.release.release import approve, check, start
from core.settings import Settings

DEMO = Actor(None, "demo")
RUNS_SINCE = timedelta(days=7)  # a campaign acts on what happened while it ran
BEGUN = text("SELECT name FROM campaign WHERE state <> 'draft'")
# One in ten would be left alone, and whoever tries the demo would wait for nothing.
TREAT = text(
    """
    INSERT INTO arm_assignment (campaign, contact_id, arm, at)
    SELECT :campaign, id, :arm, :now FROM contact WHERE external_id LIKE 'demo-%'
    ON CONFLICT DO NOTHING
    """
)


async def start_campaigns(session: AsyncSession, settings: Settings, now: datetime) -> None:
    """Starts every shipped campaign nobody has touched yet; the caller commits."""
    since = now - RUNS_SINCE
    begun = set(await session.scalars(BEGUN))
    for name, journey in load_journeys().items():
        await session.execute(TREAT, {"campaign": name, "arm": next(iter(journey.arms)), "now": now})
        if name not in begun:
            await check(session, name, DEMO, since)
            await approve(session, settings, name, DEMO, "", since)
            await start(session, name, DEMO, "", since)
