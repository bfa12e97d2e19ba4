"""What other systems and files tell about people, checked where it comes in. Unknown fields show a slip: refused."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from core.types import EventKind, Language, Purpose

SEPARATORS = re.compile(r"[\s().\-/]")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
ZONES = available_timezones()


def read_phone_number(value: str) -> str:
    """E.164; separators may stand in it, 00 may stand for the plus."""
    number = re.sub(r"^00", "+", SEPARATORS.sub("", value))
    if not PHONE.fullmatch(number):
        raise ValueError("write the number with its country, like +39 333 1234567")
    return number


def check_timezone(value: str) -> str:
    if value not in ZONES:
        raise ValueError("write a time zone like Europe/Rome")
    return value


def make_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


type Phone = Annotated[str, AfterValidator(read_phone_number)]
type TimeZone = Annotated[str, AfterValidator(check_timezone)]
type Text = Annotated[str, Field(min_length=1, max_length=500)]
type Money = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
type Price = Annotated[Decimal, Field(max_digits=14, decimal_places=6)]
type Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
type Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Incoming(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ConsentIn(Incoming):
    """A consent given or withdrawn. The same proof (or, without one, the same moment) counts once."""

    purpose: Purpose = Purpose.MARKETING
    given: bool
    wording: Text = Field(description="What the person agreed to, or said, word for word")
    at: AwareDatetime = Field(description="When, with time zone")
    proof: Text | None = Field(None, description="Where it can be looked up: form id, file and line")


class ContractIn(Incoming):
    """What the contact has today; one per kind. Fields left out stay as they are, null clears them."""

    kind: Text = Field(examples=["electricity"], description="electricity, gas, gym, insurance or a kind of your own")
    supplier: Text | None = None
    expires_on: date | None = None
    yearly_kwh: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=1)] | None = None
    yearly_cost: Money | None = Field(
        None, description="Energy component a year at yearly_kwh, before taxes and network charges. Never a total bill"
    )
    price_per_kwh: Price | None = Field(None, description="Energy component, before taxes and network charges")
    fixed_per_year: Money | None = Field(None, description="The supplier's fixed part, before taxes")
    currency: Currency = "EUR"


class ContactIn(Incoming):
    """A person. phone or user_id finds or creates it; external_id alone finds it. Fields left out stay as they are."""

    external_id: Text | None = None
    phone: Phone | None = None
    user_id: Annotated[str, Field(pattern=r"^[!-~]{1,255}$")] | None = None
    name: Text | None = None
    language: Language | None = None
    country: Country | None = None
    timezone: TimeZone | None = None
    postcode: Annotated[str, Field(pattern=r"^[0-9A-Za-z -]{3,10}$")] | None = None
    value: Money | None = Field(None, description="What the contact may be worth a year, such as the expected margin")
    value_currency: Currency | None = Field(None, description="Of value; left out where value is given: EUR")
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


class EventIn(Incoming):
    """Something a contact did in another system."""

    contact: Text = Field(description="Token, phone, user id or external id")
    kind: EventKind
    key: Text = Field(description="Your own id of the event; a repeated one is stored once")
    at: AwareDatetime | None = Field(None, description="When it happened; left out: now")
    amount: Money | None = Field(None, description="Of a purchase: what was paid")
    currency: Currency | None = Field(None, description="Of amount; left out: EUR")
    data: dict[str, Any] = {}

    @model_validator(mode="after")
    def has_one_amount(self) -> Self:
        if self.amount is not None and "amount" in self.data:
            raise ValueError("amount stands here and in data: keep one")
        if self.currency and self.amount is None:
            raise ValueError("currency without amount: give both")
        return self

    def stored_data(self) -> dict[str, Any]:
        """data with amount and currency in it, as the event is kept."""
        if self.amount is None:
            return self.data
        return self.data | {"amount": str(self.amount), "currency": self.currency or "EUR"}
