from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from actions.callback.wishing import word_wish
from core.db import Sessions
from tests.actions.conftest import Customer

type Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def caller(connected: Sessions) -> Customer:
    """Ada wants to be called and is asked when."""
    return Customer(slots={"language": "it", "conversation": "call_me", "requested_slot": "callback_time"})


@pytest.mark.parametrize(
    ("time", "day", "language", "words"),
    [
        ("morning", None, "it", "di mattina"),
        ("18:00", None, "de", "um 18:00 Uhr"),
        ("any", None, "en", "as soon as possible"),
        ("evening", "2026-11-25", "en", "on 25 November 2026 in the evening"),
        ("any", "2026-11-25", "it", "il 25 novembre 2026"),
    ],
)
def test_a_wish_is_put_in_words(time: str, day: str | None, language: str, words: str) -> None:
    assert word_wish(time, day, language) == words


async def test_wanting_a_call_asks_when(connected: Sessions) -> None:
    ada = Customer()
    begun = await ada.run("action_begin", "chiamatemi", "call_me")
    assert begun.slots["conversation"] == "call_me"
    done = await ada.tell("chiamatemi", "call_me")
    assert done.slots["requested_slot"] == "callback_time"


async def test_a_time_in_the_first_message_is_not_asked_again(connected: Sessions) -> None:
    ada = Customer(slots={"language": "it", "conversation": "call_me", "requested_slot": None})
    done = await ada.tell("chiamatemi alle 18", "call_me", callback_time="18:00")
    assert done.slots["requested_slot"] is None


@pytest.mark.parametrize("intent", ["call_me", "dont_know"])
async def test_who_leaves_the_time_to_us_is_not_asked_again(caller: Customer, intent: str) -> None:
    done = await caller.tell("quando volete", intent)
    assert done.slots["callback_time"] == "any"
    assert done.slots["requested_slot"] is None


async def test_a_day_alone_is_enough(caller: Customer) -> None:
    done = await caller.tell("il 3 dicembre 2099", callback_on="2099-12-03")
    assert (done.slots["callback_on"], done.slots["callback_time"]) == ("2099-12-03", "any")


async def test_a_day_that_is_over_is_asked_again(caller: Customer) -> None:
    done = await caller.tell("il 3 dicembre 2020", callback_on="2020-12-03")
    assert done.slots["requested_slot"] == "callback_time"


async def test_nonsense_is_asked_again(caller: Customer) -> None:
    done = await caller.tell("25:99", callback_time="25:99")
    assert done.slots["requested_slot"] == "callback_time"


async def test_the_wish_is_a_handoff_once(caller: Customer, ask: Ask) -> None:
    await caller.tell("alle 18", callback_time="18:00")
    kept = dict(caller.slots)
    await caller.run("action_finish", "alle 18")
    caller.slots = kept
    await caller.run("action_finish", "alle 18")
    assert await ask("SELECT count(*) FROM handoff WHERE reason = 'callback'") == 1
    assert await ask("SELECT count(*) FROM event WHERE kind = 'callback_wish'") == 1
    assert await ask("SELECT score_stale_at IS NOT NULL FROM contact") is True


async def test_where_no_branch_is_known_only_soon_is_promised(caller: Customer) -> None:
    await caller.tell("alle 18", callback_time="18:00")
    done = await caller.run("action_finish", "alle 18")
    assert done.said == ["utter_callback_noted", "utter_callback_soon"]


async def test_the_hours_of_the_nearest_branch_are_told_as_samples(caller: Customer, connected: Sessions) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET postcode = '40121', place = 'Bologna'"))
    await caller.tell("alle 18", callback_time="18:00")
    done = await caller.run("action_finish", "alle 18")
    assert done.said == ["utter_callback_noted", "utter_callback_hours_sample"]
    assert done.messages[1]["branch"] == "Bologna Indipendenza"


async def test_a_contact_without_a_number_is_asked_for_it(caller: Customer, connected: Sessions) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET phone = NULL, user_id = 'IT.1'"))
    await caller.tell("alle 18", callback_time="18:00")
    done = await caller.run("action_finish", "alle 18")
    assert done.said[0] == "utter_callback_noted_no_number"


async def test_the_conversation_it_interrupted_is_not_proposed_but_named(caller: Customer, ask: Ask) -> None:
    caller.slots["interrupted"] = "energy_comparison"
    await caller.tell("alle 18", callback_time="18:00")
    done = await caller.run("action_finish", "alle 18")
    assert "utter_propose_energy_comparison" not in done.said
    assert await ask("SELECT card->>'topic' FROM handoff") == "energy_comparison"


async def test_a_call_is_wished_in_the_middle_of_a_comparison(ada: Customer) -> None:
    ada.slots["requested_slot"] = "yearly_kwh"
    done = await ada.tell("2700, ma chiamatemi", "call_me", yearly_kwh=2700.0)
    assert "action_execution_rejected" in [event["event"] for event in done.events]
