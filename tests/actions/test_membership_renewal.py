from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from actions.membership.offer import add_months
from core import clock
from core.db import Sessions
from core.tables import Contract
from tests.actions.conftest import Customer, Done

type Ask = Callable[..., Awaitable[Any]]

DECLINED = "SELECT data FROM event WHERE kind = 'renewal_declined'"
ACCEPTED = "SELECT data FROM event WHERE kind = 'renewal_accepted'"
TEMPLATE = text(
    "INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, proposal, state, due_at,"
    " created_at) VALUES (1, '1', 'k', 'c', 'template', 'marketing', '{}', 'Renew?', 'membership_renewal', 'read',"
    " :at, :at)"
)


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The offers of the facts hold on certain days."""
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "_ahead", noon - datetime.now(UTC))


@pytest_asyncio.fixture
async def member(connected: Sessions) -> Customer:
    """A customer of the gym whose membership ends in twenty days."""
    async with connected.begin() as session:
        ends = clock.now().date() + timedelta(days=20)
        session.add(Contract(contact_id=1, kind="gym", expires_on=ends, source="api"))
    return Customer(slots={"language": "it", "conversation": "membership_renewal", "requested_slot": None})


async def take_up(member: Customer, sentence: str, intent: str, key: str = "t1") -> Done:
    """An answer to the template."""
    member.slots |= {"requested_slot": None, "taken_up": True}
    return await member.tell(sentence, intent, key)


async def ask_first(member: Customer) -> Done:
    """The customer starts it and reads the offer."""
    await member.tell("voglio rinnovare", "membership_renewal", "t0")
    return await member.run("action_ask_renewal_decision", key="t0")


async def write_template(connected: Sessions, days_ago: int) -> None:
    async with connected.begin() as session:
        await session.execute(TEMPLATE, {"at": clock.now() - timedelta(days=days_ago)})


async def test_the_offer_is_shown_with_price_and_dates(member: Customer) -> None:
    done = await ask_first(member)
    assert done.said == ["utter_renewal_ends", "utter_renewal_sample", "utter_ask_renewal_decision"]
    assert (done.messages[-1]["price"], done.messages[-1]["until"]) == ("79,80 €", "8 marzo 2027")
    assert done.messages[-1]["last_day"] == "22 novembre 2026"


async def test_the_same_offer_is_reminded_of_in_other_words(member: Customer) -> None:
    await ask_first(member)
    done = await member.run("action_ask_renewal_decision", key="t2")
    assert done.said == ["utter_ask_renewal_decision_again"]


async def test_a_yes_is_noted_once_and_confirmed(member: Customer, ask: Ask) -> None:
    await ask_first(member)
    done = await member.tell("sì", "affirm")
    assert done.said == ["utter_renewal_accepted"]
    assert done.slots["requested_slot"] == "updates_wanted"
    assert (await ask(ACCEPTED)).items() >= {"id": "two-plus-one", "price": "79.80", "until": "2027-03-08"}.items()
    assert await ask("SELECT score_stale_at IS NOT NULL FROM contact") is True


async def test_a_yes_to_an_offer_nobody_has_read_only_shows_it(member: Customer, ask: Ask) -> None:
    done = await take_up(member, "sì", "affirm")
    assert done.slots["requested_slot"] == "renewal_decision"
    assert await ask("SELECT count(*) FROM event") == 0


async def test_a_yes_to_the_template_renews(member: Customer, connected: Sessions, ask: Ask) -> None:
    await write_template(connected, 0)
    done = await take_up(member, "sì", "affirm")
    assert done.said == ["utter_renewal_sample", "utter_renewal_accepted"]
    assert (await ask(ACCEPTED))["id"] == "two-plus-one"


async def test_a_yes_after_the_last_day_is_told_that_it_is_over(
    member: Customer, connected: Sessions, ask: Ask
) -> None:
    await write_template(connected, 8)
    done = await take_up(member, "sì", "affirm")
    assert done.slots["requested_slot"] == "renewal_decision"
    assert await ask("SELECT count(*) FROM event") == 0
    shown = await member.run("action_ask_renewal_decision", key="t1")
    assert shown.said[0] == "utter_renewal_expired"
    assert member.slots["renewal"]["id"] == "year"


async def test_who_has_agreed_to_updates_is_not_asked_again(member: Customer, connected: Sessions) -> None:
    async with connected.begin() as session:
        consent = "INSERT INTO consent (contact_id, purpose, given, at, channel, wording) VALUES (1, 'marketing', true,"
        await session.execute(text(f"{consent} now(), 'import', 'yes')"))
    await ask_first(member)
    done = await member.tell("sì", "affirm")
    assert done.slots["requested_slot"] is None
    finished = await member.run("action_finish", "sì", "affirm")
    assert finished.said == ["utter_renewal_without_link"]


async def test_the_consent_is_asked_for_the_membership(member: Customer) -> None:
    done = await member.run("action_ask_updates_wanted")
    assert done.said == ["utter_ask_updates_membership_renewal"]


async def test_more_information_leads_back_to_the_question(member: Customer) -> None:
    await ask_first(member)
    done = await member.tell("dimmi di più", "more_info")
    assert done.said == ["utter_renewal_info"]
    assert done.messages[0]["notice"] == 30
    assert done.slots["requested_slot"] == "renewal_decision"


async def test_a_no_is_noted_and_the_reason_asked_once(member: Customer, ask: Ask) -> None:
    await ask_first(member)
    done = await member.tell("no grazie", "deny")
    assert done.slots["requested_slot"] == "renewal_reason"
    assert (await ask(DECLINED))["reason"] is None
    done = await member.tell("no", "deny", "t2")
    assert done.slots["requested_slot"] is None
    assert (await member.run("action_finish", "no", "deny", "t2")).said == ["utter_renewal_declined"]


async def test_a_no_with_its_reason_is_not_asked_why(member: Customer, ask: Ask) -> None:
    await ask_first(member)
    done = await take_up(member, "troppo caro", "too_expensive")
    assert done.slots["requested_slot"] == "alternative_decision"
    assert (await ask(DECLINED))["reason"] == "price"
    assert await ask("SELECT value FROM answer WHERE name = 'renewal_reason'") == "price"


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        ("too_expensive", "utter_ask_alternative_cheaper"),
        ("no_time", "utter_ask_alternative_pause"),
        ("drifted_away", "utter_ask_alternative_pause"),
    ],
)
async def test_one_alternative_fits_the_reason(member: Customer, intent: str, said: str) -> None:
    await ask_first(member)
    await member.tell("no", "deny", "t1")
    await member.tell("ecco perché", intent, "t2")
    assert (await member.run("action_ask_alternative_decision", key="t2")).said == [said]


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        ("missing_feature", "utter_renewal_declined_feature"),
        ("found_other", "utter_renewal_declined_competitor"),
        ("nlu_fallback", "utter_renewal_declined"),
    ],
)
async def test_where_nothing_fits_the_no_is_respected(member: Customer, intent: str, said: str) -> None:
    await ask_first(member)
    await member.tell("no", "deny", "t1")
    done = await member.tell("ecco perché", intent, "t2")
    assert done.slots["requested_slot"] is None
    assert (await member.run("action_finish", "ecco perché", intent, "t2")).said == [said]


async def test_the_alternative_is_taken(member: Customer, ask: Ask) -> None:
    await ask_first(member)
    await member.tell("troppo caro", "too_expensive", "t1")
    done = await member.tell("ok", "affirm", "t2")
    assert done.said == ["utter_alternative_accepted"]
    assert (await ask(ACCEPTED))["plan"] == "smaller_plan"


async def test_a_second_no_is_the_last_word(member: Customer, ask: Ask) -> None:
    await ask_first(member)
    await member.tell("troppo caro", "too_expensive", "t1")
    done = await member.tell("no", "deny", "t2")
    assert done.slots["requested_slot"] is None
    assert (await member.run("action_finish", "no", "deny", "t2")).said == ["utter_renewal_declined"]
    assert await ask("SELECT count(*) FROM event WHERE kind = 'renewal_declined'") == 1


async def test_another_reason_replaces_the_first_and_ends_it(member: Customer, ask: Ask) -> None:
    await ask_first(member)
    await member.tell("troppo caro", "too_expensive", "t1")
    done = await member.tell("anzi, non ho tempo", "no_time", "t2")
    assert done.slots["requested_slot"] is None
    assert (await ask(DECLINED))["reason"] == "time"


async def test_a_change_of_mind_renews(member: Customer, ask: Ask) -> None:
    await ask_first(member)
    await member.tell("troppo caro", "too_expensive", "t1")
    done = await member.tell("anzi dai rinnovo", "membership_renewal", "t2")
    assert done.said == ["utter_renewal_accepted"]
    assert (await ask(ACCEPTED))["price"]


async def test_a_complaint_gets_an_apology_and_a_person_and_no_offer(member: Customer, ask: Ask) -> None:
    await ask_first(member)
    done = await member.tell("siete stati maleducati", "complain", "t1")
    assert done.slots["requested_slot"] is None
    finished = await member.run("action_finish", "siete stati maleducati", "complain", "t1")
    assert finished.said == ["utter_service_apology", "utter_propose_person"]
    assert finished.slots["proposal"] == "person"
    assert finished.slots["conversation"] is None
    assert await ask("SELECT data ->> 'sentence' FROM event WHERE kind = 'complaint'") == "siete stati maleducati"


async def test_later_keeps_the_proposal_and_tells_the_last_day(member: Customer) -> None:
    await ask_first(member)
    await member.tell("domani", "later", "t1")
    finished = await member.run("action_finish", "domani", "later", "t1")
    assert finished.said == ["utter_renewal_later"]
    assert finished.slots["proposal"] == "membership_renewal"


async def test_without_a_contract_we_say_so(connected: Sessions) -> None:
    ben = Customer(slots={"language": "it", "conversation": "membership_renewal", "requested_slot": None})
    done = await ben.tell("rinnovo", "membership_renewal")
    assert done.slots["requested_slot"] is None
    finished = await ben.run("action_finish", "rinnovo", "membership_renewal")
    assert finished.said == ["utter_renewal_no_contract", "utter_propose_person"]


async def test_a_renewal_is_not_sold_twice(member: Customer) -> None:
    await ask_first(member)
    await member.tell("sì", "affirm", "t1")
    member.slots |= {"requested_slot": None}
    done = await member.tell("rinnova", "membership_renewal", "t2")
    assert done.slots["requested_slot"] is None
    assert (await member.run("action_finish", "rinnova", "membership_renewal", "t2")).said == ["utter_renewal_already"]


async def test_a_declined_renewal_is_not_proposed_again(member: Customer) -> None:
    assert (await member.run("action_propose", "ciao", "greet")).slots["proposal"] == "membership_renewal"
    await ask_first(member)
    member.slots["proposal"] = None  # as Rasa has it once the talk began
    await member.tell("no", "deny", "t1")
    assert (await member.run("action_propose", "ciao", "greet", "t2")).slots["proposal"] is None


async def test_the_end_of_the_membership_is_told_with_its_notice(member: Customer) -> None:
    done = await member.run("action_answer_question", "quando scade?", "ask_contract_end")
    assert done.said == ["utter_contract_end_gym"]


async def test_the_pause_is_told_from_the_facts(member: Customer) -> None:
    done = await member.run("action_answer_question", "si può sospendere?", "ask_pause")
    assert done.messages[0]["months"] == 3


def test_a_month_may_be_shorter() -> None:
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
