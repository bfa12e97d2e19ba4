"""What rows become in contact_stat."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Base, Contact, ContactStat, Handoff, NextOffer, Outbox
from scoring.rollup import roll_up
from tests.scoring.people import add_contact, end_contract, happen, set_limits, write_message

ZONE = "Europe/Rome"


async def roll(session: AsyncSession, contact: Contact, now: datetime, *rows: Base) -> ContactStat:
    session.add_all(rows)
    await session.flush()
    await roll_up(session, [contact.id], now, ZONE)
    query = select(ContactStat).where(ContactStat.contact_id == contact.id)
    return (await session.scalars(query, execution_options={"populate_existing": True})).one()


def deliver(contact: Contact, at: datetime) -> Outbox:
    key = f"{contact.id}.{at.timestamp()}"
    return Outbox(
        contact_id=contact.id,
        phone_number_id="900",
        key=key,
        callback=key,
        kind="reply",
        purpose="service",
        body={},
        text="",
        due_at=at,
        created_at=at,
        delivered_at=at,
    )


async def test_days_are_the_contacts_own(session: AsyncSession) -> None:
    night = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    for zone, day in ((None, 22), ("America/New_York", 21)):
        contact = await add_contact(session, timezone=zone)
        assert (await roll(session, contact, night, happen(contact, "form", night))).form_on == date(2026, 11, day)


async def test_a_cart_counts_until_it_is_bought_or_declined(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    days = [now - timedelta(days) for days in range(5)]
    assert (await roll(session, contact, now, happen(contact, "cart_abandoned", days[4]))).cart_on is not None
    assert (await roll(session, contact, now, happen(contact, "cart_declined", days[3]))).cart_on is None
    assert (await roll(session, contact, now, happen(contact, "cart_abandoned", days[2]))).cart_on is not None
    assert (await roll(session, contact, now, happen(contact, "purchase", days[1]))).cart_on is None


async def test_purchases_are_counted_summed_and_listed(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    rows = [happen(contact, "purchase", now - timedelta(days), amount=19.99) for days in range(12)]
    stat = await roll(session, contact, now, *rows, happen(contact, "purchase", now, amount="free"))
    assert (stat.orders, stat.spent, len(stat.bought_days)) == (13, 239, 10)
    assert stat.bought_days[:3] == [date(2026, 11, 21), date(2026, 11, 21), date(2026, 11, 20)]


async def test_only_price_pages_are_price_visits_and_a_day_counts_once(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    visits = [happen(contact, "page_visit", now - timedelta(hours=hours), page="price") for hours in (1, 2, 26)]
    stat = await roll(session, contact, now, *visits, happen(contact, "page_visit", now, page="news"))
    assert stat.price_days == [date(2026, 11, 21), date(2026, 11, 20)]
    assert stat.visited_on == date(2026, 11, 21)


async def test_the_middle_of_the_last_reactions_is_how_fast_somebody_is(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    rows: list[Base] = []
    for days, minutes in ((9, 3), (8, 50), (7, 7)):
        sent = now - timedelta(days)
        rows += [deliver(contact, sent), write_message(contact, sent + timedelta(minutes=minutes))]
    late = write_message(contact, now - timedelta(days=2))  # five days after ours: no reaction to it
    assert (await roll(session, contact, now, *rows, late)).reply_minutes == 7


async def test_feelings_add_up_over_the_last_three(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    rows = [happen(contact, "feedback", now - timedelta(days=9)), happen(contact, "complaint", now - timedelta(days=3))]
    assert (await roll(session, contact, now, *rows)).sentiment == 0
    anger = Handoff(contact_id=contact.id, reason="frustration", turn_key="t", card={}, opened_at=now)
    again = happen(contact, "complaint", now - timedelta(days=1))
    stat = await roll(session, contact, now, anger, again)
    assert (stat.sentiment, stat.sentiment_on) == (-3, date(2026, 11, 21))


@pytest.mark.parametrize(("percent", "whole"), [("6.99", 6), ("7.00", 7)])
async def test_a_saving_is_never_rounded_up(session: AsyncSession, now: datetime, percent: str, whole: int) -> None:
    contact = await add_contact(session)
    session.add(end_contract(contact, date(2026, 12, 30)))
    known: dict[str, Any] = {"kind": "electricity", "offer_code": "x", "supplier": "x", "currency": "EUR"}
    offer = NextOffer(
        contact_id=contact.id,
        yearly_saving=Decimal(60),
        saving_percent=Decimal(percent),
        reason={},
        computed_at=now,
        **known,
    )
    assert (await roll(session, contact, now, offer)).saving_percent == whole
    nearer = end_contract(contact, date(2026, 12, 1), "gas")  # the deadline of one contract, the saving of another
    assert (await roll(session, contact, now, nearer)).saving_percent is None


async def test_time_alone_makes_a_roll_up_old(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    assert (await roll(session, contact, now)).due_at is None
    sent = now - timedelta(hours=3)
    assert (await roll(session, contact, now, deliver(contact, sent))).due_at == sent + timedelta(hours=24)
    session.add(end_contract(contact, date(2026, 11, 21)))
    ending = await roll(session, contact, now, end_contract(contact, date(2026, 12, 30), "gas"))
    assert ending.contract_kind == "electricity"
    assert ending.due_at == datetime(2026, 11, 21, 23, 0, tzinfo=UTC)  # midnight in Rome
    later = await roll(session, contact, now + timedelta(hours=4))
    assert later.contract_kind == "gas"


@pytest.mark.parametrize(("country", "served"), [("IT", 1), ("FR", 0), (None, None)])
async def test_whether_there_is_something_to_offer_where_somebody_lives(
    session: AsyncSession, now: datetime, country: str | None, served: int | None
) -> None:
    contact = await add_contact(session, country=country)
    await session.execute(
        ContactStat.metadata.tables["offer"].insert().values(
            code="roll-up-test", kind="electricity", country="IT", supplier="x", name="x", price_type="fixed",
            price_per_kwh=1, fixed_per_year=1, green=False, source="test",
        )
    )  # fmt: skip
    assert (await roll(session, contact, now, end_contract(contact, date(2026, 12, 1)))).area_served == served


async def test_a_buyer_lapses_after_as_many_days_as_those_like_him(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    assert (await roll(session, contact, now, happen(contact, "purchase", now - timedelta(days=9)))).lapses_on is None
    await set_limits(session, now, all=30, first_buyer=47)
    assert (await roll(session, contact, now)).lapses_on == now.date() + timedelta(days=47 - 9)
    twice = happen(contact, "purchase", now - timedelta(days=9, hours=1))
    assert (await roll(session, contact, now, twice)).lapses_on == now.date() + timedelta(days=47 - 9)
    again = happen(contact, "purchase", now - timedelta(days=2))
    assert (await roll(session, contact, now, again)).lapses_on == now.date() + timedelta(days=30 - 2)
    stranger = await add_contact(session)
    assert (await roll(session, stranger, now, happen(stranger, "form", now))).lapses_on is None
