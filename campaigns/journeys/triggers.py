"""What makes a contact enter a journey: the forms a file may name under `triggers`."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from campaigns.journeys.spans import Span
from core.types import Band, EventKind, Language
from offers.yaml_file import Strict

type Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
type Days = Annotated[int, Field(ge=1, le=730)]

WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


class Daily(Strict):
    """A trigger that is looked for once a day. at, weekdays: when it fires, on the contact's own clock.

    A day that is not allowed is moved to the next allowed one, but never behind a deadline.
    """

    at: time = time(9, 30)
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WORKDAYS


class Deadline(Daily):
    """A contract of this kind ends. days: offsets from its end, -30 for 30 days before."""

    on: Literal["deadline"]
    contract: Annotated[str, Field(min_length=1)]
    days: Annotated[tuple[Annotated[int, Field(ge=-730, le=730)], ...], Field(min_length=1)] = (-45, -30, -7)


class NewOffer(Daily):
    """An offer became valid: in the contact's area, or one that saves this very contact more than was told before."""

    on: Literal["new_offer"]
    by: Literal["area", "profile"] = "profile"


class Silence(Daily):
    """An offer of ours was delivered, and for so many days neither an answer nor a click came."""

    on: Literal["silence"]
    days: Days = 14


class Inactivity(Daily):
    """No sign of life for so many days."""

    on: Literal["inactivity"]
    days: Days = 30


class Moment(Strict):
    """A trigger that fires at once. within: what is told later than that after it happened does not fire any more.

    wait: so long after it happened, it fires; such as a cart that is not reminded of while the customer still shops.
    """

    within: Span = timedelta(days=1)
    wait: Span = timedelta(0)


class Happened(Moment):
    """An event of a kind. where: values its data must have, such as page: preise."""

    on: Literal["event"]
    kind: EventKind
    where: dict[str, str] = Field(default_factory=dict)


class PricePage(Moment):
    """A visit of a page with prices, as the score counts them."""

    on: Literal["price_page"]


class Click(Moment):
    """A tracked link of ours was opened."""

    on: Literal["click"]


class BandCrossed(Moment):
    """The score moved into one of these bands."""

    on: Literal["band_crossed"]
    to: Annotated[tuple[Band, ...], Field(min_length=1)]


class Keyword(Moment):
    """The customer wrote one of these words, as a whole word and whatever else stands beside it, or meant an intent."""

    on: Literal["keyword"]
    words: dict[Language, tuple[str, ...]] = Field(default_factory=dict)
    intents: tuple[str, ...] = ()


class Manual(Strict):
    """Somebody of ours puts contacts in: a list, or one from their page."""

    on: Literal["manual"]


type Trigger = Annotated[
    Deadline | NewOffer | Silence | Inactivity | Happened | PricePage | Click | BandCrossed | Keyword | Manual,
    Field(discriminator="on"),
]


def name_trigger(trigger: Trigger) -> str:
    """A name that stays the same as long as the trigger means the same: for trigger_mark and occasions."""
    match trigger:
        case Deadline():
            return f"deadline:{trigger.contract}"
        case NewOffer():
            return f"new_offer:{trigger.by}"
        case Silence() | Inactivity():
            return f"{trigger.on}:{trigger.days}"
        case Happened():
            where = "".join(f":{name}={value}" for name, value in sorted(trigger.where.items()))
            return f"event:{trigger.kind}{where}"
        case BandCrossed():
            return "band_crossed:" + "+".join(sorted(trigger.to))
        case PricePage() | Click() | Keyword() | Manual():
            return trigger.on
