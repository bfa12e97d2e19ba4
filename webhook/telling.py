"""The worker's steps around handoffs that wait for others: another desk is told, customers' files are fetched."""

from __future__ import annotations

import asyncio

import httpx

from inbox.attachments import fetch_attachments
from inbox.chatwoot.client import Chatwoot
from inbox.chatwoot.tell import tell_chatwoot
from inbox.hooks import tell_desk
from webhook.shift import Shift

TELLING = 1.0  # seconds between two looks at what is new
FETCHING = 1.0  # seconds between two looks at what customers sent
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


async def step_chatwoot(shift: Shift) -> None:
    """Tells a Chatwoot what is new, where one is set."""
    desk = shift.desk
    if not desk.settings.chatwoot_url:
        await asyncio.sleep(ABSENT)
        return
    chatwoot = Chatwoot(desk.settings)
    try:
        while True:
            if not await tell_chatwoot(desk.sessions, desk.settings, chatwoot, desk.now()):
                await asyncio.sleep(TELLING)
    finally:
        await chatwoot.aclose()


async def step_files(shift: Shift) -> None:
    """Fetches files customers send while a person has them."""
    desk = shift.desk
    if not await fetch_attachments(desk.sessions, desk.settings, desk.now()):
        await asyncio.sleep(FETCHING)
