"""The customer chooses one of the offers on the table, whatever they are for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from actions.events import note_event
from actions.message import read_language
from actions.telling import Telling
from actions.wording import format_money
from core.types import EventKind

# What is asked once an offer is chosen, and asked anew for another one.
UNDECIDED: dict[str, Any] = {
    "offer_confirmed": None,
    "updates_wanted": None,
    "contact_way": None,
    "callback_time": None,
}
NOTED = ("offer_code", "supplier", "name", "yearly_cost", "currency", "saving")


async def check_choice(telling: Telling, choice: Any) -> dict[str, Any]:
    """Takes the number of an offer on the table."""
    offers = telling.slots.get("offers") or []
    if str(choice) in {str(number) for number in range(1, len(offers) + 1)}:
        if telling.slots.get("requested_slot") == "offer_confirmed" and choice == read_before(telling, "offer_choice"):
            return await check_confirmation(telling, True)  # "yes, the first", when the first was asked about
        return UNDECIDED | {"offer_choice": str(choice)}
    if offers:
        telling.say("utter_no_such_offer", wrong=choice)
    return {"offer_choice": None}


def read_before(telling: Telling, slot: str) -> Any:
    """The value a slot had before this message."""
    events = telling.tracker.events
    said = max((at for at, event in enumerate(events) if event["event"] == "user"), default=len(events))
    values = [event["value"] for event in events[:said] if event["event"] == "slot" and event["name"] == slot]
    return values[-1] if values else None


async def check_confirmation(telling: Telling, confirmed: Any) -> dict[str, Any]:
    """A yes is noted once; a no leads back to the offers."""
    if not confirmed:
        return {"offer_confirmed": None, "offer_choice": None}
    await note_choice(telling)
    return {"offer_confirmed": True}


async def note_choice(telling: Telling) -> None:
    """Keeps what was chosen, once per turn."""
    offer = read_choice(telling.slots)
    data = {name: offer[name] for name in NOTED} | {"conversation": telling.slots.get("conversation")}
    key = f"{telling.turn_key}:choice"
    await note_event(telling.session, telling.contact.id, EventKind.OFFER_CHOSEN, key, data, telling.now)


def read_choice(slots: dict[str, Any]) -> dict[str, Any]:
    """The offer the customer chose."""
    offer: dict[str, Any] = slots["offers"][int(slots["offer_choice"]) - 1]
    return offer


def word_choice(slots: dict[str, Any], language: str) -> dict[str, Any]:
    """The values of the texts that repeat the choice."""
    offer = read_choice(slots)
    cost = format_money(Decimal(offer["yearly_cost"]), offer["currency"], language)
    return {"number": slots["offer_choice"], "supplier": offer["supplier"], "name": offer["name"], "cost": cost}


async def ask_offer_confirmed(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Repeats what was chosen, so that a slip of the finger shows."""
    words = word_choice(tracker.slots, read_language(tracker))
    dispatcher.utter_message(response="utter_ask_offer_confirmed", **words)
    return []
