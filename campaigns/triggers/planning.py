"""Plans for the running campaigns: at once what happened, once a minute what the calendar says."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.triggers import Daily, Inactivity, name_trigger
from campaigns.triggers.days import plan_daily
from campaigns.triggers.moments import list_listening
from core.db import Sessions
from core.settings import Settings

# Looks at every contact, so once a day is enough: nobody becomes inactive before tomorrow.
TAKE_DAY = text(
    """
    INSERT INTO trigger_mark AS m (campaign, trigger, day) VALUES (:campaign, :trigger, :day)
    ON CONFLICT (campaign, trigger) DO UPDATE SET day = excluded.day WHERE m.day IS NULL OR m.day < excluded.day
    RETURNING day
    """
)
ONE = text("SELECT pg_try_advisory_xact_lock(7407, hashtext(:campaign))")  # one worker per campaign is enough


async def plan_days(sessions: Sessions, settings: Settings, now: datetime) -> int:
    """Plans what the calendar says for every running campaign, a day ahead and catching up; how many are new."""
    async with sessions.begin() as session:
        campaigns = await list_listening(session)
    planned = 0
    for one in campaigns:
        async with sessions.begin() as session:
            if await session.scalar(ONE, {"campaign": one.campaign}):
                for trigger in one.journey.triggers:
                    if isinstance(trigger, Daily) and await take_day(session, one.campaign, trigger, now.date()):
                        planned += await plan_daily(session, trigger, one.campaign, settings.timezone, now)
    return planned


async def take_day(session: AsyncSession, campaign: str, trigger: Daily, day: date) -> bool:
    """Whether the trigger is to be looked for now."""
    if not isinstance(trigger, Inactivity):
        return True
    values = {"campaign": campaign, "trigger": name_trigger(trigger), "day": day}
    return await session.scalar(TAKE_DAY, values) is not None
