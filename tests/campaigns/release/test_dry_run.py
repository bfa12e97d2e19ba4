"""A dry run says what a day would bring, through the entry and the gate that really decide, and writes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.trial import write_limits
from campaigns.journeys.conditions import Facts
from campaigns.journeys.reading import parse_journey
from campaigns.release.dry_run import find_first_send, foresee_day, replay_month
from core.settings import Settings
from core.tables import Consent, Contact, Contract, Event, Plan, Score
from tests.campaigns.spring import SPRING

NEWS_FILE = """
title: {it: Novità, de: Neues, en: News}
purpose: marketing
pack: energy
triggers: [{on: deadline, contract: electricity, days: [-30]}]
entry: {score: {at_least: 88}}
conversion: {events: [purchase], within_days: 14}
steps:
  news: {send: energy_updates, then: done}
  done: {end: finished}
"""
NEWS = parse_journey("news", NEWS_FILE)
ASKED = parse_journey(
    "asked", NEWS_FILE.replace("on: deadline, contract: electricity, days: [-30]", "on: event, kind: form")
)
BRANCHING = (
    SPRING
    + """
steps:
  who:
    branch: [{when: {score: {at_least: 50}}, go: value}]
    otherwise: wait
  wait: {wait: [{after: 1 day, go: value}]}
  value: {send: energy_saving, then: done}
  done: {end: finished}
"""
)


@pytest.fixture
def noon(now: datetime) -> datetime:
    return now.replace(hour=11, day=18)  # a Wednesday


async def meet(
    session: AsyncSession, noon: datetime, number: int, points: int = 90, days: int = 30, name: str | None = "Ada"
) -> int:
    """A contact who agreed, with a score and a contract that ends in so many days."""
    contact = Contact(token=f"c{number}", phone=f"+3933300{number:05}", name=name, language="it", country="IT")
    session.add(contact)
    await session.flush()
    own = {"contact_id": contact.id}
    session.add(Score(**own, pack="energy", version="v", points=points, band="high", receipt=[], computed_at=noon))
    agreed = {"purpose": "marketing", "given": True, "channel": "import", "wording": "sì"}
    session.add(Consent(**own, **agreed, at=noon - timedelta(days=90)))
    ends = (noon + timedelta(days=days)).date()
    session.add(Contract(**own, kind="electricity", expires_on=ends, source="import"))
    await session.flush()
    return contact.id


async def test_a_day_is_foreseen_with_reasons_and_nothing_is_written(
    session: AsyncSession, settings: Settings, noon: datetime
) -> None:
    for number in range(1, 21):
        points, name = 90 if number <= 15 else 60, "Ada" if number <= 12 else None
        await meet(session, noon, number, points, name=name)
    dry = await foresee_day(session, settings, "news", NEWS, noon)
    for table in ("plan", "arm_assignment", "send_decision", "outbox", "enrollment"):
        assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
    assert (dry.meant, dry.entered) == (20, 15)
    assert dry.refused == {"entry_not_met:score": 5}
    assert dry.sent + dry.control + sum(dry.held.values()) == 15
    assert set(dry.held) == {"value_missing"}
    assert (dry.sent, dry.cost) == (len([one for one in dry.people if not one.reason]), dry.sent * Decimal("0.06"))
    assert dry.sent >= 8
    assert dry.percent == pytest.approx(100 * dry.sent / 250)
    assert all(one.text.startswith("Ciao Ada") for one in dry.people if not one.reason)


async def test_people_count_for_the_whole_day_and_the_pace_holds_nobody_back(
    session: AsyncSession, settings: Settings, noon: datetime, tmp_path: Path
) -> None:
    few = {"people_per_day: 250": "people_per_day: 8", "per_minute: 2400": "per_minute: 1"}
    limited = settings.model_copy(update={"limits": write_limits(tmp_path, few)})
    for number in range(1, 31):
        await meet(session, noon, number)
    await session.execute(text("UPDATE contact SET timezone = 'America/New_York' WHERE token < 'c2'"))  # later that day
    dry = await foresee_day(session, limited, "news", NEWS, noon)
    assert len({at for _, at in dry.entering}) == 2
    assert dry.sent == 8
    assert dry.held == {"portfolio_limit": 30 - dry.control - 8}


async def test_last_month_is_replayed_once_per_contact_and_tells_the_base_rate(
    session: AsyncSession, settings: Settings, noon: datetime
) -> None:
    for number, days in ((1, 2), (2, 10), (3, 60)):  # two were 30 days before their end within the last month
        contact_id = await meet(session, noon, number, days=days)
        if number == 1:
            bought = noon - timedelta(days=20)
            session.add(Event(contact_id=contact_id, kind="purchase", at=bought, data={}))
    await session.flush()
    replay = await replay_month(session, settings, "news", NEWS, noon)
    assert len(replay.days) == 30
    assert replay.entered == 2
    assert (replay.converted, replay.base_rate) == (1, 0.5)


async def test_what_happened_today_and_who_waits_is_foreseen(
    session: AsyncSession, settings: Settings, noon: datetime
) -> None:
    left, waits = [await meet(session, noon, number) for number in (1, 2)]
    session.add(Event(contact_id=left, kind="form", at=noon, data={}))
    session.add(Plan(campaign="asked", contact_id=waits, occasion="manual:1", due_at=noon, created_at=noon))
    await session.flush()
    dry = await foresee_day(session, settings, "asked", ASKED, noon)
    assert (dry.meant, dry.entered) == (2, 2)


@pytest.mark.parametrize(("points", "template"), [(60, "energy_saving"), (40, None)])
def test_the_first_message_is_found_behind_branches(now: datetime, points: int, template: str | None) -> None:
    journey = parse_journey("spring", BRANCHING)
    found = find_first_send(journey, Facts(1, score=points), "message", now)
    assert (found and found.send) == template
