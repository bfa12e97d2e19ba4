"""The no-claims class: what the customer told in the system of their country, and where to find it."""

from __future__ import annotations

from typing import Any

from actions import store
from actions.telling import Telling
from actions.wording import COUNTRIES
from offers.no_claims import SYSTEMS, NoClaimsSystem, decide_country, read_no_claims, read_told


async def check_no_claims(telling: Telling, told: Any) -> dict[str, Any]:
    """Takes a class like "BM 4"; its system tells where the car is insured, if that is not where we thought."""
    name, value = read_told(told)
    country = decide_country(name, telling.slots.get("insured_in"))
    system = SYSTEMS[country]
    found = read_no_claims(country, value)
    if found is None:
        place = COUNTRIES[country][telling.language] if country in COUNTRIES else country
        telling.say("utter_no_claims_odd", wrong=value, best=system.classes[0], worst=system.classes[-1], country=place)
        return {"no_claims_class": None, "insured_in": country}
    return {"no_claims_class": found, "insured_in": country}


async def ask_no_claims_class(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Asks for the class in the words of the country."""
    system = SYSTEMS[tracker.get_slot("insured_in")]
    words = {"best": system.classes[0], "worst": system.classes[-1]}
    dispatcher.utter_message(response=f"utter_ask_no_claims_{system.name}", **words)
    return []


async def explain_no_claims(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """Says what the class is, where it is written and which one beginners have."""
    system = await find_system(tracker)
    if system is None:
        dispatcher.utter_message(response="utter_no_claims_unknown")
        return []
    words = {
        "best": system.classes[0],
        "worst": system.classes[-1],
        "first": system.first,
        "document": system.document,
    }
    dispatcher.utter_message(response=f"utter_no_claims_{system.name}", **words)
    return []


async def find_system(tracker: Any) -> NoClaimsSystem | None:
    """The system of the country the car is insured in, else of the contact's own."""
    country = tracker.get_slot("insured_in")
    if country is None:
        async with store.open_session() as session:
            contact = await store.load_contact(session, tracker)
        country = contact.country or store.get_settings().country
    return SYSTEMS.get(country)
