"""Who announces a question is invited to ask it, wherever the talk stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.db import Sessions
from tests.actions.conftest import Customer

ANNOUNCED = (
    "ho una domanda",
    "avrei due domande",
    "ich hab da mal eine Frage",
    "darf ich was fragen?",
    "i have a question",
)
type Ask = Callable[..., Awaitable[Any]]


@pytest.mark.parametrize("said", ANNOUNCED)
async def test_at_the_cart_it_leads_to_the_carts_questions(connected: Sessions, said: str) -> None:
    customer = Customer(slots={"language": "it", "proposal": "cart_checkout"})
    done = await customer.run("action_help", said, "help")
    assert done.slots["conversation"] == "cart_checkout"
    asked = await Customer(slots={"language": "it", "cart": "open"}).run("action_ask_cart_decision", said, "help")
    assert asked.said == ["utter_cart_questions"]


async def test_at_another_proposal_it_may_be_asked_and_the_proposal_stands(connected: Sessions) -> None:
    customer = Customer(slots={"language": "it", "proposal": "energy_comparison"})
    done = await customer.run("action_help", "ho una domanda", "help")
    assert done.said == ["utter_ask_away"]
    assert customer.slots["proposal"] == "energy_comparison"


async def test_in_the_middle_of_a_conversation_it_may_be_asked(ada: Customer) -> None:
    done = await ada.run("action_help_answer", "ich habe eine Frage", "help")
    assert done.said == ["utter_ask_away"]
    assert done.events[-1]["name"] == "action_listen"


@pytest.mark.parametrize("said", ["aiuto", "menu", "was kannst du?", "help"])
async def test_whoever_wants_the_menu_gets_it(connected: Sessions, said: str) -> None:
    customer = Customer(slots={"language": "it", "proposal": "cart_checkout"})
    assert (await customer.run("action_help", said, "help")).said == ["utter_menu"]


async def test_a_wish_for_gas_is_answered_honestly_and_kept(ada: Customer, ask: Ask) -> None:
    for _ in range(2):
        done = await ada.run("action_answer_question", "e il metano?", "ask_gas")
    assert done.said == ["utter_answer_gas"]
    assert await ask("SELECT array_agg(data ->> 'sentence') FROM event WHERE kind = 'unserved_wish'") == [
        "e il metano?"
    ]
