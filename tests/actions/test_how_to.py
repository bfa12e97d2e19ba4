from __future__ import annotations

from actions.how_to.steps import name_button
from actions.shop.context import shorten
from core.db import Sessions
from tests.actions.conftest import Customer
from tests.actions.shopping import open_shop

__all__ = ["open_shop"]


def meet(language: str = "it") -> Customer:
    return Customer(slots={"language": language, "conversation": "how_to", "requested_slot": None})


async def test_steps_a_picture_and_a_button(connected: Sessions) -> None:
    customer = meet()
    done = await customer.tell("come si fora una piastrella con il trapano?", "how_to")
    assert done.slots["requested_slot"] is None
    done = await customer.run("action_finish", intent="how_to")
    assert done.messages[0]["title"] == "Forare le piastrelle"
    assert any(message.get("image") or message.get("attachment") for message in done.messages)
    assert done.messages[-1]["buttons"] == [{"title": "Acquisto", "payload": '/buy{"product":"BIT-01"}'}]
    assert done.slots["proposal"] == "buy"


async def test_the_title_of_the_steps_names_them_too(connected: Sessions) -> None:
    done = await meet("de").tell("wie mach ich fliesen bohren", "how_to")
    assert done.slots["topic"] == "DRL-01"


async def test_what_we_cannot_show_is_asked_with_a_list(connected: Sessions) -> None:
    customer = meet()
    done = await customer.tell("come si fa?", "how_to")
    assert done.slots["requested_slot"] == "topic"
    asked = await customer.run("action_ask_topic")
    assert len(asked.messages[0]["buttons"]) == 3


async def test_what_is_sold_out_is_not_offered(connected: Sessions) -> None:
    customer = meet("en")
    await customer.tell("how do i use the kettlebell", "how_to")
    done = await customer.run("action_finish", intent="how_to")
    assert done.messages[-1]["buttons"][0]["payload"] == '/buy{"product":"KET-01"}'


def test_a_long_name_is_cut_at_a_word() -> None:
    assert shorten("Set di punte per ceramica") == "Set di punte"
    assert shorten("Yoga mat") == "Yoga mat"


def test_a_button_is_never_too_long() -> None:
    assert name_button("Sports socks, 3 pairs", "en") == "Buy Sports socks"
    assert name_button("Fliesenbohrer-Set groß", "de") == "Kaufen"
