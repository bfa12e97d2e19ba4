"""Puts the offers of the conversation under way on the table and asks which one it shall be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.contracts import load_contract, read_today
from actions.conversations import CONVERSATIONS
from actions.events import note_event
from actions.message import read_turn_key
from core import clock
from core.types import Band, EventKind
from scoring.refresh import refresh_contact


async def ask_offer_choice(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Shows the offers once, notes that a quote was given, and asks which one it shall be."""
    table = CONVERSATIONS[tracker.get_slot("conversation")].table
    offers = tracker.get_slot("offers")
    codes = " ".join(offer["offer_code"] for offer in offers)
    only = len(offers) == 1
    if table is None or tracker.get_slot("offers_shown") == codes:
        dispatcher.utter_message(response="utter_ask_only_offer" if only else "utter_ask_offer_choice_again")
        return []
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        now = clock.now()
        band = await note_quote(session, contact.id, f"{read_turn_key(tracker)}:quote", codes, now)
        contract = await load_contract(session, contact, table.contract)
        await session.commit()
    today = read_today(contact, now)
    ends = contract.expires_on if contract and contract.expires_on and contract.expires_on >= today else None
    table.show(dispatcher, tracker, ends if band == Band.HIGH else None)
    question = "utter_ask_offer_choice_calm" if band == Band.LOW else "utter_ask_offer_choice"
    dispatcher.utter_message(response="utter_ask_only_offer" if only else question)
    return [SlotSet("offers_shown", codes)]


async def note_quote(session: AsyncSession, contact_id: int, key: str, codes: str, now: datetime) -> str:
    """Stores the quote once per turn and scores the contact with it; the band decides the tone."""
    await note_event(session, contact_id, EventKind.QUOTE_REQUEST, key, {"offers": codes}, now)
    return (await refresh_contact(session, contact_id, now, store.get_settings().timezone)).band
