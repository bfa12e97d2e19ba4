"""The customer allows or declines messages about better offers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.message import read_last_question
from actions.telling import Telling
from contacts.consent import Said, give_consent, withdraw_consent
from core.types import Purpose

OWN_WORDING = {"membership_renewal"}  # they ask for another consent than that to electricity offers
LAST_MESSAGE = text("SELECT wamid FROM message WHERE turn_id = :turn_id ORDER BY sent_at DESC, id DESC LIMIT 1")


async def check_updates(telling: Telling, wanted: Any) -> dict[str, Any]:
    """Keeps the answer as a consent with its proof: the words the customer read, and the message they answered with."""
    note = give_consent if wanted else withdraw_consent
    await note(telling.session, telling.contact.id, await read_said(telling), Purpose.MARKETING)
    return {"updates_wanted": bool(wanted)}


async def ask_updates_wanted(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """A consent is for what the conversation is about."""
    conversation = tracker.get_slot("conversation")
    own = f"utter_ask_updates_{conversation}" if conversation in OWN_WORDING else "utter_ask_updates_wanted"
    dispatcher.utter_message(response=own)
    return []


async def read_said(telling: Telling) -> Said:
    """The question the customer read and the answer to it, as a consent keeps them."""
    wording = f"{read_last_question(telling.tracker)}\n> {telling.sentence}"
    return Said(wording, "whatsapp", await find_proof(telling.session, telling.turn_key), telling.now)


async def find_proof(session: AsyncSession, turn_key: str) -> str:
    """The WhatsApp id of the turn's last message; the turn's own key where the turn is not in the store."""
    number = turn_key.removeprefix("t")
    wamid = await session.scalar(LAST_MESSAGE, {"turn_id": int(number)}) if number.isdigit() else None
    return wamid or turn_key
