"""The worker's part of learning: to start it once a day, in a process of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from zoneinfo import ZoneInfo

from core.settings import Settings
from scoring.learned.minimum import claim_day
from webhook.shift import Shift

log = logging.getLogger(__name__)

LOOKING = 600.0  # seconds between two looks whether the day's learning is to be done
PROGRAM = "import os, sys; os.nice(15); from webhook.cli import app; sys.argv = ['pronto', 'learn', '--if-due']; app()"


async def step_learning(shift: Shift) -> None:
    """Once a day, in a process of its own so that turns do not wait: defection limits, and a model if one is due."""
    settings, now = shift.desk.settings, shift.desk.now()
    local = now.astimezone(ZoneInfo(settings.timezone))
    if local.hour >= settings.score_hour:
        async with shift.desk.sessions.begin() as session:
            claimed = await claim_day(session, local.date())
        if claimed:
            await start_learning(settings)
    await asyncio.sleep(LOOKING)


async def start_learning(settings: Settings) -> None:
    """Runs `pronto learn --if-due` below everybody else's priority; it stops with the worker."""
    environment = os.environ | settings.as_environment()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        if code := await process.wait():
            log.warning("learning ended with %s", code)
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
