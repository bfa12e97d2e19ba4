"""What the score may look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True)
class Signals:
    """The facts about one contact, named and defined like the columns of contact_stat; days are its own calendar days.

    ignored_in_a_row counts messages delivered with the time to react over and no reply or click since; undelivered
    ones do not count. Lists hold the latest ten days first.
    """

    contract_kind: str | None = None
    expires_on: date | None = None
    created_on: date | None = None
    replied_on: date | None = None
    reply_minutes: int | None = None
    clicked_on: date | None = None
    quoted_on: date | None = None
    visited_on: date | None = None
    form_on: date | None = None
    cart_on: date | None = None
    bought_on: date | None = None
    lapses_on: date | None = None
    orders: int = 0
    spent: int = 0
    cancelled_on: date | None = None
    objected_on: date | None = None
    ignored_in_a_row: int = 0
    ignored_on: date | None = None
    sentiment: int | None = None
    sentiment_on: date | None = None
    price_days: tuple[date, ...] = ()
    bought_days: tuple[date, ...] = ()
    engaged_days: tuple[date, ...] = ()
    value: int | None = None
    area_served: int | None = None
    saving_percent: int | None = None
    saving_on: date | None = None


class Shape(StrEnum):
    """How a signal's value comes from the facts."""

    UNTIL = "until"  # days until a day
    SINCE = "since"  # days since a day
    NUMBER = "number"  # a number that does not change by the night
    DAYS = "days"  # how many of the listed days lie within a window
    MONTH = "month"  # of today, 1 to 12


@dataclass(frozen=True)
class Signal:
    """Where a signal is read. column: in contact_stat; on: the day of the fact, where it is another column."""

    shape: Shape
    column: str = ""
    on: str | None = None


# The names rules may use.
SIGNALS: dict[str, Signal] = {
    "days_left": Signal(Shape.UNTIL, "expires_on"),
    "days_since_reply": Signal(Shape.SINCE, "replied_on"),
    "reply_minutes": Signal(Shape.NUMBER, "reply_minutes", "replied_on"),
    "days_since_click": Signal(Shape.SINCE, "clicked_on"),
    "days_since_quote": Signal(Shape.SINCE, "quoted_on"),
    "ignored_in_a_row": Signal(Shape.NUMBER, "ignored_in_a_row", "ignored_on"),
    "days_since_page_visit": Signal(Shape.SINCE, "visited_on"),
    "price_visits": Signal(Shape.DAYS, "price_days"),
    "days_since_form": Signal(Shape.SINCE, "form_on"),
    "days_since_cart": Signal(Shape.SINCE, "cart_on"),
    "days_since_purchase": Signal(Shape.SINCE, "bought_on"),
    "days_past_limit": Signal(Shape.SINCE, "lapses_on"),
    "purchases": Signal(Shape.DAYS, "bought_days"),
    "orders": Signal(Shape.NUMBER, "orders", "bought_on"),
    "spent": Signal(Shape.NUMBER, "spent", "bought_on"),
    "engaged_days": Signal(Shape.DAYS, "engaged_days"),
    "days_since_cancellation": Signal(Shape.SINCE, "cancelled_on"),
    "days_since_objection": Signal(Shape.SINCE, "objected_on"),
    "sentiment": Signal(Shape.NUMBER, "sentiment", "sentiment_on"),
    "days_known": Signal(Shape.SINCE, "created_on"),
    "value": Signal(Shape.NUMBER, "value"),
    "area_served": Signal(Shape.NUMBER, "area_served"),
    "saving_percent": Signal(Shape.NUMBER, "saving_percent", "saving_on"),
    "month": Signal(Shape.MONTH),
}
MOST_DAYS = 10  # so many days a list holds


@dataclass(frozen=True)
class Reading:
    """One signal of one contact: its value and the day of the fact behind it."""

    value: int
    on: date | None


def read_signal(name: str, facts: Signals, today: date) -> Reading | None:
    """The value on a day, None where nothing is known; of a list of days the value is how long it is."""
    signal = SIGNALS[name]
    if signal.shape is Shape.MONTH:
        return Reading(today.month, None)
    found = getattr(facts, signal.column)
    if found is None or found == ():
        return None
    if signal.shape is Shape.UNTIL:
        return Reading((found - today).days, found)
    if signal.shape is Shape.SINCE:
        return Reading((today - found).days, found)
    if signal.shape is Shape.DAYS:
        return Reading(len(found), found[0])
    return Reading(found, getattr(facts, signal.on) if signal.on else None)
