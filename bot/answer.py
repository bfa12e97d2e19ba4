"""The answer to one message, read from the tracker: the same words the first time and at every repeat."""

from __future__ import annotations

from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.extract.find import TAKES_NUMBER

KINDS = ("buttons", "image", "attachment", "custom")  # what a message may carry besides text
INNER_SLOTS = frozenset({"requested_slot", "session_started_metadata"})


def find_turn(tracker: DialogueStateTracker, message_id: str) -> int | None:
    """Where in the conversation the message with this id stands, the newest first."""
    for at in range(len(tracker.events) - 1, -1, -1):
        event = tracker.events[at]
        if isinstance(event, UserUttered) and event.message_id == message_id:
            return at
    return None


def build_answer(tracker: DialogueStateTracker, message_id: str, domain: Domain, *, replayed: bool) -> dict[str, Any]:
    """Everything said between this message and the next, and how the conversation stood then."""
    events = list(tracker.events)
    start = find_turn(tracker, message_id)
    assert start is not None  # noqa: S101  (the caller put it there or found it)
    end = next((at for at in range(start + 1, len(events)) if isinstance(events[at], UserUttered)), len(events))
    message = events[start]
    then = tracker if end == len(events) else _rebuild(tracker.sender_id, events[:end], domain)
    values = {name: slot.value for name, slot in then.slots.items() if slot.value is not None}
    asked = values.get("requested_slot")
    return {
        "message_id": message_id,
        "replayed": replayed,
        "messages": [_shape(event) for event in events[start:end] if isinstance(event, BotUttered)],
        "intent": {"name": message.intent.get("name"), "confidence": float(message.intent.get("confidence") or 0)},
        "entities": [
            {key: entity[key] for key in ("entity", "value", "start", "end") if key in entity}
            for entity in message.entities
        ],
        "open_question": {"slot": asked, "takes_number": asked in TAKES_NUMBER} if asked else None,
        "slots": {name: value for name, value in values.items() if name not in INNER_SLOTS},
    }


def _shape(event: BotUttered) -> dict[str, Any]:
    said = {"text": event.text, **{kind: event.data.get(kind) for kind in KINDS}}
    if said["image"] == said["attachment"]:  # Rasa copies an image there
        said["attachment"] = None
    return {kind: value for kind, value in said.items() if value}


def _rebuild(sender_id: str, events: list[Event], domain: Domain) -> DialogueStateTracker:
    """The conversation as it stood after the last action; what follows it was set for the next message."""
    while events and not isinstance(events[-1], ActionExecuted):
        events = events[:-1]
    return DialogueStateTracker.from_events(sender_id, events, domain.slots, domain=domain)
