"""From what the customer says about where they live to a place, and from there to whether we have offers at all."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from actions import store
from actions.energy.offering import has_offers
from actions.telling import Telling
from actions.wording import COUNTRIES
from offers.places import Place, find_places, nearest_place

UNKNOWN: dict[str, Any] = {"postcode": None, "country": None, "place": None}


async def check_postcode(telling: Telling, postcode: Any) -> dict[str, Any]:
    return await settle_place(telling, str(postcode), telling.told.get("country"))


async def check_country(telling: Telling, country: Any) -> dict[str, Any]:
    if "postcode" in telling.told:
        return {}  # settled together
    postcode = telling.slots.get("postcode")
    return await settle_place(telling, postcode, country) if postcode else {"country": None}


async def settle_place(telling: Telling, postcode: str, country: str | None) -> dict[str, Any]:
    """Finds the place of a postcode; asks again where there is none, and for the country where there are several."""
    places = await find_places(telling.session, postcode)
    if not places:
        telling.say("utter_postcode_unknown", wrong=postcode)
        return UNKNOWN
    decided = decide_country({place.country for place in places}, country, telling.contact.country)
    if decided is None:
        return UNKNOWN | {"postcode": postcode}
    noted = await note_place(telling, [place for place in places if place.country == decided])
    telling.say("utter_place_noted", place=noted["place"])
    return noted


def decide_country(found: Collection[str], told: str | None, home: str | None) -> str | None:
    """The only country, the one the customer told, or the one of their phone; None: ask."""
    if len(found) == 1:
        return next(iter(found))
    return next((country for country in (told, home) if country in found), None)


async def note_place(telling: Telling, places: list[Place]) -> dict[str, Any]:
    """Keeps the place with the contact; the slots to set, with `offers` empty where we have none."""
    place, contact = places[0], telling.contact
    name = place.name_in(telling.language) if len(places) == 1 else place.postcode
    contact.postcode, contact.place, contact.region = place.postcode, name, place.region
    contact.country = contact.country or place.country
    contact.updated_at = telling.now
    slots: dict[str, Any] = {"postcode": place.postcode, "country": place.country, "place": name, "offers": None}
    return slots if await has_offers(telling, places) else slots | {"offers": []}


async def ask_country(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Offers the countries the postcode occurs in."""
    language, postcode = tracker.get_slot("language"), tracker.get_slot("postcode")
    async with store.open_session() as session:
        found = {place.country for place in await find_places(session, postcode)}
    buttons = [
        {"title": names[language], "payload": f'/inform{{"country":"{code}"}}'}
        for code, names in COUNTRIES.items()
        if code in found
    ]
    dispatcher.utter_message(response="utter_ask_country", postcode=tracker.get_slot("postcode"), buttons=buttons)
    return []


async def check_location(telling: Telling, location: tuple[float, float]) -> dict[str, Any]:
    """Answers the question for the postcode with the place a location pin points at."""
    found = await nearest_place(telling.session, *location)
    if found is None:
        telling.say("utter_location_far")
        return {}
    noted = await note_place(telling, [found])
    telling.say("utter_location_noted", place=noted["place"], postcode=noted["postcode"])
    return noted
