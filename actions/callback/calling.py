"""Hands a customer who wants to be called to a person, and says honestly when that may be."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.callback.wishing import ANY, word_wish
from actions.choice import read_choice
from actions.contracts import read_today
from actions.events import note_event
from actions.handoff import collect_card
from actions.message import read_language, read_turn_key
from core import clock
from core.tables import Contact
from core.types import EventKind, HandoffReason
from inbox.handoff import open_handoff
from offers.branches import branch_for_postcode, opening_hours_text
from offers.company import load_company
from offers.facts import Branch

FRESH: dict[str, Any] = {"callback_time": None, "callback_on": None}
# What a branch serves that can help with what was talked about.
SERVES = {
    "insurance_comparison": "insurance",
    "energy_comparison": "energy",
    "membership_renewal": "gym",
    "cart_checkout": "shop",
    "buy": "shop",
}


async def finish_call_me(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Ends the wish for a call. A person takes over, so nothing is left to come back to."""
    await request_call(dispatcher, tracker)
    return [SlotSet("interrupted", None), *(SlotSet(name, value) for name, value in FRESH.items())]


async def request_call(dispatcher: Any, tracker: Any) -> None:
    """Opens a handoff with everything collected and tells what was passed on and when the branch is open."""
    topic = tracker.get_slot("conversation")
    topic = tracker.get_slot("interrupted") if topic == "call_me" else topic
    wish = {"time": tracker.get_slot("callback_time") or ANY, "on": tracker.get_slot("callback_on")}
    key, now = read_turn_key(tracker), clock.now()
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        card = await collect_card(session, contact, tracker)
        card["topic"] = topic
        card["callback"] = wish | {"phone": contact.phone}
        card["chosen"] = read_choice(tracker.slots) if tracker.get_slot("offer_choice") else None
        await open_handoff(session, contact.id, HandoffReason.CALLBACK, key, card, now)
        await note_event(session, contact.id, EventKind.CALLBACK_WISH, f"{key}:callback", wish | {"topic": topic}, now)
        office = await find_office(session, contact, SERVES.get(topic or ""))
        await session.commit()
    language = read_language(tracker)
    said = "utter_callback_noted" if contact.phone else "utter_callback_noted_no_number"
    dispatcher.utter_message(response=said, when=word_wish(wish["time"], wish["on"], language))
    if office is None:
        dispatcher.utter_message(response="utter_callback_soon")
        return
    hours = opening_hours_text(office, language, read_today(contact, now))
    sample = "_sample" if load_company().sample else ""
    dispatcher.utter_message(response=f"utter_callback_hours{sample}", branch=office.name.say(language), hours=hours)


async def find_office(session: AsyncSession, contact: Contact, kind: str | None) -> Branch | None:
    """The nearest branch that serves this; without a postcode the only one in the country, as any other is a guess."""
    branches = [branch for branch in load_company().branches if branch.country == contact.country]
    if contact.postcode and contact.country:
        near = await branch_for_postcode(session, branches, contact.postcode, contact.country, kind)
        return near[0].branch if near else None
    fitting = [branch for branch in branches if kind is None or kind in branch.kinds]
    return fitting[0] if len(fitting) == 1 else None
