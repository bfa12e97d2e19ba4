from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text

from core.db import Sessions
from tests.actions.conftest import Customer
from tests.actions.shopping import open_shop

__all__ = ["open_shop"]
type Ask = Callable[..., Awaitable[Any]]


def meet(**slots: Any) -> Customer:
    return Customer(slots={"language": "it", "conversation": "buy", "requested_slot": None, **slots})


async def test_product_and_size_in_one_sentence_need_no_question(connected: Sessions, ask: Ask) -> None:
    customer = meet()
    done = await customer.tell("voglio comprare le scarpe taglia 42", "buy", size="42")
    assert done.slots["requested_slot"] is None
    done = await customer.run("action_finish", intent="buy")
    assert done.said == ["utter_product_in_stock", "utter_company_sample", "utter_product_link"]
    assert done.messages[0]["product"] == "Scarpe da corsa Brezza (42)"
    assert done.messages[0]["price"] == "89,90 €"
    assert await ask("SELECT data ->> 'size' FROM event WHERE kind = 'checkout_started'") == "42"


async def test_the_same_turn_twice_is_one_outcome(connected: Sessions, ask: Ask) -> None:
    customer = meet(product="DRL-01", available=True)
    await customer.run("action_finish", intent="buy")
    await customer.run("action_finish", intent="buy")
    assert await ask("SELECT count(*) FROM event WHERE kind = 'checkout_started'") == 1


async def test_an_unknown_product_is_asked_with_a_list(connected: Sessions) -> None:
    customer = meet()
    done = await customer.tell("vorrei comprare una cosa", "buy")
    assert done.slots["requested_slot"] == "product"
    asked = await customer.run("action_ask_product")
    assert len(asked.messages[0]["buttons"]) == 8


async def test_only_the_products_that_may_be_meant_are_offered(connected: Sessions) -> None:
    customer = meet()
    await customer.tell("scarpe o giacca", "buy")
    asked = await customer.run("action_ask_product")
    assert asked.said == ["utter_ask_product_among"]
    assert len(asked.messages[0]["buttons"]) == 2


async def test_the_size_is_asked_only_where_there_are_sizes(connected: Sessions) -> None:
    assert (await meet().tell("una giacca", "buy")).slots["requested_slot"] == "size"
    assert (await meet().tell("un trapano", "buy")).slots["requested_slot"] is None


async def test_a_size_that_is_not_made_is_asked_again(connected: Sessions) -> None:
    customer = meet(product="RUN-01", requested_slot="size")
    done = await customer.tell("la 47", size="47")
    assert done.said == ["utter_size_not_made"]
    assert done.slots["requested_slot"] == "size"


async def test_sold_out_tells_the_day_and_the_other_sizes(connected: Sessions) -> None:
    customer = meet(product="JKT-01", requested_slot="size")
    done = await customer.tell("S", size="S")
    assert done.slots["requested_slot"] == "restock_wanted"
    asked = await customer.run("action_ask_restock_wanted")
    assert asked.said == ["utter_product_back_on", "utter_product_other_sizes", "utter_ask_restock_wanted"]
    assert asked.messages[0]["date"] == "4 dicembre 2099"
    assert asked.messages[1]["sizes"] == "M, L, XL"


async def test_a_yes_to_being_told_is_a_consent_with_its_product(connected: Sessions, ask: Ask) -> None:
    customer = meet(product="MAT-01", available=False, requested_slot="restock_wanted")
    await customer.tell("sì", "affirm")
    assert await ask("SELECT array_agg(purpose) FROM consent WHERE given") == ["back_in_stock"]
    assert await ask("SELECT data ->> 'sku' FROM event WHERE kind = 'restock_wanted'") == "MAT-01"
    assert (await customer.run("action_finish", intent="affirm")).said == ["utter_restock_on"]


async def test_a_no_to_being_told_takes_no_consent_back(connected: Sessions, ask: Ask) -> None:
    customer = meet(product="MAT-01", available=False, requested_slot="restock_wanted")
    await customer.tell("no", "deny")
    assert await ask("SELECT count(*) FROM consent") == 0
    assert (await customer.run("action_finish", intent="deny")).said == ["utter_restock_off"]


async def test_another_size_instead_is_a_correction(connected: Sessions) -> None:
    customer = meet(product="JKT-01", size="S", available=False, requested_slot="restock_wanted")
    done = await customer.tell("allora L", size="L")
    assert done.slots["requested_slot"] is None
    assert (await customer.run("action_finish")).messages[0]["product"] == "Giacca antipioggia Vento (L)"


async def test_another_product_forgets_the_size(connected: Sessions) -> None:
    customer = meet(product="RUN-01", size="42", requested_slot="size")
    done = await customer.tell("anzi la giacca")
    assert done.slots["product"] == "JKT-01"
    assert done.slots["size"] is None
    assert done.slots["requested_slot"] == "size"


async def test_a_button_starts_with_the_product_known(connected: Sessions) -> None:
    done = await meet().tell('/buy{"product":"BIT-01"}', "buy", product="BIT-01")
    assert done.slots["requested_slot"] is None


async def test_a_yes_after_the_steps_means_the_product_named_there(connected: Sessions) -> None:
    customer = meet(product_proposed="BIT-01", taken_up=True)
    await customer.tell("sì", "affirm")
    assert customer.slots["product"] == "BIT-01"


async def test_the_pieces_a_shop_system_told_count_at_once(connected: Sessions, ask: Ask) -> None:
    async with connected.begin() as session:
        told = "INSERT INTO stock (sku, size, pieces, updated_at) VALUES ('MAT-01', 'one', 2, now())"
        await session.execute(text(told))
    customer = meet()
    done = await customer.tell("il tappetino yoga", "buy")
    assert done.slots["requested_slot"] is None
    finished = await customer.run("action_finish", intent="buy")
    assert finished.said[:2] == ["utter_product_in_stock", "utter_product_few"]
    assert finished.messages[1]["pieces"] == 2
