"""Anger, what is not understood, two wishes in one message, and a person for valuable contacts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from actions import store
from actions.anger import is_furious
from actions.trouble import load_meanings
from core.db import Sessions
from core.settings import Settings
from tests.actions.conftest import Customer
from tests.actions.test_domain import DOMAIN

type Ask = Callable[..., Awaitable[Any]]


async def test_an_insult_gets_a_calm_word_and_the_second_a_person(ada: Customer) -> None:
    first = await ada.run("action_meet_abuse", "coglioni", "abuse")
    assert (first.said, first.events) == (["utter_abuse"], [])
    ada.said("abuse", "inform")
    again = await ada.run("action_meet_abuse", "coglioni!", "abuse")
    assert again.said == ["utter_abuse_again", "utter_propose_person"]
    assert again.slots == {"proposal": "person", "requested_slot": None}


async def test_a_complaint_is_noted_and_a_person_offered(ada: Customer, ask: Ask) -> None:
    done = await ada.run("action_meet_complaint", "il pacco è in ritardo", "complain")
    assert done.said == ["utter_sorry", "utter_propose_person"]
    assert await ask("SELECT data ->> 'sentence' FROM event WHERE kind = 'complaint'") == "il pacco è in ritardo"
    assert await ask("SELECT count(*) FROM handoff") == 0


@pytest.mark.parametrize(("sentence", "before"), [("È UNA VERGOGNA, TRE SETTIMANE", ()), ("di nuovo", ("complain",))])
async def test_fury_or_a_second_complaint_gets_a_person_at_once(
    ada: Customer, ask: Ask, sentence: str, before: tuple[str, ...]
) -> None:
    ada.said(*before)
    done = await ada.run("action_meet_complaint", sentence, "complain")
    assert done.said == ["utter_sorry", "utter_handed_over"]
    assert await ask("SELECT reason FROM handoff") == "frustration"


@pytest.mark.parametrize(
    ("sentence", "furious"),
    [
        ("siete dei ladri, chiamo l'avvocato", True),
        ("DAS IST EINE FRECHHEIT", True),
        ("where is my parcel!!!", True),
        ("il corriere non è passato", False),
        ("OK", False),
        ("die Rechnung stimmt nicht", False),
    ],
)
def test_fury_is_read_from_words_and_capitals(sentence: str, furious: bool) -> None:
    assert is_furious(sentence) == furious


@pytest.mark.parametrize("language", ["it", "de", "en"])
async def test_two_close_readings_become_buttons(ada: Customer, language: str) -> None:
    ada.slots["language"] = language
    ada.heard = {"nearest": ["ask_cost", "too_expensive"]}
    done = await ada.run("action_misunderstood", "costa", "nlu_fallback")
    assert done.said == ["utter_did_you_mean"]
    assert [button["payload"] for button in done.messages[0]["buttons"]] == ["/ask_cost", "/too_expensive", "/help"]
    assert done.slots == {"confused": True}
    assert {"event": "followup", "name": "action_listen", "timestamp": None} in done.events


async def test_a_reading_without_a_name_is_not_offered(ada: Customer) -> None:
    ada.heard = {"nearest": ["inform", "too_expensive"]}
    assert (await ada.run("action_misunderstood", "costa", "nlu_fallback")).said == ["utter_not_understood"]


@pytest.mark.parametrize(("sentence", "known"), [("???", 1.0), ("🤔", 1.0), ("asdfgh", 0.0)])
async def test_gibberish_is_answered_kindly_and_with_the_menu(connected: Sessions, sentence: str, known: float) -> None:
    customer = Customer(heard={"known": known})
    done = await customer.run("action_misunderstood", sentence, "out_of_scope")
    assert done.said == ["utter_no_words", "utter_menu"]


def test_every_reading_has_a_short_name_in_three_languages() -> None:
    names = {next(iter(intent)) for intent in DOMAIN["intents"]}
    for intent, titles in load_meanings().items():
        assert intent == "something_else" or intent in names
        assert set(titles) == {"it", "de", "en"}
        assert all(0 < len(title) <= 20 for title in titles.values()), titles


async def test_help_without_words_of_its_own_says_what_is_possible(ada: Customer) -> None:
    ada.slots["requested_slot"] = "country"
    assert (await ada.run("action_help_answer", "aiuto", "help")).said == ["utter_help_way"]


async def test_yes_but_what_does_it_cost_is_a_yes_and_a_question(ada: Customer) -> None:
    await ada.tell("20121", postcode="20121")
    offer = {
        "offer_code": "a",
        "supplier": "Rio",
        "name": "Uno",
        "yearly_cost": "500",
        "currency": "EUR",
        "saving": None,
    }
    ada.slots |= {"yearly_kwh": 2700.0, "preference": "price", "offers": [offer], "offer_choice": "1"}
    ada.slots["requested_slot"] = "offer_confirmed"
    ada.heard = {"parts": [{"intent": "affirm"}, {"intent": "ask_cost"}]}
    done = await ada.tell("sì, ma quanto costa?", "affirm", key="t2")
    assert done.said[0] == "utter_answer_cost"
    assert done.slots["offer_confirmed"] is True


async def test_a_question_beside_the_start_is_answered_first(connected: Sessions) -> None:
    customer = Customer(slots={"language": "it", "conversation": "energy_comparison"})
    customer.heard = {"parts": [{"intent": "energy_comparison"}, {"intent": "ask_cost"}]}
    done = await customer.tell("voglio confrontare, ma quanto costa?", "energy_comparison")
    assert done.said[0] == "utter_answer_cost"
    assert done.slots["requested_slot"] == "postcode"


@pytest.fixture
def valuable(settings: Settings, connected: Sessions) -> Settings:
    """From 1000 on a contact gets a person."""
    store.use(connected, settings.model_copy(update={"handoff_value": 1000}))
    return settings


@pytest.mark.parametrize(("value", "handed"), [(1500, True), (999, False), (None, False)])
async def test_a_valuable_contact_gets_a_person_when_a_conversation_is_broken_off(
    valuable: Settings, connected: Sessions, ada: Customer, ask: Ask, value: int | None, handed: bool
) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET value = :value"), {"value": value})
    done = await ada.run("action_break_off", "lascia stare", "cancel")
    assert done.said == ["utter_cancelled", *(["utter_value_handed_over"] if handed else [])]
    assert await ask("SELECT count(*) FROM handoff WHERE reason = 'value'") == handed


async def test_who_has_a_person_already_gets_no_second(
    valuable: Settings, connected: Sessions, ada: Customer, ask: Ask
) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET value = 5000"))
    await ada.run("action_hand_over", "una persona", "ask_human", "t1")
    assert (await ada.run("action_break_off", "lascia stare", "cancel", "t2")).said == ["utter_cancelled"]
    assert await ask("SELECT count(*) FROM handoff") == 1


async def test_erasure_is_proposed_again_refused_or_done(connected: Sessions, ask: Ask) -> None:
    customer = Customer()
    assert (await customer.run("action_ask_erasure", "cancellate tutto", "erase_data")).slots["proposal"] == "erasure"
    assert (await customer.run("action_repeat_proposal")).said == ["utter_propose_erasure"]
    assert (await customer.run("action_answer_proposal", "no", "deny")).said == ["utter_erasure_declined"]
    customer.slots["proposal"] = "erasure"
    done = await customer.run("action_answer_proposal", "sì", "affirm", "t2")
    assert (done.said, done.slots["proposal"]) == (["utter_erasure_done"], None)


async def test_a_right_used_beside_a_value_is_not_lost(ada: Customer) -> None:
    done = await ada.tell("20121, niente pubblicità", "opt_out_marketing", postcode="20121")
    assert any(event["event"] == "action_execution_rejected" for event in done.events)
    assert done.slots["requested_slot"] == "yearly_kwh"
