from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import text

from actions.branch.nearest import say_hours
from actions.branch.words import find_kind, say_moment
from core.db import Sessions
from core.tables import Contract
from offers.company import load_company
from tests.actions.conftest import Customer
from tests.actions.shopping import open_shop

__all__ = ["open_shop"]
type Ask = Callable[..., Awaitable[Any]]


def meet(**slots: Any) -> Customer:
    return Customer(slots={"language": "it", "conversation": "find_branch", "requested_slot": None, **slots})


async def test_a_known_postcode_is_taken_without_asking(connected: Sessions) -> None:
    customer = meet(postcode="20121", country="IT", place="Milano")
    done = await customer.tell("dove siete?", "find_branch")
    assert done.slots["requested_slot"] is None
    done = await customer.run("action_finish", intent="find_branch")
    assert done.said[0] == "utter_branch_near_known"
    assert done.messages[0]["place"] == "20121 Milano"


async def test_the_branch_comes_as_a_pin_with_the_way_there(connected: Sessions) -> None:
    customer = meet()
    assert (await customer.tell("sede più vicina", "find_branch")).slots["requested_slot"] == "postcode"
    await customer.tell("20121", postcode="20121")
    done = await customer.run("action_finish")
    pin = next(message["custom"]["location"] for message in done.messages if message.get("custom"))
    assert pin["name"] == "Milano Centro"
    assert done.messages[0]["url"].startswith("https://www.openstreetmap.org/directions?")


async def test_a_shared_location_goes_before_the_postcode(connected: Sessions) -> None:
    customer = meet(postcode="20121", country="IT", place="Milano")
    await customer.tell(intent="location", latitude=52.52, longitude=13.4)
    done = await customer.run("action_finish", intent="location")
    assert done.messages[0]["name"] == "Berlin Friedrichstraße"


async def test_the_sentence_decides_the_kind_of_branch(connected: Sessions) -> None:
    customer = meet(postcode="00184", country="IT", place="Roma")
    await customer.tell("palestra più vicina", "find_branch")
    assert customer.slots["branch"].startswith("milano-torino")


async def test_a_contract_decides_where_the_sentence_does_not(connected: Sessions) -> None:
    async with connected.begin() as session:
        session.add(Contract(contact_id=1, kind="gym", source="api"))
    customer = meet(postcode="00184", country="IT", place="Roma")
    await customer.tell("dove siete", "find_branch")
    assert customer.slots["branch_kind"] == "gym"


async def test_a_postcode_of_a_branch_is_not_kept_as_home(connected: Sessions, ask: Ask) -> None:
    await meet(requested_slot="postcode").tell("20121", postcode="20121")
    assert await ask("SELECT postcode FROM contact") is None


async def test_an_unknown_postcode_is_asked_again(connected: Sessions) -> None:
    done = await meet(requested_slot="postcode").tell("99999", postcode="99999")
    assert done.said == ["utter_postcode_unknown"]
    assert done.slots["requested_slot"] == "postcode"


async def test_the_question_for_a_place_is_its_own(connected: Sessions) -> None:
    assert (await meet().run("action_ask_postcode")).said == ["utter_ask_branch_place"]
    energy = meet(conversation="energy_comparison")
    assert (await energy.run("action_ask_postcode")).said == ["utter_ask_postcode"]


async def test_opening_hours_are_told_for_the_branch_near_home(connected: Sessions) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET postcode = '40121'"))
    done = await meet(conversation=None).run("action_answer_question", "quando aprite?", "ask_opening_hours")
    assert done.messages[0]["name"] == "Bologna Indipendenza"
    assert done.said[1] == "utter_branch_today"


async def test_without_a_place_a_question_for_hours_asks_where(connected: Sessions) -> None:
    done = await meet(conversation=None).run("action_answer_question", "quando aprite?", "ask_opening_hours")
    assert done.slots["conversation"] == "find_branch"


SATURDAY = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)  # 17:30 in Milan


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (SATURDAY, ("utter_branch_open", "oggi alle 18:00")),
        (SATURDAY.replace(hour=18), ("utter_branch_closed", "domani alle 9:00")),
        (datetime(2026, 12, 25, 12, tzinfo=UTC), ("utter_branch_closed", "domenica alle 9:00")),
    ],
)
def test_open_now_and_the_next_change(now: datetime, said: tuple[str, str]) -> None:
    dispatcher = CollectingDispatcher()
    say_hours(dispatcher, load_company().branches[0], "it", now)
    assert (dispatcher.messages[1]["response"], dispatcher.messages[1]["when"]) == said


def test_a_far_day_is_a_date() -> None:
    far = datetime(2027, 1, 7, 9, tzinfo=ZoneInfo("Europe/Rome"))
    assert say_moment(far, date(2026, 11, 21), "en") == "on 7 January 2027 at 9:00"
    assert say_moment(far, date(2027, 1, 5), "de") == "am Donnerstag um 9:00"


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [("wo ist das nächste fitnessstudio", "gym"), ("un negozio vicino", "shop"), ("dove siete", None)],
)
def test_the_kind_is_in_the_words(sentence: str, kind: str | None) -> None:
    assert find_kind(sentence) == kind
