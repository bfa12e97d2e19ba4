"""Parts that several of the campaigns' pages show."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from nicegui.element import Element

from campaigns.journeys.journey import Journey
from campaigns.pages.said import RELEASE_WORDS
from core.types import Role
from pages.page import WORDS as PAGE_WORDS
from pages.page import Here
from pages.parts import put
from pages.room import get_room
from pages.times import write_moment
from pages.words import Words

WORDS = Path(__file__).with_name("words.yml")
ROLES = (Role.MARKETER, Role.ADMIN)
COLOURS = {"running": "band-high", "scheduled": "band-middle", "paused": "band-middle"}


def all_words(here: Here) -> Words:
    """The words of these pages, and those of the release."""
    return Words(here.language, PAGE_WORDS, RELEASE_WORDS, WORDS)


def moment(at: datetime | None, here: Here) -> str:
    return write_moment(at, here.language, get_room().settings.timezone) if at else "–"


def put_state(state: str, words: Words) -> Element:
    return put("span", words(f"state_{state}"), f"tag {COLOURS.get(state, '')}")


def name_arm(arm: str, words: Words) -> str:
    """What a variant is called; its own name but for those every campaign has."""
    return words(f"arm_{arm or 'all'}") if arm in ("", "control") else arm


def say_title(journey: Journey, here: Here) -> str:
    return str(getattr(journey.title, here.language))
