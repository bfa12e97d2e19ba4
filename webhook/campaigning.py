"""The worker's part of campaigns: plans, lets in, moves on, counts, and watches for harm."""

from __future__ import annotations

import asyncio

from campaigns.plans import enter_due
from campaigns.release.watch import watch_campaigns
from campaigns.results.conversions import mark_conversions
from campaigns.triggers.moments import plan_moments
from campaigns.triggers.planning import plan_days
from campaigns.walking import walk_due
from webhook.shift import POLL, Shift, wait_for

GATHER = 0.1  # seconds after the bell: the answer whose turn rang it leaves first
BATCH = 500  # plans and enrollments per transaction
CALENDAR = 60.0  # seconds between two looks at what the calendar says
COUNTING = 10.0  # at conversions
WATCHING = 1.0  # and at what is due to start, end or pause


async def step_campaigns(shift: Shift) -> None:
    """Plans what happened, lets in who is due, and moves those on a journey on; rests until something happens."""
    desk = shift.desk
    shift.happened.clear()
    await plan_moments(desk.sessions, desk.now())
    entered = await enter_due(desk.sessions, desk.settings, desk.now(), BATCH)
    walked = await walk_due(desk.sessions, desk.settings, desk.now(), BATCH)
    if not entered and not walked:
        await wait_for(shift.happened, POLL)
        await asyncio.sleep(GATHER)


async def step_calendar(shift: Shift) -> None:
    """Plans what the calendar says."""
    await plan_days(shift.desk.sessions, shift.desk.settings, shift.desk.now())
    await asyncio.sleep(CALENDAR)


async def step_counting(shift: Shift) -> None:
    """Counts conversions, also of those left alone."""
    await mark_conversions(shift.desk.sessions, shift.desk.now())
    await asyncio.sleep(COUNTING)


async def step_watching(shift: Shift) -> None:
    """Starts and ends campaigns whose time has come, and pauses those that do harm."""
    await watch_campaigns(shift.desk.sessions, shift.desk.settings, shift.desk.now())
    await asyncio.sleep(WATCHING)
