"""What we know about a contact when a conversation starts."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActionExecuted, SessionStarted, SlotSet
from sqlalchemy import text

from actions import store
from actions.telling import Telling
from actions.wording import format_number

# What the customer said last counts more than the contract's figure, an estimate less.
CONSUMPTION = text(
    "SELECT coalesce("
    " (SELECT CAST(value AS float8) FROM answer WHERE contact_id = :id AND name = 'yearly_kwh'"
    " ORDER BY id DESC LIMIT 1),"
    " (SELECT CAST(yearly_kwh AS float8) FROM contract WHERE contact_id = :id AND kind = 'electricity'))"
)


async def start_session(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Keeps the slots that came with the message and adds the contact's profile."""
    carried = {
        name: value for name, value in tracker.slots.items() if value is not None and name != "session_started_metadata"
    }
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        kwh = await session.scalar(CONSUMPTION, {"id": contact.id})
    profile = {"postcode": contact.postcode, "yearly_kwh": kwh}
    if contact.postcode and contact.country:
        profile |= {"country": contact.country, "place": contact.place}
    known = {name: value for name, value in profile.items() if value is not None}
    slots = [SlotSet(name, value) for name, value in (known | carried).items()]
    return [SessionStarted(), *slots, ActionExecuted("action_listen")]


def tell_profile(telling: Telling) -> None:
    """Says which values need no asking; the customer may correct them."""
    slots, told = telling.slots, telling.told
    known = []
    if slots.get("place") and "postcode" not in told:
        known.append(" ".join(dict.fromkeys((slots["postcode"], slots["place"]))))
    if slots.get("yearly_kwh") and not told.keys() & {"yearly_kwh", "household_size"}:
        known.append(f"{format_number(slots['yearly_kwh'], telling.language)} kWh")
    if known:
        telling.say("utter_known_profile", known=", ".join(known))
