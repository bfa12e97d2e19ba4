"""Triggers that fire at once: nothing is lost, whoever commits it and when, and nothing counts twice."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from campaigns.journeys.triggers import Keyword
from campaigns.plans import enter_due, plan_by_hand
from campaigns.triggers.keywords import find_keyword
from campaigns.triggers.moments import plan_moments
from core.tables import Event, Score
from tests.campaigns.triggers.conftest import World

PRICE = "on: price_page, within: 2 hours"


async def test_a_visit_of_a_price_page_fires_once(world: World) -> None:
    anna, bea = await world.meet(1), await world.meet(2)
    await world.run(PRICE)
    await world.happen(anna, "page_visit", page="price")
    await world.happen(bea, "page_visit", page="news")
    await world.look()
    await world.look()
    assert [plan.contact_id for plan in await world.list_plans()] == [anna]
    assert await world.list_entered() == [anna]


async def test_an_event_that_is_committed_late_is_not_lost(world: World) -> None:
    anna, bea = await world.meet(1), await world.meet(2)
    await world.run(PRICE)
    async with world.sessions() as slow:
        slow.add(Event(contact_id=anna, kind="page_visit", at=world.now, data={"page": "price"}))
        await slow.flush()  # it has its id, and is not committed
        await world.happen(bea, "page_visit", page="price")
        await world.look()
        assert await world.list_entered() == [bea]
        await slow.commit()
    await world.look()
    assert await world.list_entered() == [bea, anna]


async def test_what_is_told_too_late_or_happened_before_the_start_does_not_fire(world: World) -> None:
    anna, bea = await world.meet(1), await world.meet(2)
    await world.run(PRICE)
    world.now += timedelta(hours=3)
    await world.happen(anna, "page_visit", ago=timedelta(hours=2, minutes=1), page="price")
    await world.happen(bea, "page_visit", ago=timedelta(hours=3, minutes=1), page="price")
    await world.look()
    assert await world.list_plans() == []


async def test_a_journey_that_waits_after_the_event_asks_then_whether_it_still_counts(world: World) -> None:
    anna, bea, carla = [await world.meet(number) for number in (1, 2, 3)]
    await world.run("on: event, kind: cart_abandoned, wait: 1 hour")
    for contact in (anna, bea, carla):
        await world.happen(contact, "cart_abandoned")
    await world.look()
    assert await world.list_entered() == []
    world.now += timedelta(minutes=30)
    await world.happen(bea, "purchase")
    again = await world.happen(carla, "cart_abandoned")
    world.now += timedelta(minutes=31)
    await world.look()
    assert await world.list_entered() == [anna]
    assert [plan.outcome for plan in await world.list_plans()] == ["entered", "changed", "changed", None]
    world.now += timedelta(minutes=30)
    await world.look()
    assert await world.list_entered() == [anna, carla]
    assert (await world.list_plans())[-1].occasion == f"event:{again}"


async def test_a_plan_that_waited_through_an_outage_too_long_is_late(world: World) -> None:
    anna = await world.meet()
    await world.run("on: click, wait: 10 minutes, within: 2 hours")
    await world.happen(anna, "offer_click")
    await plan_moments(world.sessions, world.now)
    world.now += timedelta(hours=3)
    await world.look()
    assert [plan.outcome for plan in await world.list_plans()] == ["late"]


async def test_a_band_must_still_be_the_one_that_was_entered(world: World) -> None:
    anna, bea = await world.meet(1), await world.meet(2)
    for contact, band in ((anna, "high"), (bea, "middle")):
        await world.add(
            Score(
                contact_id=contact,
                pack="energy",
                version="v3",
                points=80,
                band=band,
                receipt=[],
                computed_at=world.now,
            )
        )
    await world.run("on: band_crossed, to: [high]")
    for contact in (anna, bea):
        await world.happen(contact, "band_crossed", band="high", before="middle")
    await world.look()
    assert await world.list_entered() == [anna]


async def test_values_an_event_must_have_may_be_numbers(world: World) -> None:
    anna, bea = await world.meet(1), await world.meet(2)
    await world.run("on: event, kind: purchase, where: {amount: '90', shop: Bolzano}")
    await world.happen(anna, "purchase", amount=90, shop="Bolzano")
    await world.happen(bea, "purchase", amount=90)
    await world.look()
    assert await world.list_entered() == [anna]


KEYWORDS = Keyword(
    on="keyword",
    words={"de": ("Kosten", "Wie viel", "Schätzung", "OK"), "it": ("quanto costa",)},
    intents=("ask_price",),
)


@pytest.mark.parametrize(
    ("said", "intent", "word"),
    [
        ("Was sind die KOSTEN?", None, "Kosten"),
        ("wie  viel waere das", None, "Wie viel"),
        ("schatzung bitte", None, "Schätzung"),
        ("ok!", None, "OK"),
        ("Quanto costa?", None, "quanto costa"),
        ("und der Preis", "ask_price", "ask_price"),
        ("kostenlos", None, None),
        ("okay", None, None),
    ],
)
def test_keywords_are_whole_words_in_any_spelling(said: str, intent: str | None, word: str | None) -> None:
    assert find_keyword(KEYWORDS, said, intent) == word


async def test_a_keyword_fires_when_its_turn_is_over(world: World) -> None:
    anna = await world.meet()
    await world.run("on: keyword, words: {it: [quanto costa]}")
    async with world.sessions.begin() as session:
        turn = await session.scalar(
            text(
                "INSERT INTO turn (contact_id, session_number, text, started_at)"
                " VALUES (:id, 1, 'Ciao, quanto costa?', :now) RETURNING id"
            ),
            {"id": anna, "now": world.now},
        )
    await world.look()
    assert await world.list_plans() == []
    async with world.sessions.begin() as session:
        await session.execute(
            text("UPDATE turn SET finished_at = :now, xact = pg_current_xact_id()"), {"now": world.now}
        )
    await world.look()
    assert [plan.occasion for plan in await world.list_plans()] == [f"turn:{turn}"]
    assert await world.list_entered() == [anna]


async def test_several_campaigns_hear_the_same_event(world: World) -> None:
    anna = await world.meet()
    await world.run(PRICE, name="one")
    await world.run(PRICE, name="two")
    await world.run(PRICE, name="draft")
    await world.set_state("draft", "draft")
    await world.happen(anna, "page_visit", page="price")
    await world.look()
    assert [await world.list_entered(name) for name in ("one", "two", "draft")] == [[anna], [anna], []]


async def test_people_put_in_by_hand_enter_once_per_list(world: World) -> None:
    people = [await world.meet(number) for number in range(3)]
    await world.run("on: manual")
    for _ in range(2):
        async with world.sessions.begin() as session:
            await plan_by_hand(session, "trial", people, "newsletter.csv", world.now)
    await world.look()
    assert sorted(await world.list_entered()) == people
    assert len(await world.list_plans()) == 3


async def test_many_workers_at_once_fire_each_event_once(world: World) -> None:
    people = [await world.meet(number) for number in range(60)]
    await world.run(PRICE)

    async def happen() -> None:
        for person in people:
            await world.happen(person, "page_visit", page="price")

    async def work() -> None:
        while len(await world.list_entered()) < len(people):
            await plan_moments(world.sessions, world.now)
            await enter_due(world.sessions, world.settings, world.now, 10)

    async with asyncio.timeout(60):
        await asyncio.gather(happen(), work(), work(), work())
    assert sorted(await world.list_entered()) == people
    assert [plan.outcome for plan in await world.list_plans()] == ["entered"] * len(people)


WORKER = """
import asyncio, sys
from datetime import datetime
from campaigns.plans import enter_due
from campaigns.triggers.moments import plan_moments
from core.db import open_engine, open_sessions
from core.settings import Settings

async def work():
    settings = Settings(demo=True, database_url=sys.argv[1])
    sessions, now = open_sessions(open_engine(settings.database_url)), datetime.fromisoformat(sys.argv[2])
    print("begins", flush=True)
    while True:
        await plan_moments(sessions, now)
        await enter_due(sessions, settings, now, 5)

asyncio.run(work())
"""


async def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(world: World) -> None:
    people = [await world.meet(number) for number in range(100)]
    await world.run(PRICE)
    async with world.sessions.begin() as session:
        session.add_all(
            Event(contact_id=person, kind="page_visit", at=world.now, data={"page": "price"}) for person in people
        )
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            WORKER,
            world.settings.database_url,
            world.now.isoformat(),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        await process.stdout.readline()
        before = len(await world.list_entered())
        while len(await world.list_entered()) < before + 10:  # noqa: ASYNC110  (another process moves on)
            await asyncio.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        assert len(await world.list_entered()) < len(people)
    await world.look()
    assert sorted(await world.list_entered()) == people
    assert {plan.outcome for plan in await world.list_plans()} == {"entered"}


async def test_a_store_that_was_restored_from_a_copy_begins_to_listen_anew(world: World) -> None:
    anna = await world.meet()
    await world.run(PRICE)
    async with world.sessions.begin() as session:
        await session.execute(text("UPDATE trigger_mark SET snapshot = '900000000:900000000:'"))
    await world.look()
    await world.happen(anna, "page_visit", page="price")
    await world.look()
    assert await world.list_entered() == [anna]


async def test_the_event_that_fired_stands_in_the_plan(world: World) -> None:
    world.now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    anna = await world.meet()
    await world.run(PRICE)
    event = await world.happen(anna, "page_visit", page="price")
    await world.look()
    (plan,) = await world.list_plans()
    assert (plan.data["event_id"], plan.data["event"], plan.data["on"]) == (event, {"page": "price"}, "price_page")
