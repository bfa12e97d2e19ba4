"""Praise, suggestions, complaints and other reasons: kept as events with the customer's own words."""

from __future__ import annotations

from typing import Any

from actions import store
from actions.events import note_event
from actions.message import read_intent, read_sentence, read_turn_key
from core import clock
from core.types import EventKind

KINDS = {
    "complain": EventKind.COMPLAINT,
    "missing_feature": EventKind.FEEDBACK,
    "drifted_away": EventKind.OBJECTION,
    "found_other": EventKind.OBJECTION,
}


async def note_feedback(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Keeps the sentence for the team; says so unless the rule says something of its own afterwards."""
    intent = read_intent(tracker)
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        data = {"intent": intent, "sentence": read_sentence(tracker), "conversation": tracker.get_slot("conversation")}
        kind = KINDS.get(intent, EventKind.FEEDBACK)
        await note_event(session, contact.id, kind, f"{read_turn_key(tracker)}:{kind}", data, clock.now())
        await session.commit()
    if intent in ("feedback", "missing_feature"):
        dispatcher.utter_message(response="utter_feedback_noted")
    return []
