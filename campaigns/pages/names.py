"""What the words of a journey and of its story are called in the reader's language; unknown ones stay as they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from campaigns.gate.explain import name_reason
from campaigns.journeys.steps import ANY
from core.types import Band, HoldReason, Language
from inbox.pages.intents import name_intents
from inbox.pages.parts import WORDS as INBOX_WORDS
from pages.words import Words
from scoring.explain import write_date

NAMES = Path(__file__).with_name("names.yml")


def name_arm(arm: str, words: Words) -> str:
    """What a variant is called; its own name but for those every campaign has."""
    return words(f"arm_{arm or 'all'}") if arm in ("", "control", "message") else arm


def name_band(band: str, words: Words) -> str:
    return words(f"band_{band}") if band in set(Band) else band


def say_band(band: str, words: Words) -> str:
    return f"{words('segment')}: {name_band(band, words)}"


def name_language(language: str, words: Words) -> str:
    return words(f"in_{language}") if language in set(Language) else language


def name_reply(intent: str, words: Words) -> str:
    """What was said, as the buttons call it: Ja for affirm."""
    if intent == ANY:
        return words("any_reply")
    name, _, rest = name_intents(words.language).get(intent, intent).partition(" · ")
    return f"{name} ({rest})" if intent.startswith("ask_") and rest else name


def name_event(kind: str, words: Words) -> str:
    return words(f"event_{kind}") if f"event_{kind}" in words else kind


def list_names(kind: str, values: Iterable[str], words: Words) -> str:
    """Several of the same kind: reply, option or event."""
    names = {"reply": name_reply, "event": name_event}
    return ", ".join(names[kind](one, words) if kind in names else one for one in values)


def name_state(state: str, words: Words) -> str:
    """Where a message stands, in the words of the inbox."""
    told = Words(words.language, INBOX_WORDS)
    return told(f"state_{state}").lower() if f"state_{state}" in told else state


def name_held(reason: str, words: Words) -> str:
    """Why a message was held."""
    return name_reason(reason, words.language) if reason in set(HoldReason) else reason


def say_outcome(outcome: str, words: Words) -> str:
    """How it ended for somebody, in the reader's words where it is not a word of the journey itself."""
    first, _, reason = outcome.partition(":")
    if first == "held":
        return f"{words('link_held')}: {name_held(reason, words)}"
    return words(f"ended_{first}") if f"ended_{first}" in words else outcome


def say_move(moved_by: str, words: Words) -> str:
    """What brought somebody to a step."""
    first, _, what = moved_by.partition(":")
    match first:
        case "event":
            return name_event(what, words)
        case "reply":
            what = name_reply(what, words)
        case "held":
            what = name_held(what, words)
    if f"moved_{first}" not in words:
        return moved_by
    return words(f"moved_{first}", what=what) if what else words(f"moved_{first}")


def say_occasion(occasion: str, words: Words) -> str:
    """Why somebody was to enter: deadline:electricity:2027-01-01:-45, event:<id> and so on."""
    first, _, rest = occasion.partition(":")
    if first == "deadline":
        _, day, offset = rest.split(":")
        days, told = int(offset), write_date(date.fromisoformat(day), words.language)
        when = "before" if days < 0 else "after" if days else "on"
        return words(f"occasion_deadline_{when}", days=abs(days), date=told)
    if f"occasion_{first}" not in words:
        return occasion
    return words(f"occasion_{first}", what=rest) if first == "manual" else words(f"occasion_{first}")


def say_plan(outcome: str, words: Words) -> str:
    """What came of an occasion, if anything did yet."""
    name = next((one for one in (f"plan_{outcome}", f"outcome_{outcome}") if one in words), None)
    return words(name) if name else outcome
