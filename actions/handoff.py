"""Passes a contact to a person, with everything the customer already said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.answers import load_answers
from actions.message import read_intent, read_language, read_sentence, read_turn_key
from core import clock
from core.tables import Contact
from core.types import HandoffReason, Language
from inbox.handoff import open_handoff, was_handed_over
from inbox.hours import tell_when

AGAIN = timedelta(days=1)  # no second handoff because of the value alone
OTHERS = text("SELECT 1 FROM handoff WHERE contact_id = :contact_id AND closed_at IS NULL AND turn_key <> :turn_key")
SCORE = text("SELECT points, band FROM score WHERE contact_id = :contact_id")


async def hand_over(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Opens a handoff once and tells the customer."""
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        card = await collect_card(session, contact, tracker)
        await open_handoff(session, contact.id, read_reason(tracker), read_turn_key(tracker), card, clock.now())
        await session.commit()
    dispatcher.utter_message(response="utter_handed_over")
    tell_hours(dispatcher, tracker, contact)
    return []


async def hand_over_valuable(dispatcher: Any, tracker: Any) -> bool:
    """At the end of a conversation: a contact worth at least the setting gets a person, unless one is there."""
    least = store.get_settings().handoff_value
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        key = read_turn_key(tracker)
        if not least or contact.value is None or contact.value < least:
            return False
        if await session.scalar(OTHERS, {"contact_id": contact.id, "turn_key": key}):
            return False
        # A person had them for this a short while ago: handing over again would be a loop.
        if await was_handed_over(session, contact.id, HandoffReason.VALUE, clock.now() - AGAIN):
            return False
        card = await collect_card(session, contact, tracker)
        await open_handoff(session, contact.id, HandoffReason.VALUE, key, card, clock.now())
        await session.commit()
    dispatcher.utter_message(response="utter_value_handed_over")
    tell_hours(dispatcher, tracker, contact)
    return True


def tell_hours(dispatcher: Any, tracker: Any, contact: Contact) -> None:
    """When people answer, where the company wrote it down."""
    now, language = clock.now(), Language(read_language(tracker))
    if when := tell_when(store.get_settings(), language, now, contact.timezone):
        dispatcher.utter_message(text=when)


async def collect_card(session: AsyncSession, contact: Contact, tracker: Any) -> dict[str, Any]:
    """What the person who takes over needs to know."""
    score = (await session.execute(SCORE, {"contact_id": contact.id})).mappings().one_or_none()
    return {
        "language": read_language(tracker),
        "said": read_sentence(tracker),
        "topic": tracker.get_slot("conversation") or tracker.get_slot("proposal"),
        "open_question": tracker.get_slot("requested_slot"),
        "answers": await load_answers(session, contact.id),
        "offers": tracker.get_slot("offers"),
        "score": dict(score) if score else None,
    }


def read_reason(tracker: Any) -> HandoffReason:
    """A wish, unless we proposed the person after a complaint or because we did not understand."""
    intents = [
        (event.get("parse_data") or {}).get("intent", {}).get("name")
        for event in tracker.events
        if event["event"] == "user"
    ]
    before = intents[-2] if len(intents) > 1 else None
    if {before, read_intent(tracker)} & {"complain", "abuse"}:
        return HandoffReason.FRUSTRATION
    return HandoffReason.MISUNDERSTANDING if before in ("nlu_fallback", "out_of_scope") else HandoffReason.WISH
