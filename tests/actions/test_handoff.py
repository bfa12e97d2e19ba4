from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.actions.conftest import Customer

type Ask = Callable[..., Awaitable[Any]]


async def test_a_person_gets_what_the_customer_said(ada: Customer, ask: Ask) -> None:
    await ada.tell("sto a 20121", postcode="20121")
    ada.slots |= {"conversation": "energy_comparison"}
    done = await ada.run("action_hand_over", "voglio una persona", "ask_human", "t2")
    assert done.said == ["utter_handed_over"]
    card = await ask("SELECT card FROM handoff")
    assert [(answer["value"], answer["sentence"]) for answer in card["answers"]] == [("20121", "sto a 20121")]
    assert card["said"] == "voglio una persona"
    assert card["topic"] == "energy_comparison"


@pytest.mark.parametrize(
    ("before", "reason"),
    [("greet", "wish"), ("complain", "frustration"), ("nlu_fallback", "misunderstanding")],
)
async def test_the_reason_is_what_came_before(ada: Customer, ask: Ask, before: str, reason: str) -> None:
    ada.events = [{"event": "user", "parse_data": {"intent": {"name": name}}} for name in (before, "ask_human")]
    await ada.run("action_hand_over", "sì", "ask_human")
    assert await ask("SELECT reason FROM handoff") == reason


async def test_asking_twice_opens_one_handoff(ada: Customer, ask: Ask) -> None:
    await ada.run("action_hand_over", "persona", "ask_human", "t1")
    await ada.run("action_hand_over", "persona!!", "ask_human", "t2")
    assert await ask("SELECT count(*) FROM handoff") == 1
