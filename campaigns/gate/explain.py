"""The gate's word in it, de and en; the words stand in words.yml."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from campaigns.gate.wishes import Held
from core.types import HoldReason

LANGUAGES = ("it", "de", "en")


@cache
def load_words() -> dict[str, dict[str, str]]:
    """words.yml as it stands."""
    words: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))
    return words


def say(name: str, language: str, **values: str) -> str:
    """One of the words; English for other languages."""
    return load_words()[name][language if language in LANGUAGES else "en"].format(**values)


def name_reason(reason: HoldReason | str, language: str) -> str:
    """Why, as a phrase."""
    return say(str(reason), language)


def explain_held(held: Held | None, language: str, zone: str = "UTC") -> str:
    """Whether a message may go, why not, and when it is asked again, on the clock of a time zone."""
    if held is None:
        return say("sent", language)
    reason = name_reason(held.reason, language) + (f" ({held.detail.tell(language)})" if held.detail else "")
    told = say("held", language, reason=reason)
    if held.again_at is None:
        return f"{told} {say('for_good', language)}"
    return f"{told} {say('again', language, again=write_moment(held.again_at, zone))}"


def write_moment(at: datetime, zone: str) -> str:
    """2026-11-22 09:00."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
