"""What to do with a contact's messages: stop, stay silent, or ask Rasa, and with which words."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from conversations.language import decide_language
from conversations.options import choose_option
from conversations.stop_words import STOP_PAYLOADS, wants_stop
from core.types import Decision, Language, MessageKind, Option
from inbox.rating import read_rating

MAX_CHARS = 4096  # what Rasa is asked at most; the newest words count
TAPS = frozenset({MessageKind.BUTTON_REPLY, MessageKind.LIST_REPLY, MessageKind.BUTTON})
WORDS = frozenset({MessageKind.TEXT, MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT})  # body or caption
SILENT = frozenset(  # notes about other messages or the account: nobody expects an answer
    {
        MessageKind.REACTION,
        MessageKind.SYSTEM,
        MessageKind.EDIT,
        MessageKind.REVOKE,
        MessageKind.CALL_PERMISSION_REPLY,
        MessageKind.UNKNOWN,
    }
)


@dataclass(frozen=True)
class Received:
    """A customer's message as the turn needs it. place: WhatsApp's location node, else empty."""

    id: int
    wamid: str
    phone_number_id: str
    kind: MessageKind
    text: str | None = None
    reply_id: str | None = None
    place: dict[str, object] | None = None


@dataclass(frozen=True)
class Situation:
    """What is known when the messages arrive.

    options: still open ones; takes_number: the open question wants a number; offered: every id we ever offered the
    contact, of those tapped; known: the language used so far; country: of the phone.
    """

    default_language: Language
    known_language: Language | None = None
    country: str | None = None
    options: tuple[Option, ...] = ()
    takes_number: bool = False
    offered: frozenset[str] = frozenset()
    handoff_open: bool = False


@dataclass(frozen=True)
class Plan:
    """What to do, what to ask Rasa, and the language of the answer."""

    decision: Decision
    text: str
    language: Language


def take_messages[M: Received](waiting: Sequence[M]) -> list[M]:
    """The first messages that make one turn: all up to where words, taps and places meet.

    A tap or a place reaches Rasa as a payload and words as text, so in one question one of them would be lost.
    """
    taken: list[M] = []
    way: str | None = None
    for message in waiting:
        if message.kind not in SILENT:
            if way not in (None, way_of(message.kind)):
                break
            way = way_of(message.kind)
        taken.append(message)
    return taken


def way_of(kind: MessageKind) -> str:
    """The way in which a kind of message reaches Rasa."""
    return "tap" if kind in TAPS else "place" if kind is MessageKind.LOCATION else "words"


def decide_turn(messages: Sequence[Received], situation: Situation) -> Plan:
    """The plan for messages that make one turn, in the order they were sent."""
    heard = [message for message in messages if message.kind not in SILENT]
    tapped = find_tap(heard, situation)
    said = [] if tapped else [message.text for message in heard if message.text and message.kind in WORDS | TAPS]
    option = tapped or choose_option(
        "\n".join(said), situation.options, situation.takes_number, situation.known_language
    )
    text = ask_text(heard, option)
    typed = "\n".join(message.text for message in heard if message.text and message.kind in WORDS)
    language = (situation.known_language if option else None) or decide_language(
        typed, situation.known_language, situation.country, situation.default_language
    )
    if wants_stop(said) or taps_stop(heard, option):
        return Plan(Decision.STOP, text, language)
    if option and read_rating(option.id):
        return Plan(Decision.RATED, option.id, language)
    if situation.handoff_open:
        return Plan(Decision.HANDOFF_OPEN, text, language)
    if not text:
        return Plan(Decision.NOTHING_TO_SAY, text, language)
    return Plan(Decision.ASK_RASA, text, language)


def find_tap(heard: Sequence[Received], situation: Situation) -> Option | None:
    """The option tapped last. Only ids we offered count, anyone can post another; its title is read like words."""
    for message in reversed(heard):
        if message.kind in TAPS and message.reply_id in situation.offered:
            return Option(message.reply_id or "", message.text or "")
    return None


def taps_stop(heard: Sequence[Received], option: Option | None) -> bool:
    """Whether a "no more of this" button was tapped; nobody has to have been offered it to mean it."""
    return (option is not None and option.id in STOP_PAYLOADS) or any(
        message.kind in TAPS and message.reply_id in STOP_PAYLOADS for message in heard
    )


def ask_text(heard: Sequence[Received], option: Option | None) -> str:
    """What Rasa is asked: the option's payload, else the words, else what kind of thing was sent."""
    if option:
        return option.id if option.id.startswith("/") else escape_text(option.title or option.id)
    words = [message.text for message in heard if message.text and message.kind in (MessageKind.TEXT, *TAPS)]
    if words:
        return escape_text("\n".join(words)[-MAX_CHARS:])
    for message in reversed(heard):
        if message.kind is MessageKind.LOCATION and (place := location_text(message)):
            return place
        if message.kind not in TAPS and message.kind is not MessageKind.TEXT:
            return "/media" + json.dumps({"media_kind": message.kind.value})
    return ""


def location_text(message: Received) -> str | None:
    """Rasa's own syntax for a place on the map; None if it has no coordinates."""
    place = message.place or {}
    degrees = {name: place.get(name) for name in ("latitude", "longitude")}
    if not all(isinstance(value, int | float) and abs(value) <= 180 for value in degrees.values()):
        return None
    return "/location" + json.dumps(degrees)


def escape_text(text: str) -> str:
    """Words of a customer, never Rasa's own payload syntax; a keycap becomes its digit."""
    text = re.sub("(?<=[0-9#*])\N{VARIATION SELECTOR-16}?\N{COMBINING ENCLOSING KEYCAP}", "", text).strip()
    return " " + text if text.startswith("/") else text
