"""Objections: met with what we know, once; a second time a person is offered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from actions.conversations import CONVERSATIONS
from actions.objections import OBJECTIONS
from core import clock
from core.db import Sessions
from tests.actions.conftest import Customer

type Ask = Callable[..., Awaitable[Any]]
OFFERS = [
    {"supplier": "Rio", "saving": "12.50", "currency": "EUR"},
    {"supplier": "Lago", "saving": "80.00", "currency": "EUR"},
    {"supplier": "Mare", "saving": None, "currency": "EUR"},
]


async def object_to(customer: Customer, kind: str, key: str = "t1") -> Any:
    return await customer.run("action_meet_objection", "eh no dai", kind, key)


async def add_contract(connected: Sessions, days: int) -> None:
    ends = clock.now().date() + timedelta(days=days)
    sql = "INSERT INTO contract (contact_id, kind, expires_on, source) VALUES (1, 'electricity', :ends, 'api')"
    async with connected.begin() as session:
        await session.execute(text(sql), {"ends": ends})


@pytest.mark.parametrize("kind", OBJECTIONS)
async def test_an_objection_is_answered_and_noted_once_per_turn(ada: Customer, ask: Ask, kind: str) -> None:
    first = await object_to(ada, kind)
    await object_to(ada, kind)
    assert first.said[0].startswith(f"utter_objection_{kind}")
    assert await ask("SELECT count(*) FROM event WHERE kind = 'objection'") == 1
    assert await ask("SELECT data FROM event") == {"kind": kind, "sentence": "eh no dai"}
    assert await ask("SELECT score_stale_at IS NOT NULL FROM contact")


async def test_the_best_saving_seen_answers_the_price(ada: Customer) -> None:
    ada.slots |= {"requested_slot": "offer_choice", "offers": OFFERS, "offers_shown": "x"}
    done = await object_to(ada, "too_expensive")
    assert done.messages[0] == {**done.messages[0], "supplier": "Lago", "saving": "80,00 €"}


async def test_offers_not_shown_yet_or_dearer_are_not_mentioned(ada: Customer) -> None:
    ada.slots |= {"offers": OFFERS}
    assert (await object_to(ada, "too_expensive")).said == ["utter_objection_too_expensive_energy_comparison"]
    ada.slots |= {"offers": OFFERS[2:], "offers_shown": "x"}
    assert (await object_to(ada, "too_expensive")).said == ["utter_objection_too_expensive_energy_comparison"]


async def test_who_has_no_time_hears_how_many_answers_are_left(ada: Customer) -> None:
    done = await object_to(ada, "no_time")
    assert done.messages[0] == {**done.messages[0], "response": "utter_objection_no_time_left", "left": 4}
    ada.slots |= {"postcode": "20121", "country": "IT", "yearly_kwh": 2700.0, "requested_slot": "preference"}
    assert (await object_to(ada, "no_time")).said == ["utter_objection_no_time_last"]
    ada.slots |= {"preference": "price", "offers": OFFERS, "requested_slot": "offer_choice"}
    assert (await object_to(ada, "no_time")).said == ["utter_objection_no_time"]


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_every_conversation_can_count_what_is_left(connected: Sessions, name: str) -> None:
    customer = Customer(slots={"language": "it", "conversation": name, "requested_slot": "anything"})
    assert (await object_to(customer, "no_time")).said[0].startswith("utter_objection_no_time")


@pytest.mark.parametrize(("days", "told"), [(60, True), (3, False)])
async def test_a_contract_that_lasts_says_there_is_no_hurry(
    connected: Sessions, ada: Customer, days: int, told: bool
) -> None:
    await add_contract(connected, days)
    done = await object_to(ada, "distrust")
    assert ("utter_objection_days_left" in done.said) == told


async def test_who_fears_fraud_reads_who_writes_and_where_the_number_is_from(ada: Customer) -> None:
    done = await object_to(ada, "suspect_scam")
    assert done.said == ["utter_objection_suspect_scam", "utter_number_source_unknown"]
    assert done.messages[0]["company"]


async def test_the_same_objection_again_offers_a_person_and_leaves(ada: Customer, ask: Ask) -> None:
    ada.said("too_expensive", "inform")
    done = await object_to(ada, "too_expensive")
    assert done.said == ["utter_objection_again", "utter_propose_person"]
    assert done.slots == {"proposal": "person", "requested_slot": None}
    assert {"event": "active_loop", "name": None, "timestamp": None} in done.events
    assert await ask("SELECT count(*) FROM event") == 1


async def test_another_objection_is_answered_too(ada: Customer) -> None:
    ada.said("too_expensive")
    assert (await object_to(ada, "distrust")).said[0].startswith("utter_objection_distrust")


async def test_out_of_a_conversation_the_proposal_comes_again(connected: Sessions) -> None:
    customer = Customer(slots={"language": "it", "proposal": "energy_comparison"})
    done = await object_to(customer, "distrust")
    assert done.said == ["utter_objection_distrust_energy_comparison", "utter_propose_energy_comparison"]


async def test_an_objection_that_answers_a_proposal_begins_that_conversation(connected: Sessions) -> None:
    customer = Customer(slots={"language": "it", "proposal": "membership_renewal"})
    done = await object_to(customer, "too_expensive")
    assert done.slots["conversation"] == "membership_renewal"
    assert done.slots["taken_up"] is True


async def test_a_question_beside_an_objection_is_answered_after_it(ada: Customer) -> None:
    ada.heard = {"parts": [{"intent": "too_expensive"}, {"intent": "ask_data"}]}
    done = await object_to(ada, "too_expensive")
    assert done.said == ["utter_objection_too_expensive_energy_comparison", "utter_answer_data"]


async def test_an_objection_beside_a_value_is_met_and_the_value_kept(ada: Customer) -> None:
    done = await ada.tell("20121 ma costa troppo", "too_expensive", postcode="20121")
    assert done.said[0] == "utter_objection_too_expensive_energy_comparison"
    assert done.slots["requested_slot"] == "yearly_kwh"
