"""Hands our templates in at WhatsApp, and fetches what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.templates.definitions import load_samples, load_templates
from campaigns.templates.meta import Creation, is_same, list_creations
from campaigns.templates.status import store_state
from core.db import Sessions
from core.settings import Settings
from whatsapp.management import ManagementError, TemplateClient

FRESH = timedelta(days=1)
GONE = text(
    "UPDATE template_state SET status = 'DELETED', changed_at = :now, synced_at = :now"
    " WHERE status <> 'DELETED' AND NOT (name, language) IN"
    " (SELECT * FROM unnest(CAST(:names AS text[]), CAST(:languages AS text[])))"
)
SYNCED = text("UPDATE template_state SET synced_at = :now")
NEWEST = text("SELECT max(synced_at) FROM template_state")

type Theirs = dict[tuple[str, str], dict[str, Any]]


class What(StrEnum):
    """What was done about one template."""

    SAME = "same"  # WhatsApp has just this text
    CREATED = "created"
    EDITED = "edited"
    REFUSED = "refused"


@dataclass(frozen=True)
class Pushed:
    """One template in one language. problem: why it was refused."""

    name: str
    language: str
    what: What
    problem: str | None = None


async def fetch_templates(client: TemplateClient) -> Theirs:
    """All that WhatsApp has, by name and language. ManagementError: it does not answer."""
    return {(row["name"], row["language"]): row async for row in client.list_templates()}


async def sync_templates(session: AsyncSession, client: TemplateClient, now: datetime) -> Counter[str]:
    """Status, category, quality and text of all templates; how many are in which status. The caller commits."""
    theirs = await fetch_templates(client)
    for row in theirs.values():
        await store_state(session, row, now)
    names = {"names": [name for name, _ in theirs], "languages": [language for _, language in theirs]}
    await session.execute(GONE, names | {"now": now})
    await session.execute(SYNCED, {"now": now})
    return Counter(str(row.get("status")) for row in theirs.values())


async def sync_daily(sessions: Sessions, settings: Settings, now: datetime) -> bool:
    """The same once a day; whether it was time. ManagementError: WhatsApp does not answer."""
    async with sessions() as session:
        newest = await session.scalar(NEWEST)
    if newest and now < newest + FRESH:
        return False
    async with TemplateClient(settings) as client, sessions.begin() as session:
        await sync_templates(session, client, now)
    return True


async def push_templates(
    session: AsyncSession, client: TemplateClient, settings: Settings, now: datetime
) -> list[Pushed]:
    """Creates what is missing and edits what is another text by now; then everything is synced. The caller commits."""
    theirs = await fetch_templates(client)
    ours = list_creations(load_templates(settings.address), load_samples(), settings.public_url)
    pushed = [await push_one(client, one, theirs.get(one.key)) for one in ours]
    await sync_templates(session, client, now)
    return pushed


async def push_one(client: TemplateClient, ours: Creation, theirs: Mapping[str, Any] | None) -> Pushed:
    """ManagementError only where no other would fare better: no access, too many calls."""
    name, language = ours.key
    try:
        if theirs is None:
            await client.create(ours.as_meta())
            return Pushed(name, language, What.CREATED)
        if is_same(ours.components, theirs.get("components")):
            return Pushed(name, language, What.SAME)
        await client.edit(str(theirs["id"]), ours.components)
    except ManagementError as error:
        if error.code != 100 and not str(error.code).startswith("2388"):
            raise
        return Pushed(name, language, What.REFUSED, error.detail)
    return Pushed(name, language, What.EDITED)
