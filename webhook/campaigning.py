"""The worker's part of campaigns: plans, lets in, moves on, counts, and watches for harm."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from campaigns.release.watch import Watch
from campaigns.results.conversions import mark_conversions
from campaigns.round import work_round
from campaigns.triggers.moments import plan_moments
from campaigns.triggers.planning import plan_days
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
    if not await work_round(desk.sessions, desk.settings, desk.now(), BATCH):
        await wait_for(shift.happened, POLL)
        await asyncio.sleep(GATHER)


async def step_calendar(shift: Shift) -> None:
    """Plans what the calendar says; and what happened is noted as seen, also while no campaign runs."""
    await plan_moments(shift.desk.sessions, shift.desk.now())
    await plan_days(shift.desk.sessions, shift.desk.settings, shift.desk.now())
    await asyncio.sleep(CALENDAR)


async def step_counting(shift: Shift) -> None:
    """Counts conversions, also of those left alone."""
    await mark_conversions(shift.desk.sessions, shift.desk.now())
    await asyncio.sleep(COUNTING)


@dataclass
class Watching:
    """Starts and ends campaigns whose time has come, and pauses those that do harm."""

    shift: Shift
    watch: Watch = field(default_factory=Watch)

    async def step(self) -> None:
        """One look."""
        desk = self.shift.desk
        await self.watch.look(desk.sessions, desk.settings, desk.now())
        await asyncio.sleep(WATCHING)
