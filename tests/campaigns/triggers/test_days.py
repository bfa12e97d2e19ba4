"""Triggers that mean a day, over the real store with the clock moved."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from core.tables import ContactStat, Event, Message, NextOffer, Outbox
from tests.campaigns.triggers.conftest import World

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
END = date(2026, 12, 23)  # 30 days after the Monday
DEADLINE = "on: deadline, contract: electricity, days: [-45, -30, -7]"


@pytest.fixture
def world(world: World) -> World:
    world.now = MONDAY
    return world


async def test_each_offset_fires_once_at_its_hour_on_the_contacts_clock(world: World) -> None:
    anna = await world.meet(1)
    kim = await world.meet(2, timezone="America/New_York")
    for contact in (anna, kim):
        await world.sign(contact, END)
    await world.run(DEADLINE)
    await world.live(MONDAY + timedelta(days=26), timedelta(hours=12))
    plans = [(plan.contact_id, plan.occasion, plan.outcome) for plan in await world.list_plans()]
    assert sorted(plans) == [
        (anna, f"deadline:electricity:{END}:-30", "entered"),
        (anna, f"deadline:electricity:{END}:-7", "already_under_way"),
        (kim, f"deadline:electricity:{END}:-30", "entered"),
        (kim, f"deadline:electricity:{END}:-7", "already_under_way"),
    ]


async def test_it_is_planned_a_day_ahead_for_half_past_nine_on_the_contacts_clock(world: World) -> None:
    kim = await world.meet(timezone="America/New_York")
    await world.sign(kim, END + timedelta(days=1))
    await world.run(DEADLINE)
    await world.look()
    (plan,) = await world.list_plans()
    assert plan.due_at == datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    assert plan.outcome is None


async def test_a_changed_deadline_makes_the_old_plan_fall_and_a_new_one_arise(world: World) -> None:
    anna = await world.meet()
    await world.sign(anna, END)
    await world.run(DEADLINE)
    await world.look()
    await world.sign(anna, END + timedelta(days=2))
    await world.live(MONDAY + timedelta(days=3), timedelta(hours=6))
    assert [(plan.occasion[-14:], plan.outcome) for plan in await world.list_plans()] == [
        ("2026-12-23:-30", "changed"),
        ("2026-12-25:-30", "entered"),
    ]


async def test_a_deadline_that_is_changed_back_counts_again(world: World) -> None:
    anna = await world.meet()
    await world.sign(anna, END)
    await world.run(DEADLINE)
    await world.look()
    await world.sign(anna, END + timedelta(days=90))
    await world.live(MONDAY + timedelta(hours=5))
    assert [plan.outcome for plan in await world.list_plans()] == ["changed"]
    await world.sign(anna, END)
    await world.live(MONDAY + timedelta(hours=7))
    assert [plan.outcome for plan in await world.list_plans()] == ["entered"]


async def test_what_was_missed_in_an_outage_is_made_up_for_by_day_only(world: World) -> None:
    anna = await world.meet()
    await world.sign(anna, END)
    await world.run(DEADLINE)
    world.now = MONDAY + timedelta(hours=16)  # 23 o'clock in Rome
    await world.look()
    assert await world.list_entered() == []
    world.now = datetime(2026, 11, 24, 8, 29, tzinfo=UTC)
    await world.look()
    assert await world.list_entered() == []
    world.now = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
    await world.look()
    assert await world.list_entered() == [anna]


async def test_what_is_no_longer_relevant_after_an_outage_stays_undone(world: World) -> None:
    planned, unplanned = await world.meet(1), await world.meet(2)
    await world.sign(planned, END)
    await world.run(DEADLINE)
    await world.look()
    await world.sign(unplanned, END)
    world.now = MONDAY + timedelta(days=5)
    await world.look()
    assert [(plan.contact_id, plan.outcome) for plan in await world.list_plans()] == [(planned, "late")]


async def test_a_paused_campaign_fires_nothing_and_goes_on_where_it_stood(world: World) -> None:
    anna = await world.meet()
    await world.sign(anna, END)
    await world.run(DEADLINE)
    await world.look()
    await world.set_state("paused")
    await world.live(MONDAY + timedelta(hours=8))
    assert await world.list_entered() == []
    await world.set_state("running")
    await world.live(MONDAY + timedelta(hours=10))
    assert await world.list_entered() == [anna]


@pytest.mark.parametrize(("day", "at"), [(date(2027, 3, 28), "02:30"), (date(2027, 10, 31), "02:30")])
async def test_an_hour_that_does_not_exist_or_exists_twice_fires_once(world: World, day: date, at: str) -> None:
    anna = await world.meet()
    await world.sign(anna, day + timedelta(days=30))
    world.now = night = datetime(day.year, day.month, day.day, tzinfo=UTC)
    await world.run(
        f"on: deadline, contract: electricity, days: [-30], at: '{at}', weekdays: [mon, tue, wed, thu, fri, sat, sun]"
    )
    await world.live(night + timedelta(hours=3), timedelta(minutes=30))
    await world.live(night + timedelta(days=2), timedelta(hours=8))
    assert await world.list_entered() == [anna]
    (plan,) = await world.list_plans()
    assert abs(plan.done_at - night - timedelta(hours=1)) <= timedelta(minutes=30)


def send(contact_id: int, key: str, at: datetime) -> Outbox:
    return Outbox(
        contact_id=contact_id,
        phone_number_id="900",
        key=key,
        callback=key,
        kind="template",
        purpose="marketing",
        body={},
        text="",
        state="delivered",
        due_at=at,
        created_at=at,
        delivered_at=at,
    )


async def test_silence_counts_from_the_last_offer_that_was_delivered(world: World) -> None:
    quiet, answered, clicked, later = [await world.meet(number) for number in (1, 2, 3, 4)]
    at = MONDAY - timedelta(days=14, hours=-3)
    await world.add(*(send(contact, f"o{contact}", at) for contact in (quiet, answered, clicked, later)))
    await world.add(send(later, "again", at + timedelta(days=2)))
    await world.add(
        Message(
            contact_id=answered,
            wamid="w",
            phone_number_id="900",
            kind="text",
            text="No",
            payload={},
            sent_at=at + timedelta(days=13),
        )
    )
    await world.run("on: silence, days: 14")
    await world.look()
    await world.add(Event(contact_id=clicked, kind="offer_click", at=world.now))  # after it was planned
    await world.live(MONDAY + timedelta(hours=6))
    assert await world.list_entered() == [quiet]
    await world.live(MONDAY + timedelta(days=3), timedelta(hours=4))
    assert await world.list_entered() == [quiet, later]


async def test_inactivity_fires_on_its_day_and_not_after_a_sign_of_life(world: World) -> None:
    found = [await world.meet(number) for number in (1, 2, 3)]
    days = [MONDAY.date() - timedelta(days=30), MONDAY.date() - timedelta(days=30), MONDAY.date() - timedelta(days=80)]
    for contact, day in zip(found, days, strict=True):
        await world.add(
            ContactStat(contact_id=contact, created_on=date(2026, 1, 1), replied_on=day, rolled_at=world.now)
        )
    await world.run("on: inactivity, days: 30")
    await world.look()
    async with world.sessions.begin() as session:
        await session.execute(
            text("UPDATE contact_stat SET clicked_on = '2026-11-23' WHERE contact_id = :id"), {"id": found[1]}
        )
    await world.live(MONDAY + timedelta(hours=6))
    assert await world.list_entered() == [found[0]]
    assert [plan.outcome for plan in await world.list_plans()] == ["entered", "changed"]


async def store_offer(world: World, code: str, region: str | None, added_at: datetime) -> None:
    async with world.sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO offer (code, kind, country, supplier, name, price_type, price_per_kwh, fixed_per_year,"
                " green, region, source, added_at) VALUES (:code, 'electricity', 'XX', 'S', 'N', 'fixed', 0.1, 10,"
                " false, :region, 'test', :at)"
            ),
            {"code": code, "region": region, "at": added_at},
        )


async def test_a_new_offer_is_told_to_whom_it_saves_more_than_before(world: World) -> None:
    more, less, told = [await world.meet(number) for number in (1, 2, 3)]
    await store_offer(world, "new-1", None, MONDAY)
    await store_offer(world, "old-1", None, MONDAY - timedelta(days=60))
    for contact, code in ((more, "new-1"), (less, "old-1"), (told, "new-1")):
        await world.add(
            NextOffer(
                contact_id=contact,
                kind="electricity",
                offer_code=code,
                supplier="S",
                yearly_saving=Decimal(50),
                saving_percent=Decimal(9),
                currency="EUR",
                reason=[],
                computed_at=world.now,
            )
        )
    await world.happen(told, "offer_chosen", saving=50)
    await world.run("on: new_offer")
    await world.live(MONDAY + timedelta(days=2), timedelta(hours=3))
    assert await world.list_entered() == [more]
    async with world.sessions.begin() as session:
        await session.execute(text("DELETE FROM offer WHERE country = 'XX'"))


async def test_a_new_offer_is_told_where_it_can_be_signed(world: World) -> None:
    there, elsewhere, other_kind = [
        await world.meet(1, postcode="1000"),
        await world.meet(2, postcode="2000"),
        await world.meet(3, postcode="1000"),
    ]
    for contact, kind in ((there, "electricity"), (elsewhere, "electricity"), (other_kind, "gym")):
        await world.sign(contact, date(2027, 6, 1), kind)
    async with world.sessions.begin() as session:
        await session.execute(text("UPDATE contact SET country = 'XX'"))
        await session.execute(
            text("INSERT INTO place (country, postcode, name, region_code) VALUES ('XX', '1000', 'A', '07')")
        )
    await store_offer(world, "here", "07", MONDAY)
    await world.run("on: new_offer, by: area")
    await world.live(MONDAY + timedelta(days=2), timedelta(hours=3))
    assert await world.list_entered() == [there]
    async with world.sessions.begin() as session:
        await session.execute(text("DELETE FROM offer WHERE country = 'XX'"))
        await session.execute(text("DELETE FROM place WHERE country = 'XX'"))
