"""Looks for offers and shows them, with the saving against today's contract where one is known."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from actions.contracts import load_contract, read_today
from actions.message import read_language
from actions.telling import Telling
from actions.wording import format_date, format_money, format_month, format_number, format_percent
from core.tables import Contract
from offers.choose import Proposal, best_offers
from offers.places import Area, Place, find_area, find_places

LEAF = " 🌱"


async def has_offers(telling: Telling, places: list[Place]) -> bool:
    """Whether anything is sold at this place."""
    return bool(await best_offers(telling.session, yearly_kwh=1, **locate(telling, places)))


async def find_offers(telling: Telling) -> list[dict[str, Any]]:
    """The offers for what the customer told, ready for a slot: plain JSON."""
    slots = telling.slots
    places = await find_places(telling.session, slots["postcode"], slots["country"])
    contract = await load_contract(telling.session, telling.contact, "electricity")
    found = await search(telling, places, Decimal(str(slots["yearly_kwh"])), slots["preference"], contract)
    return [{k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(offer).items()} for offer in found]


async def search(
    telling: Telling, places: list[Place], kwh: Decimal, preference: Any, contract: Contract | None
) -> list[Proposal]:
    """The best offers for a postcode's places."""
    where = locate(telling, places)
    return await best_offers(telling.session, yearly_kwh=kwh, preference=preference, contract=contract, **where)


def locate(telling: Telling, places: list[Place]) -> dict[str, Any]:
    """Where and when offers are looked for; the code of an area counts only where all places share it."""
    area = find_area(places) or Area(places[0].country)
    return {"kind": "electricity", "on": read_today(telling.contact, telling.now), **asdict(area)}


def show_offers(dispatcher: Any, tracker: Any, ends: date | None) -> None:
    """Says the offers, one text each, with what an honest reader needs to know first."""
    language, offers = read_language(tracker), tracker.get_slot("offers")
    kwh = format_number(tracker.get_slot("yearly_kwh"), language)
    estimated = tracker.get_slot("consumption_estimated")
    wording = "utter_offers_estimated" if estimated else "utter_offers"
    dispatcher.utter_message(response=wording, kwh=kwh, place=tracker.get_slot("place"))
    if ends:
        dispatcher.utter_message(response="utter_offers_deadline", expires_on=format_date(ends, language))
    if offers[0]["why"] in ("no_green", "no_fixed"):
        dispatcher.utter_message(response=f"utter_offers_{offers[0]['why']}")
    if any(offer["sample"] for offer in offers):
        dispatcher.utter_message(response="utter_offers_sample")
    for number, offer in enumerate(offers, 1):
        dispatcher.utter_message(**word_offer(offer, number, language))


def word_offer(offer: dict[str, Any], number: int, language: str) -> dict[str, Any]:
    """The response and its values for one offer; a saving is only claimed where it is known and positive."""
    saving = None if offer["saving"] is None else Decimal(offer["saving"])
    ending = "" if saving is None else "_saving" if saving > 0 else "_dearer"
    words = {
        "response": f"utter_offer_{offer['price_type']}{ending}",
        "number": number,
        "supplier": offer["supplier"],
        "name": offer["name"],
        "leaf": LEAF if offer["green"] else "",
        "cost": format_money(Decimal(offer["yearly_cost"]), offer["currency"], language),
    }
    if saving is not None and saving > 0:
        words["saving"] = format_money(saving, offer["currency"], language)
        words["percent"] = format_percent(Decimal(offer["saving_percent"]), language)
    if offer["index_month"]:
        words["index_month"] = format_month(offer["index_month"], language)
    return words
