"""What a company tells its assistant: one model per thing in the YAML files of offers/company/."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holidays import country_holidays
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from core.texts import choose_edition
from core.types import AddressForm, Language
from offers.yaml_file import Strict

type Filled = Annotated[str, Field(min_length=1)]
type Kind = Literal["gym", "shop", "insurance", "energy"]
type Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
type Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
type Money = Annotated[Decimal, Field(ge=0, decimal_places=2, max_digits=10)]
type Factor = Annotated[Decimal, Field(gt=0, le=10)]
type Count = Annotated[int, Field(ge=0)]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPAN = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*(?:([01]?\d|2[0-3]):([0-5]\d)|24:00)$")
YEARLY = re.compile(r"^\d{2}-\d{2}$")
MEDIA_ENDINGS = (".png", ".jpg", ".jpeg", ".mp4")
MEDIA_FILE = re.compile(r"media/[A-Za-z0-9][\w.-]*")
ONE_SIZE = "one"  # the size of things that have none


def check_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\.[^\s]+", value):
        raise ValueError(f"{value!r} is not a web address: write it with https://")
    return value


def check_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{value!r} is not a time zone: write one like Europe/Rome") from error
    return value


def check_media(value: str) -> str:
    """A web address, or a file in the folder `media` beside the facts, which the web app serves."""
    if not value.lower().endswith(MEDIA_ENDINGS):
        raise ValueError(f"{value!r} is no picture or video WhatsApp shows: use {', '.join(MEDIA_ENDINGS)}")
    if value.startswith(("http://", "https://")):
        return check_address(value)
    if not MEDIA_FILE.fullmatch(value):
        raise ValueError(f"{value!r} is neither a web address nor a file like media/steps.png")
    return value


type Address = Annotated[str, AfterValidator(check_address)]
type MediaAddress = Annotated[str, AfterValidator(check_media)]
type Zone = Annotated[str, AfterValidator(check_zone)]


class Said(Strict):
    """Something told to customers; it_formal and de_formal stand in for it and de where they are addressed formally."""

    @model_validator(mode="before")
    @classmethod
    def choose_edition(cls, value: Any, info: ValidationInfo) -> Any:
        address = (info.context or {}).get("address", AddressForm.INFORMAL)
        return choose_edition(value, address) if isinstance(value, dict) else value


class Text(Said):
    """A text in every language we talk."""

    it: Filled
    de: Filled
    en: Filled

    def say(self, language: str) -> str:
        """The text in a language; in English where we do not talk it."""
        return str(getattr(self, language if language in set(Language) else "en"))


def repeat_name(value: Any) -> Any:
    """A name written once is the same in every language."""
    return dict.fromkeys(Language, value) if isinstance(value, str) else value


type Name = Annotated[Text, BeforeValidator(repeat_name)]


class Span(Strict):
    """From opening to closing; until None is midnight at the end of the day."""

    start: time
    end: time | None

    @model_validator(mode="before")
    @classmethod
    def read_span(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = SPAN.match(value.strip())
        if not match:
            raise ValueError(f"{value!r} are no opening hours: write them like 09:00-13:00, up to 24:00")
        start, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])) if match[3] else None
        if end is not None and end <= start:
            raise ValueError(f"{value!r} ends before it starts: split it at midnight, 24:00 and 00:00")
        return {"start": start, "end": end}


def read_hours(value: Any) -> Any:
    """`closed` is a day without hours; one span needs no list."""
    if value == "closed":
        return []
    return [value] if isinstance(value, str) else value


def check_hours(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    for before, after in pairwise(spans):
        if before.end is None or after.start < before.end:
            raise ValueError("the hours of a day overlap or are not in order: write the earlier ones first")
    return spans


type Hours = Annotated[tuple[Span, ...], BeforeValidator(read_hours), AfterValidator(check_hours)]


class Week(Strict):
    """Opening hours per weekday."""

    monday: Hours
    tuesday: Hours
    wednesday: Hours
    thursday: Hours
    friday: Hours
    saturday: Hours
    sunday: Hours


def check_day(value: str) -> str:
    try:
        date.fromisoformat(f"2024-{value}" if YEARLY.match(value) else value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a day: write 2026-12-24, or 12-24 for every year") from error
    return value


type Day = Annotated[str, AfterValidator(check_day)]


class SpecialDay(Strict):
    """Other hours than usual on one day: `2026-12-24` once, `12-24` every year."""

    on: Day
    hours: Hours


def check_holidays(value: str) -> str:
    country, _, region = value.partition("-")
    try:
        country_holidays(country, subdiv=region or None)
    except NotImplementedError as error:
        raise ValueError(f"{value!r}: write a country like IT, or with its region like IT-BZ or DE-BY") from error
    return value


class Opening(Strict):
    """When somebody is there. public_holidays: where they are days off, IT or with a region DE-BY; empty: nowhere."""

    timezone: Zone
    hours: Week
    public_holidays: Annotated[str, AfterValidator(check_holidays)] | None = None
    closed_on: tuple[Day, ...] = ()
    special_days: tuple[SpecialDay, ...] = ()


class Support(Opening):
    """When people of the company answer customers."""

    sample: bool


class Branch(Opening):
    id: Filled
    name: Name
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    street: Name
    postcode: Filled
    city: Name
    country: Country
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    phone: Annotated[str, Field(pattern=r"^\+[0-9 ]{6,20}$")] | None = None


class Branches(Strict):
    sample: bool
    branches: tuple[Branch, ...]


class Steps(Said):
    """Three short steps in every language."""

    it: Annotated[tuple[Filled, ...], Field(min_length=3, max_length=3)]
    de: Annotated[tuple[Filled, ...], Field(min_length=3, max_length=3)]
    en: Annotated[tuple[Filled, ...], Field(min_length=3, max_length=3)]

    def say(self, language: str) -> tuple[str, ...]:
        steps: tuple[str, ...] = getattr(self, language if language in set(Language) else "en")
        return steps


class HowTo(Strict):
    title: Text
    steps: Steps
    media_url: MediaAddress
    related_sku: Filled


class Words(Strict):
    """What else customers call a thing."""

    it: tuple[Filled, ...]
    de: tuple[Filled, ...]
    en: tuple[Filled, ...]


class Product(Strict):
    """stock: pieces per size; things without sizes have the size `one`. back_in_stock: when empty sizes return."""

    sku: Filled
    name: Text
    words: Words
    price: Money
    currency: Currency
    stock: Annotated[dict[str, Count], Field(min_length=1)]
    checkout_url: Address
    back_in_stock: date | None = None
    size_table: str | None = None
    how_to: HowTo | None = None

    @property
    def sizes(self) -> tuple[str, ...]:
        """The sizes it is made in, also those sold out; empty where it has none."""
        return tuple(size for size in self.stock if size != ONE_SIZE)


class Products(Strict):
    sample: bool
    products: tuple[Product, ...]
