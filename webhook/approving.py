"""Templates and WhatsApp: what commands and workers do with them, and why the gate decided as it did."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.why import explain_campaign
from campaigns.journeys.reading import load_journeys
from campaigns.templates.status import apply_reports
from campaigns.templates.sync import Pushed, What, push_templates, sync_daily, sync_templates
from core import clock
from core.db import open_once
from core.settings import Settings
from core.types import Language
from offers.yaml_file import FileError
from webhook.shift import Shift
from whatsapp.management import ManagementError, TemplateClient

log = logging.getLogger(__name__)

LOOKING = 1.0  # seconds between two looks at WhatsApp's reports: a paused template stops its campaigns at once
PATIENCE = 900.0  # between two looks whether a day is over
LATER = "\nThat was the most WhatsApp takes in an hour: run it again later, nothing is done twice."

type Talk = Callable[[AsyncSession, TemplateClient], Awaitable[str]]


async def step_templates(shift: Shift) -> None:
    """Follows what WhatsApp reports about templates."""
    await apply_reports(shift.desk.sessions, shift.desk.now())
    await asyncio.sleep(LOOKING)


async def step_approval(shift: Shift) -> None:
    """Asks WhatsApp once a day how all templates stand; the demo's sandbox has approved them."""
    desk, settings = shift.desk, shift.desk.settings
    if settings.waba_id and not settings.demo:
        try:
            await sync_daily(desk.sessions, settings, desk.now())
        except ManagementError as error:
            log.warning("templates are not synced: %s", error)
    await asyncio.sleep(PATIENCE)


def run_push(settings: Settings) -> str:
    """What was handed in, in lines."""

    async def push(session: AsyncSession, client: TemplateClient) -> str:
        pushed = await push_templates(session, client, settings, clock.now())
        told = [write_pushed(one) for one in pushed if one.what is not What.SAME]
        return "\n".join([*told, f"{len(pushed) - len(told)} templates are at WhatsApp with just this text."])

    return talk(settings, push)


def run_sync(settings: Settings) -> str:
    """How many templates are in which status, in lines."""

    async def sync(session: AsyncSession, client: TemplateClient) -> str:
        counts = await sync_templates(session, client, clock.now())
        return "\n".join(f"{count:5d} {status}" for status, count in sorted(counts.items())) or "There are none."

    return talk(settings, sync)


def write_pushed(one: Pushed) -> str:
    """One line."""
    return f"{one.name} ({one.language}) {one.what}" + (f": {one.problem}" if one.problem else "")


def talk(settings: Settings, act: Talk) -> str:
    """Does something with WhatsApp in a transaction; ends with one sentence where WhatsApp refuses."""

    async def run() -> str:
        async with TemplateClient(settings) as client, open_once(settings.database_url) as session:
            await clock.sync_clock(session)
            return await act(session, client)

    try:
        return asyncio.run(run())
    except ManagementError as error:
        raise SystemExit(str(error) + (LATER if error.limited else "")) from error


async def say_why(session: AsyncSession, settings: Settings, contact_id: int, campaign: str, language: Language) -> str:
    """Why a campaign writes to a contact or not; ends with one sentence where there is no such campaign."""
    try:
        journeys = load_journeys()
    except FileError as error:
        raise SystemExit(str(error)) from error
    if campaign not in journeys:
        raise SystemExit(f"no campaign {campaign}: use one of {', '.join(journeys)}")
    now = clock.now()
    return "\n".join(await explain_campaign(session, settings, contact_id, campaign, journeys[campaign], language, now))
