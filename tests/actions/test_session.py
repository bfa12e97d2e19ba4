from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from actions.conversations import CONVERSATIONS
from actions.session import take_up_slots
from core.db import Sessions
from tests.actions.conftest import Customer


async def test_a_session_starts_with_the_profile(connected: Sessions) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET postcode = '20121', place = 'Milano'"))
        contract = "INSERT INTO contract (contact_id, kind, yearly_kwh, source) VALUES (1, 'electricity', 2700, 'api')"
        await session.execute(text(contract))
    done = await Customer(slots={"language": None}).run("action_session_start")
    assert done.slots == {"postcode": "20121", "country": "IT", "place": "Milano", "yearly_kwh": 2700.0}


async def test_what_came_with_the_message_survives_the_start(connected: Sessions) -> None:
    done = await Customer(slots={"language": "de", "proposal": "energy_comparison"}).run("action_session_start")
    assert done.slots["proposal"] == "energy_comparison"
    assert [event["event"] for event in done.events][::3] == ["session_started", "action"]


async def test_what_the_customer_said_beats_the_contract(connected: Sessions) -> None:
    async with connected.begin() as session:
        await session.execute(
            text(
                "INSERT INTO answer (contact_id, name, value, sentence, turn_key, at)"
                " VALUES (1, 'yearly_kwh', '3100', '3100', 't1', now())"
            )
        )
        contract = "INSERT INTO contract (contact_id, kind, yearly_kwh, source) VALUES (1, 'electricity', 2700, 'api')"
        await session.execute(text(contract))
    done = await Customer().run("action_session_start")
    assert done.slots["yearly_kwh"] == 3100.0


async def test_a_merged_contact_is_found_by_its_old_token(connected: Sessions) -> None:
    async with connected.begin() as session:
        merged = "INSERT INTO contact_merge (loser_id, loser_token, winner_id) VALUES (99, 'old', 1)"
        await session.execute(text(merged))
    done = await Customer(token="old").run("action_session_start")
    assert done.events[0]["event"] == "session_started"


LEFT = text(
    "INSERT INTO turn (contact_id, session_number, text, decision, started_at, finished_at, open_question, slots)"
    " VALUES (1, 1, 'x', :decision, now() - make_interval(days => :days), now() - make_interval(days => :days),"
    " CAST(:asked AS jsonb), CAST(:slots AS jsonb))"
)
ENERGY = {
    "language": "de",
    "conversation": "energy_comparison",
    "postcode": "20121",
    "country": "IT",
    "place": "Milano",
}


async def leave(
    sessions: Sessions, asked: str | None, slots: dict[str, Any], days: int = 2, decision: str = "ask_rasa"
) -> None:
    """A talk that stopped so many days ago with this question."""
    question = json.dumps({"slot": asked, "takes_number": False}) if asked else "null"
    row = {"asked": question, "slots": json.dumps(slots), "days": days, "decision": decision}
    async with sessions.begin() as session:
        await session.execute(LEFT, row)


async def test_a_question_left_open_is_taken_up_with_all_that_was_told(connected: Sessions) -> None:
    await leave(connected, "yearly_kwh", ENERGY)
    done = await Customer(slots={"language": None}).run("action_session_start")
    assert done.slots == {
        "conversation": "energy_comparison",
        "postcode": "20121",
        "country": "IT",
        "place": "Milano",
        "requested_slot": "yearly_kwh",
    }
    assert {"event": "active_loop", "name": "conversation_form", "timestamp": None} in done.events
    assert done.events[-1]["name"] == "action_listen"


async def test_an_answer_after_the_silence_is_an_answer(connected: Sessions) -> None:
    await leave(connected, "yearly_kwh", ENERGY)
    customer = Customer(slots={"language": "it"})
    await customer.run("action_session_start")
    done = await customer.tell("2700", yearly_kwh=2700.0)
    assert done.slots["requested_slot"] == "preference"


async def test_offers_of_days_ago_are_looked_for_anew(connected: Sessions) -> None:
    told = ENERGY | {"yearly_kwh": 2700.0, "preference": "price"}
    await leave(connected, "offer_confirmed", told | {"offers": [{"offer_code": "x"}], "offer_choice": "1"})
    customer = Customer(slots={"language": "it"})
    done = await customer.run("action_session_start")
    assert done.slots["proposal"] == "energy_comparison"
    assert done.slots["preference"] == "price"
    assert not {"offers", "offer_choice", "requested_slot"} & done.slots.keys()
    taken = await customer.run("action_answer_proposal", "sì", "affirm")
    assert taken.slots["conversation"] == "energy_comparison"
    customer.slots["requested_slot"] = None
    assert (await customer.tell("sì", "affirm")).slots["requested_slot"] == "offer_choice"


async def test_what_was_proposed_still_stands(connected: Sessions) -> None:
    await leave(connected, None, {"conversation": "energy_comparison", "proposal": "cart_checkout"})
    customer = Customer(slots={"language": "it"})
    assert (await customer.run("action_session_start")).slots == {"language": "it", "proposal": "cart_checkout"}
    assert (await customer.run("action_propose", "ciao", "greet")).said == ["utter_propose_cart_checkout"]


@pytest.mark.parametrize(
    ("asked", "slots", "days", "decision"),
    [
        ("yearly_kwh", ENERGY, 15, "ask_rasa"),
        ("yearly_kwh", ENERGY, 2, "stop"),
        ("yearly_kwh", ENERGY, 2, "handoff_open"),
        (None, ENERGY, 2, "ask_rasa"),
        (None, ENERGY | {"proposal": "erasure"}, 2, "ask_rasa"),
    ],
    ids=["too long ago", "after a stop", "a person has it", "nothing was open", "erasure is asked for anew"],
)
async def test_nothing_is_taken_up(
    connected: Sessions, asked: str | None, slots: dict[str, Any], days: int, decision: str
) -> None:
    await leave(connected, asked, slots, days, decision)
    assert (await Customer(slots={"language": "it"}).run("action_session_start")).slots == {"language": "it"}


@pytest.mark.parametrize(("kind", "taken_up"), [("template", False), ("reply", True)])
async def test_a_template_since_then_asks_something_new(connected: Sessions, kind: str, taken_up: bool) -> None:
    await leave(connected, "yearly_kwh", ENERGY)
    async with connected.begin() as session:
        sent = "INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, due_at,"
        sent += " created_at) VALUES (1, '900', 'k', 'c', :kind, 'marketing', '{}', 'x', now(), now())"
        await session.execute(text(sent), {"kind": kind})
    done = await Customer(slots={"language": "it"}).run("action_session_start")
    assert ("requested_slot" in done.slots) is taken_up


async def test_after_a_talk_with_a_person_nothing_is_taken_up(connected: Sessions) -> None:
    await leave(connected, "yearly_kwh", ENERGY)
    async with connected.begin() as session:
        opened = "INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at, closed_at)"
        await session.execute(text(f"{opened} VALUES (1, 'wish', 't9', '{{}}', now() - interval '1 day', now())"))
    assert (await Customer(slots={"language": "it"}).run("action_session_start")).slots == {"language": "it"}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_every_conversation_is_taken_up_at_any_of_its_questions(name: str) -> None:
    for question in CONVERSATIONS[name].questions:
        left = take_up_slots({"conversation": name, "postcode": "20121"}, question.slot)
        assert left.get("requested_slot") == question.slot or left["proposal"] == name
