"""Checks every value the customer tells in the comparison, keeps it, and decides what to ask next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk.events import ActionExecutionRejected, SlotSet

from actions import store
from actions.answers import save_answers
from actions.choice import check_choice, check_confirmation
from actions.consumption import check_household_size, check_unknown, check_yearly_kwh
from actions.energy_questions import ANSWERS, FRESH, LEAVING, can_compare, next_question
from actions.message import read_entity, read_intent, read_question
from actions.offering import find_offers
from actions.place import check_country, check_postcode
from actions.profile import tell_profile
from actions.telling import Telling
from actions.updates import check_updates
from core import clock

FORM = "energy_form"

type Check = Callable[[Telling, Any], Awaitable[dict[str, Any]]]


async def validate_energy_form(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Rasa's form asks: are these values good, and which slot comes next?"""
    starting = tracker.get_slot("requested_slot") is None
    told = read_told(tracker, starting)
    slots, events = dict(tracker.slots), []
    if told and (question := read_question(tracker, ANSWERS)):
        dispatcher.utter_message(response=ANSWERS[question])
    if told or starting:
        async with store.open_session() as session:
            contact = await store.load_contact(session, tracker)
            telling = Telling(session, contact, dispatcher, tracker, slots, told, clock.now())
            await (start if starting else settle)(telling)
            await session.commit()
        changed = {name for name, value in slots.items() if value != tracker.slots.get(name)}
        events = [SlotSet(name, slots[name]) for name in sorted(changed | set(told))]
    if told and not starting and read_intent(tracker) in LEAVING:
        events.append(ActionExecutionRejected(FORM))  # the value is kept, and the rule of that intent decides
    return [*events, SlotSet("requested_slot", next_question(slots))]


def read_told(tracker: Any, starting: bool) -> dict[str, Any]:
    """The values said in this very message: entities, or a yes, no or "I don't know" to the open question."""
    asked = None if starting else tracker.get_slot("requested_slot")
    filled = {name: value for name, value in tracker.slots_to_validate().items() if value is not None}
    by_intent = {asked, "consumption_unknown"} if asked else set()
    said = by_intent | {name for name in CHECKS if read_entity(tracker, name) is not None}
    return {name: filled[name] for name in CHECKS if name in filled and name in said}


async def start(telling: Telling) -> None:
    """Begins (again): the customer reads what we know, and offers seen before are looked for anew."""
    telling.slots.update(FRESH)
    if telling.slots.get("postcode") and not telling.slots.get("place"):
        telling.told.setdefault("postcode", telling.slots["postcode"])
    tell_profile(telling)
    await settle(telling)


async def settle(telling: Telling) -> None:
    """Runs the checks in the order of the questions, looks for offers if something changed, keeps the answers."""
    slots, told = telling.slots, telling.told
    for name in told:
        if name in VALUES:
            slots.update(await VALUES[name](telling, told[name]))
    if can_compare(slots) and (slots.get("offers") is None or told.keys() & VALUES.keys()):
        slots.update(FRESH, offers=await find_offers(telling))
    for name in told:
        if name in DECISIONS:
            slots.update(await DECISIONS[name](telling, told[name]))
    kept = {name: told[name] for name in told if slots.get(name) is not None}
    if kept:
        at = telling.now
        await save_answers(telling.session, telling.contact.id, kept, telling.sentence, telling.turn_key, at)


async def check_preference(telling: Telling, preference: Any) -> dict[str, Any]:
    """Takes one of the three; "something cheaper" as the reason to compare is no answer yet."""
    if preference == "price" and read_intent(telling.tracker) == "energy_comparison":
        return {"preference": None}
    return {"preference": preference if preference in ("price", "green", "fixed") else None}


VALUES: dict[str, Check] = {
    "postcode": check_postcode,
    "country": check_country,
    "yearly_kwh": check_yearly_kwh,
    "consumption_unknown": check_unknown,
    "household_size": check_household_size,
    "preference": check_preference,
}
DECISIONS: dict[str, Check] = {
    "offer_choice": check_choice,
    "offer_confirmed": check_confirmation,
    "updates_wanted": check_updates,
}
CHECKS = VALUES | DECISIONS
