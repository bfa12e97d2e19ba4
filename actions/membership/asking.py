"""The renewal's questions: the offer with its price and its dates, and the one alternative after a no."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions import store
from actions.events import note_event
from actions.membership.wording import read_day, word_alternative, word_pause, word_renewal
from actions.message import read_language, read_turn_key
from core import clock
from core.types import EventKind
from offers.company import load_company


async def ask_renewal_decision(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Shows the renewal once with all a decision needs, then only reminds of it."""
    renewal, language = tracker.get_slot("renewal"), read_language(tracker)
    words = word_renewal(renewal, language)
    if tracker.get_slot("renewal_shown") == renewal["id"]:
        dispatcher.utter_message(response="utter_ask_renewal_decision_again", **words)
        return []
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        key = f"{read_turn_key(tracker)}:{EventKind.RENEWAL_OFFERED}"
        data = {"id": renewal["id"], "last_day": renewal["last_day"]}
        await note_event(session, contact.id, EventKind.RENEWAL_OFFERED, key, data, clock.now())
        await session.commit()
    if renewal["expired_on"]:
        dispatcher.utter_message(response="utter_renewal_expired", day=read_day(renewal["expired_on"], language))
    elif not renewal["told"]:
        ends = "utter_renewal_ended" if renewal["ended"] else "utter_renewal_ends"
        dispatcher.utter_message(response=ends, day=read_day(renewal["ends_on"], language))
    if renewal["sample"]:
        dispatcher.utter_message(response="utter_renewal_sample")
    dispatcher.utter_message(response="utter_ask_renewal_decision", **words)
    return [SlotSet("renewal_shown", renewal["id"])]


async def ask_alternative_decision(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """One gentle alternative that fits the reason: a cheaper plan, or a pause."""
    language, renewal = read_language(tracker), tracker.get_slot("renewal")
    if renewal["sample"] and not tracker.get_slot("renewal_shown"):
        dispatcher.utter_message(response="utter_renewal_sample")
    if tracker.get_slot("renewal_reason") == "price":
        dispatcher.utter_message(response="utter_ask_alternative_cheaper", **word_alternative(language))
        return []
    membership = load_company().membership
    words = {name: value for name, value in word_pause(membership, language).items() if name in ("months", "fee")}
    paid = "_paid" if membership.pause.fee_per_month else ""
    dispatcher.utter_message(response=f"utter_ask_alternative_pause{paid}", **words)
    return []
