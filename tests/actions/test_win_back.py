from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.db import Sessions
from core.tables import Contract
from tests.actions.conftest import Customer, Done

type Ask = Callable[..., Awaitable[Any]]

REASON = "SELECT data FROM event WHERE kind = 'churn_reason' ORDER BY id DESC LIMIT 1"


@pytest.fixture
def former(connected: Sessions) -> Customer:
    """A customer who answers "may I ask why you left?"."""
    slots = {"language": "it", "conversation": "win_back", "requested_slot": None, "taken_up": True}
    return Customer(slots=slots)


async def leave(former: Customer, intent: str, sentence: str = "ecco") -> Done:
    """Says the reason; what is asked or said then."""
    done = await former.tell(sentence, intent, "t1")
    if done.slots["requested_slot"] == "return_decision":
        return await former.run("action_ask_return_decision", key="t1")
    return await former.run("action_finish", sentence, intent, "t1")


@pytest.mark.parametrize(
    ("intent", "reason", "said"),
    [
        ("too_expensive", "price", ["utter_renewal_sample", "utter_ask_return_cheaper"]),
        ("complain", "service", ["utter_service_apology", "utter_propose_person"]),
        ("missing_feature", "feature", ["utter_renewal_sample", "utter_ask_return_news"]),
        ("drifted_away", "drifted", ["utter_renewal_sample", "utter_ask_return_restart"]),
        ("no_time", "drifted", ["utter_renewal_sample", "utter_ask_return_restart"]),
        ("found_other", "competitor", ["utter_churn_competitor_member"]),
        ("deny", "untold", ["utter_churn_untold"]),
        ("nlu_fallback", "other", ["utter_churn_other"]),
    ],
)
async def test_every_reason_has_its_own_answer(
    former: Customer, ask: Ask, intent: str, reason: str, said: list[str]
) -> None:
    assert (await leave(former, intent)).said == said
    assert (await ask(REASON)) == {"reason": reason, "sentence": "ecco"}
    assert await ask("SELECT value FROM answer WHERE name = 'churn_reason'") == reason


async def test_a_yes_to_the_template_asks_for_the_reason(former: Customer) -> None:
    done = await former.tell("sì dimmi", "affirm")
    assert done.slots["requested_slot"] == "churn_reason"


async def test_the_service_is_never_haggled_with(former: Customer, ask: Ask) -> None:
    done = await leave(former, "complain", "mi avete trattato male")
    assert done.slots["proposal"] == "person"
    assert await ask("SELECT data ->> 'sentence' FROM event WHERE kind = 'complaint'") == "mi avete trattato male"


async def test_a_no_to_the_person_begins_nothing_again(former: Customer) -> None:
    await leave(former, "complain")
    former.slots |= {"requested_slot": None}
    assert (await former.run("action_answer_proposal", "no", "deny", "t2")).said == ["utter_declined"]


async def test_a_yes_is_thanked_and_noted(former: Customer, ask: Ask) -> None:
    await leave(former, "too_expensive")
    await former.tell("sì", "affirm", "t2")
    done = await former.run("action_finish", "sì", "affirm", "t2")
    assert done.said == ["utter_return_accepted"]
    assert await ask("SELECT count(*) FROM event WHERE kind = 'return_accepted'") == 1


async def test_a_no_is_respected_for_good(former: Customer, ask: Ask) -> None:
    await leave(former, "too_expensive")
    await former.tell("no", "deny", "t2")
    assert (await former.run("action_finish", "no", "deny", "t2")).said == ["utter_return_declined"]
    assert await ask("SELECT count(*) FROM event WHERE kind = 'return_declined'") == 1
    former.slots |= {"requested_slot": None, "taken_up": True}
    done = await former.tell("non lo usavo", "drifted_away", "t3")
    assert done.slots["requested_slot"] is None


async def test_the_same_reason_again_is_a_no(former: Customer) -> None:
    await leave(former, "too_expensive")
    done = await former.tell("sempre troppo caro", "too_expensive", "t2")
    assert done.slots["requested_slot"] is None
    assert (await former.run("action_finish", key="t2")).said == ["utter_return_declined"]


async def test_another_reason_is_answered_once(former: Customer, ask: Ask) -> None:
    await leave(former, "too_expensive")
    done = await former.tell("anzi non avevo tempo", "no_time", "t2")
    assert done.slots["requested_slot"] == "return_decision"
    assert (await ask(REASON))["reason"] == "drifted"
    done = await former.tell("e costava", "too_expensive", "t3")
    assert done.slots["requested_slot"] is None


async def test_a_complaint_after_the_offer_gets_a_person(former: Customer) -> None:
    await leave(former, "too_expensive")
    done = await former.tell("e poi eravate maleducati", "complain", "t2")
    assert done.slots["requested_slot"] is None
    assert "utter_propose_person" in (await former.run("action_finish", key="t2")).said


async def test_who_comes_back_is_not_asked_whether(former: Customer) -> None:
    former.slots["taken_up"] = None
    done = await former.tell("voglio tornare", "come_back")
    assert done.said == ["utter_welcome_back"]
    assert done.slots["requested_slot"] == "churn_reason"
    done = await former.tell("era caro", "too_expensive", "t2")
    assert done.slots["requested_slot"] is None
    assert (await former.run("action_finish", key="t2")).said == ["utter_return_accepted"]


async def test_a_reason_out_of_the_blue_is_not_asked_again(former: Customer) -> None:
    former.slots = {"language": "it"}
    await former.run("action_answer_proposal", "ho trovato un'altra palestra", "found_other")
    assert former.slots["conversation"] == "win_back"
    done = await former.tell("ho trovato un'altra palestra", "found_other")
    assert done.slots["requested_slot"] is None


async def test_a_reason_answers_what_was_proposed_first(former: Customer) -> None:
    former.slots = {"language": "it", "proposal": "membership_renewal"}
    await former.run("action_answer_proposal", "ho trovato un'altra palestra", "found_other")
    assert former.slots["conversation"] == "membership_renewal"


async def test_a_customer_of_electricity_is_offered_a_comparison(former: Customer, connected: Sessions) -> None:
    async with connected.begin() as session:
        session.add(Contract(contact_id=1, kind="electricity", source="api"))
    assert (await leave(former, "too_expensive")).said == ["utter_ask_return_compare"]
    await former.tell("sì", "affirm", "t2")
    done = await former.run("action_finish", "sì", "affirm", "t2")
    assert done.slots["proposal"] == "energy_comparison"


@pytest.mark.parametrize(("intent", "kind"), [("feedback", "feedback"), ("complain", "complaint")])
async def test_what_customers_say_about_us_is_kept_in_their_words(
    former: Customer, ask: Ask, intent: str, kind: str
) -> None:
    former.slots = {"language": "it"}
    await former.run("action_note_feedback", "istruttori bravissimi", intent)
    await former.run("action_note_feedback", "istruttori bravissimi", intent)
    kept = "SELECT data ->> 'sentence' FROM event WHERE kind = :kind"
    assert await ask(kept, kind=kind) == "istruttori bravissimi"
    assert await ask("SELECT count(*) FROM event") == 1
