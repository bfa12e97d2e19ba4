"""Looks for offers and shows them, with the saving against today's contract where one is known."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk.events import SlotSet
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.message import read_language, read_turn_key
from actions.telling import Telling
from actions.wording import format_date, format_money, format_month, format_number, format_percent
from core import clock
from core.tables import Contact, Contract
from core.types import Band, EventKind
from offers.choose import AVAILABLE, Proposal, best_offers
from offers.places import Place, find_places
from scoring.refresh import refresh_contact

LEAF = " 🌱"
ANY_OFFER = text(f"SELECT EXISTS ({AVAILABLE.text})")

NOTE_QUOTE = text(
    "INSERT INTO event (contact_id, kind, at, key, data) VALUES (:contact_id, :kind, :now, :key, CAST(:data AS jsonb))"
    " ON CONFLICT (key) DO NOTHING"
)


async def has_offers(telling: Telling, places: list[Place]) -> bool:
    """Whether anything is sold at this place."""
    return bool(await telling.session.scalar(ANY_OFFER, locate(telling, places)))


async def find_offers(telling: Telling) -> list[dict[str, Any]]:
    """The offers for what the customer told, ready for a slot: plain JSON."""
    slots = telling.slots
    places = await find_places(telling.session, slots["postcode"], slots["country"])
    contract = await load_contract(telling.session, telling.contact)
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

    def shared(name: str) -> str | None:
        codes = {getattr(place, name) for place in places}
        return codes.pop() if len(codes) == 1 else None

    return {
        "kind": "electricity",
        "country": places[0].country,
        "on": read_today(telling.contact, telling.now),
        "region": shared("region_code"),
        "province": shared("province_code"),
        "municipality": shared("municipality_code"),
    }


def read_today(contact: Contact, now: datetime) -> date:
    """The date where the contact lives."""
    return now.astimezone(ZoneInfo(contact.timezone or store.get_settings().timezone)).date()


async def load_contract(session: AsyncSession, contact: Contact) -> Contract | None:
    """Today's electricity contract, if we know it."""
    wanted = select(Contract).where(Contract.contact_id == contact.id, Contract.kind == "electricity")
    return (await session.scalars(wanted)).one_or_none()


async def ask_offer_choice(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Shows the offers once, notes that a quote was given, and asks which one it shall be."""
    offers = tracker.get_slot("offers")
    codes = " ".join(offer["offer_code"] for offer in offers)
    only = len(offers) == 1
    if tracker.get_slot("offers_shown") == codes:
        dispatcher.utter_message(response="utter_ask_only_offer" if only else "utter_ask_offer_choice_again")
        return []
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        now = clock.now()
        band = await note_quote(session, contact.id, f"{read_turn_key(tracker)}:quote", codes, now)
        contract = await load_contract(session, contact)
        await session.commit()
    today = read_today(contact, now)
    ends = contract.expires_on if contract and contract.expires_on and contract.expires_on >= today else None
    show_offers(dispatcher, tracker, ends if band == Band.HIGH else None)
    question = "utter_ask_offer_choice_calm" if band == Band.LOW else "utter_ask_offer_choice"
    dispatcher.utter_message(response="utter_ask_only_offer" if only else question)
    return [SlotSet("offers_shown", codes)]


async def note_quote(session: AsyncSession, contact_id: int, key: str, codes: str, now: datetime) -> str:
    """Stores the quote once per turn and scores the contact with it; the band decides the tone."""
    row = {"contact_id": contact_id, "kind": EventKind.QUOTE_REQUEST, "now": now, "key": key}
    await session.execute(NOTE_QUOTE, row | {"data": f'{{"offers": "{codes}"}}'})
    return (await refresh_contact(session, contact_id, now, store.get_settings().timezone)).band


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
