from __future__ import annotations

import pytest
from sqlalchemy import text

from actions.questions import LIVE, STATIC
from core.db import Sessions
from tests.actions.conftest import Customer, Done
from tests.actions.shopping import CART, happen, open_shop

__all__ = ["open_shop"]


async def hear(sentence: str, intent: str, **slots: str) -> Done:
    customer = Customer(slots={"language": "it", **slots})
    return await customer.run("action_answer_question", sentence, intent)


async def test_shipping_of_this_cart_to_this_country(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data={"items": [{"sku": "TEE-01"}]})
    done = await hear("e la spedizione?", "ask_shipping")
    assert done.said == ["utter_shop_shipping", "utter_shop_shipping_missing"]
    assert (done.messages[0]["cost"], done.messages[1]["missing"]) == ("4,90 €", "30,10 €")


async def test_free_shipping_is_said_where_it_is_free(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data=CART)
    assert (await hear("e la spedizione?", "ask_shipping")).said == ["utter_shop_shipping_free"]


async def test_a_country_we_do_not_ship_to_is_told(connected: Sessions) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET country = 'LI'"))
    assert (await hear("spedite da me?", "ask_shipping")).said == ["utter_shop_no_shipping"]


async def test_after_a_purchase_a_person_can_look_for_the_parcel(connected: Sessions) -> None:
    await happen(connected, "purchase", 2)
    done = await hear("dov'è il mio pacco", "ask_shipping")
    assert done.said[-1] == "utter_shop_parcel"
    assert done.slots["proposal"] == "person"


async def test_sizes_of_what_is_in_the_cart(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data={"items": [{"sku": "RUN-01"}]})
    done = await hear("che taglie ci sono", "ask_sizes")
    assert [message["table"].split()[0] for message in done.messages] == ["Piede"]


async def test_the_product_in_the_question_goes_before_the_cart(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data={"items": [{"sku": "RUN-01"}]})
    done = await hear("che taglie ha la giacca", "ask_sizes")
    assert [message["table"].split()[0] for message in done.messages] == ["Torace"]


async def test_returns_tell_the_last_day_of_a_purchase(connected: Sessions) -> None:
    await happen(connected, "purchase", 3)
    assert (await hear("posso rendere?", "ask_returns")).said == ["utter_shop_returns", "utter_shop_returns_until"]


async def test_the_discount_is_counted_for_the_cart(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data=CART)
    done = await hear("c'è uno sconto?", "ask_discount")
    assert done.said == ["utter_shop_discount", "utter_shop_discount_code", "utter_shop_discount_amount"]
    assert (done.messages[0]["percent"], done.messages[2]["amount"]) == ("10%", "14,97 €")


async def test_the_shop_discount_is_none_for_electricity(connected: Sessions) -> None:
    done = await hear("c'è uno sconto?", "ask_discount", conversation="energy_comparison", requested_slot="postcode")
    assert done.said == ["utter_answer_discount"]


async def test_stock_of_the_size_in_the_cart(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data={"items": [{"sku": "RUN-01"}]})
    done = await hear("la 44 c'è?", "ask_stock", proposal="cart_checkout")
    assert done.said == ["utter_product_back_on", "utter_product_other_sizes"]


async def test_stock_of_something_else_leads_to_buying_it(connected: Sessions) -> None:
    done = await hear("avete la giacca in M?", "ask_stock")
    assert done.slots["conversation"] == "buy"


async def test_an_answer_leads_back_to_the_cart(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data=CART)
    assert (await hear("come si paga", "ask_payment")).slots == {"proposal": "cart_checkout"}


async def test_a_declined_cart_is_never_brought_up_again(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", 1, CART)
    await happen(connected, "cart_declined")
    assert (await hear("come si paga", "ask_payment")).slots == {}


async def test_a_question_beside_a_size_is_answered_too(connected: Sessions) -> None:
    customer = Customer(slots={"language": "it", "conversation": "buy", "requested_slot": "size", "product": "RUN-01"})
    done = await customer.tell("42, ma si paga con paypal?", "ask_payment", size="42")
    assert done.said == ["utter_shop_payment"]


@pytest.mark.parametrize("intent", ["ask_discount", "ask_payment"])
def test_what_may_be_asked_elsewhere_has_a_plain_answer(intent: str) -> None:
    assert intent in LIVE
    assert intent in STATIC


async def test_a_size_one_asks_for_is_a_question_about_stock(connected: Sessions) -> None:
    await happen(connected, "cart_abandoned", data={"items": [{"sku": "RUN-01"}]})
    assert (await hear("avete la 42?", "ask_sizes")).said == ["utter_product_in_stock"]
    assert (await hear("la 42 quanti cm sono?", "ask_sizes")).said == ["utter_shop_size_table"]
