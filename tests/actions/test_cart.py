from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.db import Sessions
from tests.actions.conftest import Customer, Done
from tests.actions.shopping import CART, happen, open_shop

__all__ = ["open_shop"]
type Ask = Callable[..., Awaitable[Any]]
COUNT = "SELECT count(*) FROM event WHERE kind = :kind"


def meet(**slots: Any) -> Customer:
    return Customer(slots={"language": "it", "conversation": "cart_checkout", "requested_slot": None, **slots})


async def answer(customer: Customer, intent: str) -> Done:
    """What the customer reads after a tap on the message that reminds of the cart."""
    customer.slots["taken_up"] = True
    await customer.tell(intent=intent)
    return await customer.run("action_finish", intent=intent)


async def test_a_yes_shows_the_cart_and_its_link(connected: Sessions, ask: Ask) -> None:
    await happen(connected, "cart_abandoned", data=CART)
    done = await answer(meet(), "affirm")
    assert done.said == ["utter_cart", "utter_company_sample", "utter_cart_checkout"]
    assert done.messages[0]["items"] == "1 × Scarpe da corsa Brezza, 89,90 €\n2 × Maglietta tecnica Lieve, 59,80 €"
    assert done.messages[0]["total"] == "149,70 €"
    assert await ask("SELECT url FROM link") == "https://shop.test/c/1"
    assert await ask(COUNT, kind="checkout_started") == 1


@pytest.mark.parametrize("intent", ["deny", "later", "too_expensive", "no_time"])
async def test_a_no_is_respected_for_good(connected: Sessions, ask: Ask, intent: str) -> None:
    await happen(connected, "cart_abandoned", data=CART)
    done = await answer(meet(), intent)
    assert done.said == ["utter_cart_declined"]
    assert await ask(COUNT, kind="cart_declined") == 1
    proposed = await meet().run("action_propose", intent="greet")
    assert proposed.said == ["utter_menu"]


async def test_a_question_leaves_the_cart_open(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data=CART)
    customer = meet(taken_up=True)
    done = await customer.tell(intent="more_info")
    assert done.slots["requested_slot"] == "cart_decision"
    asked = await customer.run("action_ask_cart_decision", intent="more_info")
    assert asked.said == ["utter_cart_questions"]


async def test_after_a_question_the_way_back_has_the_link(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data=CART)
    asked = await meet(requested_slot="cart_decision").run("action_ask_cart_decision", intent="ask_shipping")
    assert asked.said == ["utter_ask_cart_decision"]
    assert "/l/" in asked.messages[0]["url"]


async def test_who_asks_for_the_checkout_is_not_asked_again(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data=CART)
    done = await meet().tell("dov'è il mio carrello", "cart_checkout")
    assert done.slots["requested_slot"] is None
    assert done.slots["cart_decision"] == "checkout"


async def test_without_a_cart_it_is_said(connected: Sessions) -> None:
    customer = meet()
    await customer.tell("il mio carrello", "cart_checkout")
    done = await customer.run("action_finish", intent="cart_checkout")
    assert done.said == ["utter_no_cart"]


async def test_a_cart_that_was_bought_is_none(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", 2, CART)
    await happen(connected, "purchase", 1)
    assert (await answer(meet(), "affirm")).said == ["utter_no_cart"]


async def test_few_pieces_are_told_only_if_they_are_few(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data={"items": [{"sku": "KET-01"}, {"sku": "MAT-01"}]})
    done = await answer(meet(), "affirm")
    assert done.said[1:3] == ["utter_cart_few", "utter_cart_sold_out"]
    assert done.messages[1]["pieces"] == 3


async def test_an_unknown_price_makes_no_total(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data={"items": [{"name": "Guanti"}, {"sku": "RUN-01"}]})
    done = await answer(meet(), "affirm")
    assert done.said == ["utter_cart_without_total", "utter_company_sample", "utter_cart_no_link"]
