from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest_asyncio

from tests.actions.conftest import Customer

type Ask = Callable[..., Awaitable[Any]]

QUESTION = {
    "event": "bot",
    "text": "Vuoi che ti scriva qui?",
    "data": {"buttons": [{"title": "Sì", "payload": "/affirm"}]},
}


@pytest_asyncio.fixture
async def chooser(ada: Customer) -> Customer:
    """Ada has offers before her and wants the first."""
    await ada.tell("tutto", postcode="20121", yearly_kwh=2700.0, preference="price")
    await ada.run("action_ask_offer_choice")
    await ada.tell("la prima", "choose_offer", offer_choice="1")
    return ada


async def run_plain(chooser: Customer, slot: str, value: bool, key: str, sentence: str = "/affirm") -> Any:
    """A yes or no: Rasa sets the slot from the intent, there is no entity."""
    chooser.slots |= {slot: value, "requested_slot": slot}
    chooser.events = [QUESTION, {"event": "slot", "name": "requested_slot", "value": slot}]
    return await chooser.tell(sentence, "affirm" if value else "deny", key, **{slot: value})


async def test_offers_shown_are_a_quote_and_raise_the_score(chooser: Customer, ask: Ask) -> None:
    assert await ask("SELECT count(*) FROM event WHERE kind = 'quote_request'") == 1
    assert await ask("SELECT points FROM score") > 0


async def test_the_same_turn_twice_is_one_quote(chooser: Customer, ask: Ask) -> None:
    chooser.slots["offers_shown"] = None
    await chooser.run("action_ask_offer_choice")
    assert await ask("SELECT count(*) FROM event WHERE kind = 'quote_request'") == 1


async def test_offers_once_shown_are_not_listed_again(chooser: Customer) -> None:
    done = await chooser.run("action_ask_offer_choice", key="t2")
    assert done.said == ["utter_ask_offer_choice_again"]


async def test_a_yes_notes_the_choice_once(chooser: Customer, ask: Ask) -> None:
    await run_plain(chooser, "offer_confirmed", True, "t5")
    await run_plain(chooser, "offer_confirmed", True, "t5")
    assert await ask("SELECT count(*) FROM event WHERE kind = 'offer_chosen'") == 1
    assert chooser.slots["requested_slot"] == "updates_wanted"


async def test_a_no_leads_back_to_the_offers(chooser: Customer, ask: Ask) -> None:
    done = await run_plain(chooser, "offer_confirmed", False, "t5")
    assert done.slots["requested_slot"] == "offer_choice"
    assert await ask("SELECT count(*) FROM event WHERE kind = 'offer_chosen'") == 0


async def test_a_yes_to_updates_is_a_consent_with_the_words_shown(chooser: Customer, ask: Ask) -> None:
    await run_plain(chooser, "offer_confirmed", True, "t5")
    await run_plain(chooser, "updates_wanted", True, "t6")
    assert await ask("SELECT given FROM consent WHERE purpose = 'marketing'") is True
    assert await ask("SELECT wording FROM consent") == "Vuoi che ti scriva qui?\n> Sì"
    assert await ask("SELECT proof FROM consent") == "t6"


async def test_a_no_to_updates_is_kept_too(chooser: Customer, ask: Ask) -> None:
    await run_plain(chooser, "offer_confirmed", True, "t5")
    await run_plain(chooser, "updates_wanted", False, "t6")
    assert await ask("SELECT given FROM consent WHERE purpose = 'marketing'") is False


async def test_the_end_brings_a_tracked_link_that_stays_the_same(chooser: Customer, ask: Ask) -> None:
    await run_plain(chooser, "offer_confirmed", True, "t5")
    await run_plain(chooser, "updates_wanted", True, "t6")
    kept = dict(chooser.slots)
    first = await chooser.run("action_finish", key="t6")
    chooser.slots = kept
    second = await chooser.run("action_finish", key="t6")
    assert first.said == ["utter_updates_on", "utter_done"]
    assert first.messages[1]["url"] == second.messages[1]["url"]
    assert await ask("SELECT token FROM link") == first.messages[1]["url"].rsplit("/", 1)[1]


async def test_the_end_forgets_the_choice_and_keeps_what_was_told(chooser: Customer) -> None:
    await run_plain(chooser, "offer_confirmed", True, "t5")
    await run_plain(chooser, "updates_wanted", True, "t6")
    done = await chooser.run("action_finish")
    assert done.slots["offers"] is None
    assert "postcode" not in done.slots


async def test_naming_the_chosen_offer_again_confirms_it(chooser: Customer, ask: Ask) -> None:
    chooser.slots["requested_slot"] = "offer_confirmed"
    chooser.events = [{"event": "slot", "name": "offer_choice", "value": "1"}, {"event": "user"}]
    done = await chooser.tell("sì, la prima", "choose_offer", "t5", offer_choice="1")
    assert done.slots["requested_slot"] == "updates_wanted"
    assert await ask("SELECT count(*) FROM event WHERE kind = 'offer_chosen'") == 1


async def test_naming_the_other_offer_changes_the_choice(chooser: Customer) -> None:
    chooser.slots["requested_slot"] = "offer_confirmed"
    chooser.events = [{"event": "slot", "name": "offer_choice", "value": "1"}, {"event": "user"}]
    done = await chooser.tell("no, la seconda", "choose_offer", "t5", offer_choice="2")
    assert done.slots["offer_choice"] == "2"
    assert done.slots["requested_slot"] == "offer_confirmed"
