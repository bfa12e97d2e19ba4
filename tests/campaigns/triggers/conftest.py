"""A campaign that runs with the triggers a test asks for, and people it may mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from campaigns.journeys.versions import publish_version
from campaigns.plans import enter_due
from campaigns.triggers.moments import plan_moments
from campaigns.triggers.planning import plan_days
from core.db import Sessions
from core.settings import Settings
from core.tables import Campaign, Contact, Contract, Event

JOURNEY = """
title: {{it: Prova, de: Probe, en: Trial}}
purpose: service
pack: energy
triggers:
{triggers}
conversion: {{events: [purchase], within_days: 14}}
control_percent: 0
steps:
  pause: {{wait: [{{after: 30 days, go: over}}]}}
  over: {{end: finished}}
"""
PLANS = text(
    "SELECT id, contact_id, occasion, due_at, until, done_at, outcome, data FROM plan WHERE campaign = :name ORDER BY id"
)
ENTERED = text("SELECT contact_id FROM enrollment WHERE campaign = :name ORDER BY id")


@dataclass
class World:
    """now is moved by the tests."""

    sessions: Sessions
    settings: Settings
    now: datetime

    async def run(self, *triggers: str, name: str = "trial") -> None:
        """Starts a campaign with these triggers, each in YAML's short form, and looks for the first time."""
        content = JOURNEY.format(triggers="\n".join(f"  - {{{one}}}" for one in triggers))
        async with self.sessions.begin() as session:
            await publish_version(session, name, content, "Sofia", self.now)
        await self.set_state("running", name)
        await plan_moments(self.sessions, self.now)

    async def set_state(self, state: str, name: str = "trial") -> None:
        async with self.sessions.begin() as session:
            campaign = await session.get_one(Campaign, name)
            campaign.state, campaign.changed_at = state, self.now

    async def meet(self, number: int = 1, **known: Any) -> int:
        async with self.sessions.begin() as session:
            contact = Contact(token=f"c{number}", phone=f"+3933300{number:05}", country="IT", **known)
            session.add(contact)
            await session.flush()
            return contact.id

    async def sign(self, contact_id: int, expires_on: date, kind: str = "electricity") -> None:
        """Gives a contract, or changes its end."""
        async with self.sessions.begin() as session:
            known = await session.scalar(
                text("SELECT id FROM contract WHERE contact_id = :id AND kind = :kind"),
                {"id": contact_id, "kind": kind},
            )
            contract = await session.get(Contract, known) if known else None
            if contract:
                contract.expires_on = expires_on
            else:
                session.add(Contract(contact_id=contact_id, kind=kind, expires_on=expires_on, source="api"))

    async def happen(self, contact_id: int, kind: str, ago: timedelta = timedelta(0), **data: Any) -> int:
        async with self.sessions.begin() as session:
            event = Event(contact_id=contact_id, kind=kind, at=self.now - ago, data=data)
            session.add(event)
            await session.flush()
            return event.id

    async def add(self, *rows: Any) -> None:
        async with self.sessions.begin() as session:
            session.add_all(rows)

    async def look(self) -> None:
        """What a worker does in a round: what happened, what the calendar says, who enters."""
        await plan_moments(self.sessions, self.now)
        await plan_days(self.sessions, self.settings, self.now)
        while await enter_due(self.sessions, self.settings, self.now):
            pass

    async def live(self, until: datetime, step: timedelta = timedelta(hours=1)) -> None:
        """Looks every hour up to a time."""
        while self.now < until:
            self.now += step
            await self.look()

    async def list_plans(self, name: str = "trial") -> list[Any]:
        async with self.sessions() as session:
            return list((await session.execute(PLANS, {"name": name})).all())

    async def list_entered(self, name: str = "trial") -> list[int]:
        async with self.sessions() as session:
            return list(await session.scalars(ENTERED, {"name": name}))


@pytest.fixture
def world(sessions: Sessions, settings: Settings, now: datetime) -> World:
    return World(sessions, settings, now)
