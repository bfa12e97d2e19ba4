"""How the renewal ends: with a link or where to close it, with a no that is respected, or with the honest why."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions import store
from actions.conversation import PERSON
from actions.links import make_link
from actions.membership.questions import FRESH, NAME
from actions.membership.wording import read_day, word_renewal
from actions.message import read_language
from offers.company import load_company

type Events = list[dict[str, Any]]


async def finish_renewal(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """Says how it ends; nothing but the offer's own events outlives it."""
    forgotten = [SlotSet(name, None) for name in FRESH]
    renewal, decision = tracker.get_slot("renewal") or {}, tracker.get_slot("renewal_decision")
    if renewal.get("problem"):
        return [*forgotten, *say_problem(dispatcher, tracker, renewal)]
    if decision == "later":
        words = word_renewal(renewal, read_language(tracker))
        dispatcher.utter_message(response="utter_renewal_later", last_day=words["last_day"])
        return [*forgotten, SlotSet("proposal", NAME)]
    if (wanted := tracker.get_slot("updates_wanted")) is not None:
        dispatcher.utter_message(response="utter_updates_on" if wanted else "utter_updates_off")
    if decision == "accept":
        await say_next_step(dispatcher, tracker, renewal["id"])
        return forgotten
    if tracker.get_slot("alternative_decision"):
        return forgotten
    return [*forgotten, *say_respect(dispatcher, str(tracker.get_slot("renewal_reason")))]


def say_problem(dispatcher: Any, tracker: Any, renewal: dict[str, Any]) -> Events:
    """Why there is nothing to renew; where a person can help, one is proposed."""
    language = read_language(tracker)
    if renewal["problem"] == "already":
        dispatcher.utter_message(response="utter_renewal_already", until=read_day(renewal["until"], language))
        return []
    if renewal.get("expired_on"):
        dispatcher.utter_message(response="utter_renewal_expired", day=read_day(renewal["expired_on"], language))
    dispatcher.utter_message(response=f"utter_renewal_{renewal['problem']}")
    return propose_someone(dispatcher)


def propose_someone(dispatcher: Any) -> Events:
    """A person is the next step; a no to that does not lead back here."""
    dispatcher.utter_message(response="utter_propose_person")
    return [SlotSet("proposal", PERSON), SlotSet("conversation", None)]


async def say_next_step(dispatcher: Any, tracker: Any, renewal_id: str) -> None:
    """The page to close the renewal on, if the company has one."""
    url = next((str(one.url) for one in load_company().membership.renewals if one.id == renewal_id and one.url), None)
    if url is None:
        dispatcher.utter_message(response="utter_renewal_without_link")
        return
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        link = await make_link(session, contact.id, url, renewal_id)
        await session.commit()
    dispatcher.utter_message(response="utter_renewal_link", url=link)


def say_respect(dispatcher: Any, reason: str) -> Events:
    """A no is the last word; bad service gets an apology and a person, never an offer."""
    if reason == "service":
        dispatcher.utter_message(response="utter_service_apology")
        return propose_someone(dispatcher)
    noted = ("feature", "competitor")
    dispatcher.utter_message(
        response=f"utter_renewal_declined_{reason}" if reason in noted else "utter_renewal_declined"
    )
    return []
