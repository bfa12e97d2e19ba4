"""Parts that several of the campaigns' pages show."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from campaigns.gate.explain import name_reason
from campaigns.journeys.journey import Journey
from campaigns.journeys.reading import parse_journey
from campaigns.pages.read import read_current
from campaigns.pages.said import RELEASE_WORDS
from campaigns.release.states import ReleaseError
from core.types import HoldReason, Role
from offers.yaml_file import FileError
from pages.page import WORDS as PAGE_WORDS
from pages.page import Here
from pages.room import get_room
from pages.times import write_moment
from pages.words import Words

WORDS = Path(__file__).with_name("words.yml")
ROLES = (Role.MARKETER, Role.ADMIN)
PAUSE = 2.0  # seconds between two looks at what is new
THEME = {"theme": "neutral", "flowchart": {"useMaxWidth": True}}  # of a journey drawn by Mermaid
COLOURS = {"running": "band-high", "scheduled": "band-middle", "paused": "band-middle"}


def all_words(here: Here) -> Words:
    """The words of these pages, and those of the release."""
    return Words(here.language, PAGE_WORDS, RELEASE_WORDS, WORDS)


def moment(at: datetime | None, here: Here) -> str:
    return write_moment(at, here.language, get_room().settings.timezone) if at else "–"


def name_arm(arm: str, words: Words) -> str:
    """What a variant is called; its own name but for those every campaign has."""
    return words(f"arm_{arm or 'all'}") if arm in ("", "control", "message") else arm


def say_title(journey: Journey, here: Here) -> str:
    return str(getattr(journey.title, here.language))


async def read_title(name: str, here: Here) -> str:
    """What a campaign is called; its own name where there is no text that can be read."""
    async with get_room().sessions() as session:
        try:
            return say_title(parse_journey(name, await read_current(session, name)), here)
        except (FileError, ReleaseError):
            return name


def say_outcome(outcome: str, words: Words) -> str:
    """How it ended for somebody, in the reader's words where it is not a word of the journey itself."""
    first, _, reason = outcome.partition(":")
    if first == "held" and reason in set(HoldReason):
        return f"{words('link_held')}: {name_reason(reason, words.language)}"
    return words(f"ended_{first}") if f"ended_{first}" in words else outcome
