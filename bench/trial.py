"""What the measures of campaigns share: people who agreed, a trial campaign for all of them, limits of one's own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.limits import SHIPPED
from campaigns.journeys.versions import publish_version
from core.tables import Campaign

TRIAL = """
title: {it: Prova, de: Probe, en: Trial}
purpose: marketing
pack: shop
triggers: [{on: manual}]
conversion: {events: [purchase], within_days: 14}
control_percent: 0
steps:
"""
PEOPLE = """
    INSERT INTO contact (token, phone, name, language, country) SELECT 'b' || n, '+39' || 3000000000 + n, 'Anna', 'it',
        'IT' FROM generate_series(1, CAST(:people AS int)) AS n;
    INSERT INTO consent (contact_id, purpose, given, at, channel, wording)
    SELECT id, 'marketing', true, CAST(:now AS timestamptz) - interval '30 days', 'import', 'yes' FROM contact
"""
DUE = """
    INSERT INTO plan (campaign, contact_id, occasion, due_at, created_at)
    SELECT 'bench', id, 'manual:bench', :now, :now FROM contact
"""
UNLIMITED = {"people_per_day: 250": "people_per_day: 0", "per_minute: 2400": "per_minute: 0"}


async def publish_trial(session: AsyncSession, name: str, steps: str, state: str, now: datetime) -> None:
    """A campaign of these steps, in this state."""
    await publish_version(session, name, TRIAL + steps, "bench", now)
    campaign = await session.get_one(Campaign, name)
    campaign.state, campaign.changed_at = state, now


def write_limits(folder: Path, changes: dict[str, str]) -> str:
    """The shipped limits with these lines in place of their own; the file. ValueError: there is no such line."""
    content = SHIPPED.read_text(encoding="utf-8")
    for old, new in changes.items():
        if content.count(old) != 1:
            raise ValueError(f"limits.yml: not once: {old}")
        content = content.replace(old, new)
    file = folder / "limits.yml"
    file.write_text(content, encoding="utf-8")
    return str(file)
