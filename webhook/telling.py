"""The worker's step that tells another desk of handoffs, where one is set."""

from __future__ import annotations

import asyncio

import httpx

from inbox.hooks import tell_desk
from webhook.shift import Shift

TELLING = 1.0  # seconds between two looks at what is new
ABSENT = 60.0  # and where there is no other desk


async def step_desk(shift: Shift) -> None:
    """Tells what is new, and again what was not taken, over kept connections until something goes wrong."""
    desk = shift.desk
    if not desk.settings.desk_webhook_url:
        await asyncio.sleep(ABSENT)
        return
    async with httpx.AsyncClient() as client:
        while True:
            if not await tell_desk(desk.sessions, desk.settings, client, desk.now()):
                await asyncio.sleep(TELLING)
