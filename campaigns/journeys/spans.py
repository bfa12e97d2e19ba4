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


def read_span(value: Any) -> Any:
    """A text as a span; anything else is left to pydantic."""
    if not isinstance(value, str):
        return value
    found = SPAN.fullmatch(value.strip())
    if not found:
        raise UnfitError(describe("no_span", value=value))
    return int(found[1]) * UNITS[found[2]]


type Span = Annotated[timedelta, BeforeValidator(read_span)]
