"""Parts that several of the score's pages show."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nicegui.element import Element

from core.wording import format_number
from pages.page import Here
from pages.parts import link, put
from pages.room import get_room
from scoring.explain import write_date

WORDS = Path(__file__).with_name("words.yml")


def number(value: int, here: Here) -> str:
    """1,204 or 1.204."""
    return format_number(value, here.language)


def signed(points: int) -> str:
    """+40 or −20, with a minus as long as the plus."""
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"


def day(on: date | None, here: Here) -> str:
    return write_date(on, here.language) if on else "–"


def today_of(now: datetime) -> date:
    """The company's calendar day."""
    return now.astimezone(ZoneInfo(get_room().settings.timezone)).date()


def name_pack(pack: str, here: Here) -> str:
    """What an industry is called; one a company made itself keeps its own name."""
    return here.words(f"pack_{pack}") if f"pack_{pack}" in here.words else pack


def put_band(band: str, here: Here) -> Element:
    return put("span", here.words(f"band_{band}"), f"tag band-{band}")


def put_person(row: Any, here: Here) -> Element:
    """A contact's name, leading to its page; the address beside it."""
    with put("span", classes="person") as person:
        link(row.name or here.words("no_name"), f"/score/{row.token}")
        if address := getattr(row, "address", None):
            put("span", address, "quiet")
    return person
