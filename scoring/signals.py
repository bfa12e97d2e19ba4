"""What the score may look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Signals:
    """The facts about one contact; dates are calendar dates in the contact's time zone.

    ignored_in_a_row counts messages delivered with the time to react over and no reply or click since; undelivered
    ones do not count. ignored_on is the day the last of them arrived.
    """

    expires_on: date | None = None
    replied_on: date | None = None
    clicked_on: date | None = None
    quoted_on: date | None = None
    ignored_in_a_row: int = 0
    ignored_on: date | None = None


@dataclass(frozen=True)
class Reading:
    """One signal of one contact: its value and the day of the fact behind it."""

    value: int
    on: date | None


def days_until(day: date | None, today: date) -> Reading | None:
    return Reading((day - today).days, day) if day else None


def days_since(day: date | None, today: date) -> Reading | None:
    return Reading((today - day).days, day) if day else None


# The names rules may use.
SIGNALS: dict[str, Callable[[Signals, date], Reading | None]] = {
    "days_left": lambda signals, today: days_until(signals.expires_on, today),
    "days_since_reply": lambda signals, today: days_since(signals.replied_on, today),
    "days_since_click": lambda signals, today: days_since(signals.clicked_on, today),
    "days_since_quote": lambda signals, today: days_since(signals.quoted_on, today),
    "ignored_in_a_row": lambda signals, _: Reading(signals.ignored_in_a_row, signals.ignored_on),
}
