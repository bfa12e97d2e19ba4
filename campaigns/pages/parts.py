"""Parts that several of the campaigns' pages show."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from campaigns.journeys.journey import Journey
from campaigns.journeys.reading import parse_journey
from campaigns.pages.names import NAMES
from campaigns.pages.read import read_current
from campaigns.pages.said import RELEASE_WORDS
from campaigns.release.states import ReleaseError
from core.types import Role
from offers.yaml_file import FileError
from pages.page import WORDS as PAGE_WORDS
from pages.page import Here
from pages.room import get_room
from pages.times import write_moment
from pages.words import Words

WORDS = Path(__file__).with_name("words.yml")
ROLES = (Role.MARKETER, Role.ADMIN)
PAUSE = 2.0  # seconds between two looks at what is new
# Of a journey drawn by Mermaid: in its own size, for made to fit a phone nobody could read it.
THEME = {
    "theme": "neutral",
    "themeVariables": {"fontSize": "13px"},
    "flowchart": {"useMaxWidth": False, "nodeSpacing": 24, "rankSpacing": 32, "padding": 8, "wrappingWidth": 150},
}
COLOURS = {"running": "band-high", "scheduled": "band-middle", "paused": "band-middle"}


def all_words(here: Here) -> Words:
    """The words of these pages, and those of the release."""
    return Words(here.language, PAGE_WORDS, RELEASE_WORDS, WORDS, NAMES)


def moment(at: datetime | None, here: Here) -> str:
    return write_moment(at, here.language, get_room().settings.timezone) if at else "–"


def say_title(journey: Journey, here: Here) -> str:
    return str(getattr(journey.title, here.language))


async def read_title(name: str, here: Here) -> str:
    """What a campaign is called; its own name where there is no text that can be read."""
    journey = await read_current_journey(name)
    return say_title(journey, here) if journey else name


async def read_current_journey(name: str) -> Journey | None:
    """The journey newcomers enter; None: there is no text that can be read."""
    async with get_room().sessions() as session:
        try:
            return parse_journey(name, await read_current(session, name))
        except (FileError, ReleaseError):
            return None
