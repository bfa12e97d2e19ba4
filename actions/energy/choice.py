"""The customer chooses one of the offers, confirms it, and gets a link that tells us when it was opened."""

from __future__ import annotations

import json
import secrets
from decimal import Decimal
from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.energy.place import UNKNOWN
from actions.energy.questions import FRESH
from actions.message import read_language
from actions.telling import Telling
from actions.wording import format_money
from core import clock
from core.types import EventKind

# The score of a contact with something new is computed again.
NOTE_CHOICE = text(
    "WITH chosen AS (INSERT INTO event (contact_id, kind, at, key, data)"
    " VALUES (:contact_id, :kind, :now, :key, CAST(:data AS jsonb)) ON CONFLICT (key) DO NOTHING RETURNING contact_id)"
    " UPDATE contact c SET score_stale_at = coalesce(c.score_stale_at, :now) FROM chosen WHERE c.id = chosen.contact_id"
)
MAKE_LINK = text(
    "INSERT INTO link (token, contact_id, url, offer_code, created_at)"
    " VALUES (:token, :contact_id, :url, :offer_code, :now)"
    " ON CONFLICT (contact_id, url) DO UPDATE SET offer_code = excluded.offer_code RETURNING token"
)


async def check_choice(telling: Telling, choice: Any) -> dict[str, Any]:
    """Takes the number of an offer on the table."""
    offers = telling.slots.get("offers") or []
    if str(choice) in {str(number) for number in range(1, len(offers) + 1)}:
        if telling.slots.get("requested_slot") == "offer_confirmed" and choice == read_before(telling, "offer_choice"):
            return await check_confirmation(telling, True)  # "yes, the first", when the first was asked about
        return {"offer_choice": str(choice), "offer_confirmed": None, "updates_wanted": None}
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
    offer = read_choice(telling.slots)
    data = {name: offer[name] for name in ("offer_code", "supplier", "name", "yearly_cost", "currency", "saving")}
    row = {"contact_id": telling.contact.id, "kind": EventKind.OFFER_CHOSEN, "now": telling.now}
    await telling.session.execute(NOTE_CHOICE, row | {"key": f"{telling.turn_key}:choice", "data": json.dumps(data)})
    return {"offer_confirmed": True}


def read_choice(slots: dict[str, Any]) -> dict[str, Any]:
    """The offer the customer chose."""
    offer: dict[str, Any] = slots["offers"][int(slots["offer_choice"]) - 1]
    return offer


async def ask_offer_confirmed(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Repeats what was chosen, so that a slip of the finger shows."""
    offer = read_choice(tracker.slots)
    cost = format_money(Decimal(offer["yearly_cost"]), offer["currency"], read_language(tracker))
    number = tracker.get_slot("offer_choice")
    words = {"number": number, "supplier": offer["supplier"], "name": offer["name"], "cost": cost}
    dispatcher.utter_message(response="utter_ask_offer_confirmed", **words)
    return []


async def finish_comparison(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Says how it ends: with a link to the offer, or without any offer. What was told is kept for another round."""
    if not tracker.get_slot("offers"):
        dispatcher.utter_message(response="utter_no_offers", place=tracker.get_slot("place"))
        return [SlotSet(name, value) for name, value in (FRESH | UNKNOWN).items()]
    offer = read_choice(tracker.slots)
    words = {"supplier": offer["supplier"], "name": offer["name"]}
    dispatcher.utter_message(response="utter_updates_on" if tracker.get_slot("updates_wanted") else "utter_updates_off")
    if offer["url"]:
        async with store.open_session() as session:
            contact = await store.load_contact(session, tracker)
            url = await make_link(session, contact.id, offer["url"], offer["offer_code"])
            await session.commit()
        dispatcher.utter_message(response="utter_done", url=url, **words)
    else:
        dispatcher.utter_message(response="utter_done_without_link", **words)
    return [SlotSet(name, value) for name, value in FRESH.items()]


async def make_link(session: AsyncSession, contact_id: int, url: str, offer_code: str) -> str:
    """The tracked address that leads this contact to url; asked again it stays the same."""
    row = {"token": secrets.token_urlsafe(9), "contact_id": contact_id, "url": url, "offer_code": offer_code}
    token = await session.scalar(MAKE_LINK, row | {"now": clock.now()})
    return f"{store.get_settings().public_url}/l/{token}"
