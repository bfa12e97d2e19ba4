"""Spans of time as people write them: 30 minutes, 24 hours, 14 days."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from campaigns.journeys.problems import describe
from offers.yaml_file import UnfitError

UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
SPAN = re.compile(r"(\d{1,5}) (minute|hour|day)s?")
NEARLY = re.compile(r"(\d{1,4})\s*([a-z]+)")
# How the words for it begin in Italian, German and English, and how many of our units one of them is.
BEGINNINGS = {("g", "d", "tag"): (1, "day"), ("o", "h", "st"): (1, "hour"), ("mi",): (1, "minute")}
BEGINNINGS |= {("set", "w"): (7, "day")}


def read_span(value: Any) -> Any:
    """A text as a span; anything else is left to pydantic."""
    if not isinstance(value, str):
        return value
    found = SPAN.fullmatch(value.strip())
    if not found:
        like = guess_span(value)
        raise UnfitError(describe("like_span", value=value, like=like) if like else describe("no_span", value=value))
    return int(found[1]) * UNITS[found[2]]


def guess_span(value: str) -> str | None:
    """What was probably meant, as we write it: 2 days for 2 giorni and 2 Tage, 24 hours for 24h."""
    found = NEARLY.fullmatch(value.strip().lower())
    for beginnings, (times, unit) in BEGINNINGS.items():
        if found and found[2].startswith(beginnings):
            number = int(found[1]) * times
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return None


type Span = Annotated[timedelta, BeforeValidator(read_span)]
