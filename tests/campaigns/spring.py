"""The campaign `spring`, which tests of releases and results share."""

from __future__ import annotations

from datetime import datetime

from core.db import Sessions
from core.tables import Campaign, CampaignVersion

SPRING = """
title: {it: Primavera, de: Frühling, en: Spring}
purpose: marketing
pack: energy
triggers: [{on: manual}]
conversion: {events: [purchase], within_days: 14}
"""  # each test adds its steps


async def add_spring(sessions: Sessions, content: str, now: datetime, began: datetime | None = None) -> int:
    """Has it run since `began`, or now; the id of its version."""
    async with sessions.begin() as session:
        version = CampaignVersion(campaign="spring", number=1, content=content, published_by="pronto", published_at=now)
        session.add(version)
        await session.flush()
        session.add(Campaign(name="spring", state="running", version_id=version.id, changed_at=began or now))
        return version.id
