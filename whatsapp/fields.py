"""Readers of single JSON fields: what has the wrong type counts as missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NO_TIME = datetime.fromtimestamp(0, UTC)  # stands where WhatsApp gave no readable time
LAST_SECOND = 4_102_444_800  # the year 2100
MAX_ID = 512  # wamids and callbacks are opaque; indexes want a bound


def read_object(value: object) -> dict[str, Any]:
    """A JSON object, empty where it is none."""
    return value if isinstance(value, dict) else {}


def read_list(value: object) -> list[Any]:
    """A JSON array; a single value counts as an array of one, a missing one as empty."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def read_text(value: object) -> str | None:
    """Text with something in it."""
    return value if isinstance(value, str) and value.strip() else None


def read_id(value: object) -> str | None:
    """An opaque id of a length that can be indexed; some of Meta's ids are JSON numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and 0 < len(value) <= MAX_ID else None


def read_time(value: object) -> datetime:
    """A moment from unix seconds, as text or number; NO_TIME where there is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 15:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < LAST_SECOND:
        return NO_TIME
    return datetime.fromtimestamp(value, UTC)
