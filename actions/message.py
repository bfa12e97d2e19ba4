"""What the customer said in this turn, read from Rasa's tracker."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

ASKING = ("ask_", "bot_")
ANNOUNCED = re.compile(r"\b(?:domand|frage?n?\b|question)", re.IGNORECASE)
LEAST_CONFIDENCE = 0.05  # of a question beside a value: the value draws most of the confidence to itself


def read_language(tracker: Any) -> str:
    """it, de or en."""
    return tracker.get_slot("language") or "en"


def read_intent(tracker: Any) -> str:
    """What the message wants. Who only announces a question ("I have a question") wants to know more."""
    return "more_info" if announces_question(tracker) else read_name(tracker)


def announces_question(tracker: Any) -> bool:
    """Whether the message says no more than that a question will come."""
    said = str(tracker.latest_message.get("text") or "")
    return read_name(tracker) == "help" and ANNOUNCED.search(said) is not None


def read_name(tracker: Any) -> str:
    return (tracker.latest_message.get("intent") or {}).get("name") or ""


def read_questions(tracker: Any, known: Collection[str]) -> list[str]:
    """What a message asks beside what it answers ("20121, is it free?"), in order; empty if nothing we know."""
    if asked := [intent for intent in read_parts(tracker) if intent in known]:
        return asked
    if len(read_parts(tracker)) > 1 or "?" not in str(tracker.latest_message.get("text") or ""):
        return []
    ranking = tracker.latest_message.get("intent_ranking") or []
    likely = [one["name"] for one in ranking if one["name"] in known and one["confidence"] >= LEAST_CONFIDENCE]
    return [name for name in likely if name.startswith(ASKING)][:1]


def read_parts(tracker: Any) -> list[str]:
    """The intents of a message that holds several, in order; usually one."""
    return [str(part["intent"]) for part in tracker.latest_message.get("parts") or []] or [read_intent(tracker)]


def count_intent(tracker: Any, intent: str) -> int:
    """How often the customer has said this, in this session and with this message."""
    said = [event.get("parse_data") or {} for event in tracker.events if event["event"] == "user"]
    before = [one for one in said if one.get("message_id") != tracker.latest_message.get("message_id")]
    return 1 + len([one for one in before if (one.get("intent") or {}).get("name") == intent])


def read_entities(tracker: Any) -> set[str]:
    """The names of the values in this message."""
    return {entity["entity"] for entity in tracker.latest_message.get("entities") or []}


def read_turn_key(tracker: Any) -> str:
    """The id under which whatever this turn does happens once, also when it is asked twice."""
    return str(tracker.latest_message["message_id"])


def read_entity(tracker: Any, name: str) -> Any:
    """The last value of an entity in this message, None if there is none."""
    entities = tracker.latest_message.get("entities") or []
    return next((entity["value"] for entity in reversed(entities) if entity["entity"] == name), None)


def read_location(tracker: Any) -> tuple[float, float] | None:
    """Latitude and longitude of a location the customer sent."""
    latitude, longitude = read_entity(tracker, "latitude"), read_entity(tracker, "longitude")
    return None if latitude is None or longitude is None else (float(latitude), float(longitude))


def read_sentence(tracker: Any) -> str:
    """What the customer wrote, or the title of the button they tapped."""
    said = str(tracker.latest_message.get("text") or "")
    if not said.startswith("/"):
        return said
    for event in reversed(tracker.events):
        if event["event"] == "bot":
            for button in (event.get("data") or {}).get("buttons") or []:
                if button.get("payload") == said:
                    return str(button["title"])
    return said


def read_last_question(tracker: Any) -> str:
    """What the customer read before they answered."""
    said = [event.get("text") for event in tracker.events if event["event"] == "bot" and event.get("text")]
    return str(said[-1]) if said else ""
