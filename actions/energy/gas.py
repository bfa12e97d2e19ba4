"""Gas is not compared: we say so, keep the wish and offer a person."""

from __future__ import annotations

from typing import Any

from actions import store
from actions.events import note_event
from actions.message import read_sentence, read_turn_key
from core import clock
from core.types import EventKind


async def note_gas(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """The honest answer to a question about gas; the wish is kept for the company, once per turn."""
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        kind, data = EventKind.UNSERVED_WISH, {"kind": "gas", "sentence": read_sentence(tracker)}
        await note_event(session, contact.id, kind, f"{read_turn_key(tracker)}:{kind}", data, clock.now())
        await session.commit()
    dispatcher.utter_message(response="utter_answer_gas")
    return []
