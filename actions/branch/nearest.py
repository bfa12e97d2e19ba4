"""The nearest branch: where it is, whether it is open, and the way there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk.events import SlotSet
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.branch.words import BY_CONTRACT, find_kind, say_moment
from actions.conversation import Slots
from actions.energy.place import decide_country
from actions.message import read_language
from actions.shop.context import read_words
from actions.telling import Telling
from core import clock
from offers.branches import (
    branches_near_places,
    directions_url,
    hours_on,
    is_open,
    nearest_branches,
    write_spans,
)
from offers.company import load_company
from offers.facts import Branch
from offers.places import Place, find_places

FRESH: dict[str, Any] = {"branch": None, "branch_kind": None, "location": None, "branch_known": None}
EMPTY: dict[str, Any] = FRESH | {"postcode": None, "country": None, "place": None}
CONTRACTS = text("SELECT kind FROM contract WHERE contact_id = :contact_id ORDER BY expires_on NULLS LAST, id")


def next_question(slots: Slots) -> str | None:
    """The place, and its country where the postcode does not tell."""
    if slots.get("branch"):
        return None
    return "country" if slots.get("postcode") and not slots.get("country") else "postcode"


async def greet(telling: Telling) -> None:
    """Takes the place we know, unless this message tells another one; the kind from the sentence or a contract."""
    slots, told = telling.slots, telling.told
    slots["branch_kind"] = await choose_kind(telling.session, telling.contact.id, read_words(telling.tracker))
    if slots.get("postcode") and not slots.get("country"):
        told.setdefault("postcode", slots["postcode"])
    elif slots.get("postcode") and not told.keys() & {"postcode", "location"}:
        slots["branch_known"] = " ".join(dict.fromkeys((slots["postcode"], slots.get("place") or slots["postcode"])))


async def choose_kind(session: AsyncSession, contact_id: int, sentence: str) -> str | None:
    """The kind of branch that helps: as the sentence says, else what the contact has with us; None: any."""
    kinds = {kind for branch in load_company().branches for kind in branch.kinds}
    found = (await session.scalars(CONTRACTS, {"contact_id": contact_id})).all()
    wanted = [find_kind(sentence), *(BY_CONTRACT.get(kind) for kind in found)]
    return next((kind for kind in wanted if kind in kinds), None)


async def check_postcode(telling: Telling, postcode: Any) -> Slots:
    """Takes a postcode that exists; it is where someone looks, not always where they live, so it is not kept."""
    places = await find_places(telling.session, str(postcode))
    if not places:
        telling.say("utter_postcode_unknown", wrong=postcode)
        return {"postcode": None, "country": None, "place": None}
    country = decide_country({place.country for place in places}, telling.told.get("country"), telling.contact.country)
    return {"postcode": str(postcode), **name_place(telling, places, country), "location": None, "branch_known": None}


async def check_country(telling: Telling, country: Any) -> Slots:
    if "postcode" in telling.told or not (postcode := telling.slots.get("postcode")):
        return {}
    places = await find_places(telling.session, postcode)
    known = country if country in {place.country for place in places} else None
    return name_place(telling, places, known) | {"branch_known": None}


def name_place(telling: Telling, places: list[Place], country: str | None) -> Slots:
    here = [place for place in places if place.country == country]
    name = here[0].name_in(telling.language) if len(here) == 1 else places[0].postcode
    return {"country": country, "place": name if country else None, "branch": None}


async def check_location(telling: Telling, location: tuple[float, float]) -> Slots:
    return {"location": list(location), "branch": None, "branch_known": None}


async def search(telling: Telling) -> Slots:
    """The branch nearest to the location, else to the postcode; "none" where there is none of the kind."""
    slots = telling.slots
    branches, kind = load_company().branches, slots.get("branch_kind")
    if slots.get("location"):
        near = nearest_branches(branches, slots["location"][0], slots["location"][1], kind)
    elif slots.get("postcode") and slots.get("country"):
        places = await find_places(telling.session, slots["postcode"], slots["country"])
        near = branches_near_places(branches, places, kind)
    elif branches:
        return {"branch": None}
    else:
        near = []
    return {"branch": f"{near[0].branch.id} {near[0].distance_km}" if near else "none"}


async def ask_postcode(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Where you are, for a branch; where you live, for everything else."""
    branch = tracker.get_slot("conversation") == "find_branch"
    dispatcher.utter_message(response="utter_ask_branch_place" if branch else "utter_ask_postcode")
    return []


async def finish_finding(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """The branch on the map, its hours, and the way."""
    found = find_branch(tracker.get_slot("branch"))
    if found is None:
        dispatcher.utter_message(response="utter_no_branch")
        return []
    branch, km = found
    language = read_language(tracker)
    if known := tracker.get_slot("branch_known"):
        dispatcher.utter_message(response="utter_branch_near_known", place=known)
    show_branch(dispatcher, branch, km, language, tracker.get_slot("location"))
    say_hours(dispatcher, branch, language, clock.now())
    if load_company().sample:
        dispatcher.utter_message(response="utter_company_sample")
    return [SlotSet("branch_known", None)]


def find_branch(written: str | None) -> tuple[Branch, str] | None:
    """The branch of a slot and its distance in km, as text."""
    name, _, km = (written or "").rpartition(" ")
    return next(((branch, km) for branch in load_company().branches if branch.id == name), None)


def show_branch(dispatcher: Any, branch: Branch, km: str, language: str, start: list[float] | None) -> None:
    """A location that opens the customer's map, the address in words, and a link that leads the way."""
    name, city = branch.name.say(language), branch.city.say(language)
    address = f"{branch.street.say(language)}, {branch.postcode} {city}"
    pin = {"latitude": branch.latitude, "longitude": branch.longitude, "name": name, "address": address}
    words = {"name": name, "address": address, "km": km if language == "en" else km.replace(".", ",")}
    url = directions_url(branch, *(start or ()))
    dispatcher.utter_message(response="utter_branch", url=url, **words)
    dispatcher.utter_message(json_message={"location": pin})


def say_hours(dispatcher: Any, branch: Branch, language: str, now: datetime) -> None:
    """Today's hours in words, whether it is open now, and when that changes."""
    today = now.astimezone(ZoneInfo(branch.timezone)).date()
    dispatcher.utter_message(response="utter_branch_today", hours=write_spans(hours_on(branch, today), language))
    state = is_open(branch, now)
    if state.changes_at is None:
        dispatcher.utter_message(response="utter_branch_always_open" if state.open else "utter_branch_closed_long")
        return
    when = say_moment(state.changes_at, today, language)
    dispatcher.utter_message(response="utter_branch_open" if state.open else "utter_branch_closed", when=when)
