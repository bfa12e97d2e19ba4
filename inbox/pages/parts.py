"""Small parts of the inbox: times, windows, and what things are called."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nicegui.element import Element

from pages.page import Here
from pages.parts import put
from pages.room import get_room
from pages.times import write_moment
from scoring.explain import write_date

WORDS = Path(__file__).with_name("words.yml")


def write_time(at: datetime, now: datetime, here: Here) -> str:
    """14:30 today, else with the day."""
    zone = ZoneInfo(get_room().settings.timezone)
    there = at.astimezone(zone)
    if there.date() == now.astimezone(zone).date():
        return f"{there:%H:%M}"
    return write_moment(at, here.language, get_room().settings.timezone)


def write_day(iso: str, here: Here) -> str:
    """The day of a time in ISO form, in the company's zone."""
    zone = ZoneInfo(get_room().settings.timezone)
    return write_date(datetime.fromisoformat(iso).astimezone(zone).date(), here.language)


def put_left(until: datetime, classes: str = "") -> Element:
    """How much time is left; the browser keeps it true, and tells when it is over."""
    return put("time", "", f"left {classes}", data_until=f"{until.timestamp():.0f}")


def name_reason(reason: str, here: Here) -> str:
    return here.words(f"reason_{reason}") if f"reason_{reason}" in here.words else reason
