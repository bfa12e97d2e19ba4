"""What other systems send to /api, checked where it comes in. Unknown fields are refused, so that a slip shows."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

import orjson
from fastapi import HTTPException
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from core.types import EventKind, Language, Purpose

SEPARATORS = re.compile(r"[\s().\-/]")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


def read_phone_number(value: str) -> str:
    """E.164; separators may stand in it, 00 may stand for the plus."""
    number = re.sub(r"^00", "+", SEPARATORS.sub("", value))
    if not PHONE.fullmatch(number):
        raise ValueError("write the number with its country, like +39 333 1234567")
    return number


def check_timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("write a time zone like Europe/Rome")
    return value


def make_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


def join_codes(value: Any) -> Any:
    return ";".join(value) if isinstance(value, list) else value


type Phone = Annotated[str, AfterValidator(read_phone_number)]
type TimeZone = Annotated[str, AfterValidator(check_timezone)]
type Text = Annotated[str, Field(min_length=1, max_length=500)]
type Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
type Price = Annotated[Decimal, Field(max_digits=14, decimal_places=6)]
type Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
type Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
type Codes = Annotated[str, BeforeValidator(join_codes)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def can_be_stored(cls, value: Any) -> Any:
        """PostgreSQL's text holds every character but NUL and halves of surrogate pairs."""
        try:
            written = orjson.dumps(value, default=str)
        except orjson.JSONEncodeError as error:
            # Not a ValueError: FastAPI would repeat the text in its answer, which cannot be written either.
            raise HTTPException(422, "a text is not valid Unicode: correct it") from error
        if b"\\u0000" in written:
            raise ValueError("the NUL character cannot be stored: remove it")
        return value


class ConsentIn(Strict):
    """A consent given or withdrawn. The same proof (or, without one, the same moment) counts once."""

    purpose: Purpose = Purpose.MARKETING
    given: bool
    wording: Text = Field(description="What the person agreed to, or said, word for word")
    at: AwareDatetime = Field(description="When, with time zone")
    proof: Text | None = Field(None, description="Where it can be looked up: form id, file and line")


class ContractIn(Strict):
    """What the contact has today; one per kind. Fields left out stay as they are, null clears them."""

    kind: Text = Field(examples=["electricity"])
    supplier: Text | None = None
    expires_on: date | None = None
    yearly_kwh: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=1)] | None = None
    yearly_cost: Money | None = Field(
        None, description="Energy component a year at yearly_kwh, before taxes and network charges. Never a total bill"
    )
    price_per_kwh: Price | None = Field(None, description="Energy component, before taxes and network charges")
    fixed_per_year: Money | None = Field(None, description="The supplier's fixed part, before taxes")
    currency: Currency = "EUR"


class ContactIn(Strict):
    """A person. phone or user_id finds or creates it; external_id alone finds it. Fields left out stay as they are."""

    external_id: Text | None = None
    phone: Phone | None = None
    user_id: Annotated[str, Field(pattern=r"^[!-~]{1,255}$")] | None = None
    name: Text | None = None
    language: Language | None = None
    country: Country | None = None
    timezone: TimeZone | None = None
    postcode: Annotated[str, Field(pattern=r"^[0-9A-Za-z -]{3,10}$")] | None = None
    value: Money | None = Field(None, description="What the contact may be worth")
    value_currency: Currency | None = None
    consent: Annotated[list[ConsentIn], BeforeValidator(make_list)] = []
    contract: Annotated[list[ContractIn], BeforeValidator(make_list)] = []

    @model_validator(mode="after")
    def has_a_name(self) -> Self:
        if not (self.phone or self.user_id or self.external_id):
            raise ValueError("give phone, user_id or external_id, so that the contact can be found")
        return self

    @model_validator(mode="after")
    def has_one_contract_per_kind(self) -> Self:
        kinds = [contract.kind for contract in self.contract]
        if len(kinds) != len(set(kinds)):
            raise ValueError("contract: give one contract per kind")
        return self


class EventIn(Strict):
    """Something a contact did in another system."""

    contact: Text = Field(description="Token, phone, user id or external id")
    kind: EventKind
    key: Text = Field(description="Your own id of the event; a repeated one is stored once")
    at: AwareDatetime | None = Field(None, description="When it happened; left out: now")
    data: dict[str, Any] = {}


class OfferIn(Strict):
    """An offer of your own. Prices before taxes and network charges. No region, province, municipality: everywhere."""

    code: Text
    kind: Text = "electricity"
    country: Country
    supplier: Text
    name: Text
    price_type: Literal["fixed", "variable"]
    price_per_kwh: Price = Field(description="Fixed: the price. Variable: the spread on the index")
    fixed_per_year: Money
    currency: Currency = "EUR"
    green: bool
    region: Codes | None = Field(None, description="Codes (Italy: ISTAT), as a list or with ; between them")
    province: Codes | None = None
    municipality: Codes | None = None
    valid_from_on: date | None = None
    valid_until_on: date | None = None
    sample: bool = False
    url: Annotated[str, Field(pattern="^https?://[^ ]+$")] | None = None


class MessageIn(Strict):
    """A template for one contact. parameters replace what would be filled in from the contact."""

    contact: Text
    template: Text = Field(examples=["energy_value"])
    parameters: dict[str, Text] = {}
    key: Text | None = Field(None, description="The occasion, sent once; left out: this template, contact and day")


class ClockIn(Strict):
    """How far to move the demo's clock."""

    seconds: Annotated[float, Field(gt=0, le=366 * 86400)]


class ContactOut(BaseModel):
    """The id under which the contact is known from now on."""

    token: str
    external_id: str | None


class EventsOut(BaseModel):
    """How many events were new, and how many were known already."""

    stored: int
    repeated: int


class MessageOut(BaseModel):
    """The queued message; repeated if this occasion was queued before."""

    id: int
    state: str
    text: str
    repeated: bool


class ClockOut(BaseModel):
    """The demo's present."""

    now: datetime
