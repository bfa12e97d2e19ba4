"""Conversions count in every arm alike, once, and also when they are told late."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest_asyncio
from sqlalchemy import text

from campaigns.results.conversions import mark_conversions
from core.db import Sessions
from core.tables import Contact, Enrollment, Event
from tests.campaigns.spring import SPRING, add_spring

JOURNEY = SPRING.replace("[purchase]", "[purchase, offer_chosen]") + "steps: {done: {end: finished}}"


@pytest_asyncio.fixture
async def version(sessions: Sessions, now: datetime) -> int:
    return await add_spring(sessions, JOURNEY, now)


async def enroll(sessions: Sessions, version: int, entered_at: datetime, arm: str, contact_id: int = 0) -> int:
    """An enrollment of a new contact, or of one that is known; the contact's id."""
    async with sessions.begin() as session:
        if not contact_id:
            contact = Contact(token=f"{arm}{entered_at:%m%d}")
            session.add(contact)
            await session.flush()
            contact_id = contact.id
        common = {"campaign": "spring", "version_id": version, "contact_id": contact_id, "arm": arm}
        session.add(Enrollment(**common, step_at=entered_at, entered_at=entered_at, ended_at=entered_at))
        return contact_id


async def tell(sessions: Sessions, contact_id: int, at: datetime, kind: str = "purchase", **data: Any) -> None:
    async with sessions.begin() as session:
        session.add(Event(contact_id=contact_id, kind=kind, at=at, data=data))


async def read(sessions: Sessions) -> list[tuple[Any, ...]]:
    async with sessions() as session:
        found = await session.execute(
            text("SELECT arm, converted_at, revenue, currency FROM enrollment ORDER BY entered_at, arm")
        )
        return [tuple(row) for row in found]


async def test_those_left_alone_count_like_the_others(sessions: Sessions, version: int, now: datetime) -> None:
    bought = now + timedelta(days=3)
    for arm in ("control", "message"):
        contact_id = await enroll(sessions, version, now, arm)
        await tell(sessions, contact_id, bought, amount="49.90", currency="EUR")
    assert await mark_conversions(sessions, bought) == 2
    expected = (bought, Decimal("49.90"), "EUR")
    assert await read(sessions) == [("control", *expected), ("message", *expected)]
    assert await mark_conversions(sessions, bought) == 0
    assert await mark_conversions(sessions, bought + timedelta(days=1)) == 0


async def test_before_after_and_other_events_do_not_count(sessions: Sessions, version: int, now: datetime) -> None:
    contact_id = await enroll(sessions, version, now, "message")
    await mark_conversions(sessions, now)
    await tell(sessions, contact_id, now - timedelta(seconds=1))
    await tell(sessions, contact_id, now + timedelta(days=14))
    await tell(sessions, contact_id, now, "page_visit")
    assert await mark_conversions(sessions, now + timedelta(days=15)) == 0


async def test_new_events_count_at_once_and_revenue_adds_up(sessions: Sessions, version: int, now: datetime) -> None:
    contact_id = await enroll(sessions, version, now, "message")
    await mark_conversions(sessions, now)
    await tell(sessions, contact_id, now + timedelta(hours=1), "offer_chosen", amount="soon")
    assert await mark_conversions(sessions, now) == 1
    assert (await read(sessions))[0][2:] == (None, None)
    for days, amount in ((1, 10), (2, 5.5)):
        await tell(sessions, contact_id, now + timedelta(days=days), amount=amount)
    await tell(sessions, contact_id, now + timedelta(days=3), amount="7", currency="CHF")
    assert await mark_conversions(sessions, now) == 1
    assert await read(sessions) == [("message", now + timedelta(hours=1), Decimal("15.50"), "EUR")]


async def test_an_event_told_weeks_later_still_counts(sessions: Sessions, version: int, now: datetime) -> None:
    contact_id = await enroll(sessions, version, now, "control")
    await mark_conversions(sessions, now + timedelta(days=30))
    await tell(sessions, contact_id, now + timedelta(days=2))
    assert await mark_conversions(sessions, now + timedelta(days=30)) == 1


async def test_an_earlier_event_told_later_becomes_the_conversion(
    sessions: Sessions, version: int, now: datetime
) -> None:
    contact_id = await enroll(sessions, version, now, "control")
    for days in (5, 2):
        await tell(sessions, contact_id, now + timedelta(days=days), amount=1)
        await mark_conversions(sessions, now)
    assert await read(sessions) == [("control", now + timedelta(days=2), Decimal(2), "EUR")]


async def test_an_event_belongs_to_the_newest_time_in_the_campaign(
    sessions: Sessions, version: int, now: datetime
) -> None:
    contact_id = await enroll(sessions, version, now, "message")
    await enroll(sessions, version, now + timedelta(days=5), "message", contact_id)
    await tell(sessions, contact_id, now + timedelta(days=6), amount=20)
    await mark_conversions(sessions, now)
    assert [row[2] for row in await read(sessions)] == [None, Decimal(20)]


async def test_two_workers_count_once_and_an_event_committed_late_is_not_lost(
    sessions: Sessions, version: int, now: datetime
) -> None:
    contact_id = await enroll(sessions, version, now, "message")
    await mark_conversions(sessions, now)
    async with sessions() as slow:
        slow.add(Event(contact_id=contact_id, kind="purchase", at=now, data={}))
        await slow.flush()
        await tell(sessions, contact_id, now + timedelta(days=1), "page_visit")
        assert await mark_conversions(sessions, now) == 0
        await slow.commit()
    assert sum(await asyncio.gather(*(mark_conversions(sessions, now) for _ in range(3)))) == 1
