"""How often, when and at what price messages may leave: what stands in limits.yml."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from core.settings import Settings
from core.types import AddressForm
from offers.yaml_file import Strict, read_document

SHIPPED = Path(__file__).with_name("limits.yml")
OTHER = "other"  # countries without a price of their own


def read_clock(value: str) -> str:
    """A time of day as HH:MM."""
    try:
        parsed = time.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no time of day: write it like 20:00") from error
    return f"{parsed:%H:%M}"


type Clock = Annotated[str, AfterValidator(read_clock)]
type Count = Annotated[int, Field(ge=0)]
type Money = Annotated[Decimal, Field(ge=0)]


class Caps(Strict):
    per_day: Count = 0
    per_week: Count = 0


class Quiet(Strict):
    start: Clock = Field("00:00", alias="from")
    end: Clock = Field("00:00", alias="to")
    holidays: bool = True
    sundays: bool = False


class Budget(Strict):
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    per_day: Money = Decimal(0)
    per_month: Money = Decimal(0)


class Price(Strict):
    marketing: Money
    utility: Money


class Limits(Strict):
    """limits.yml. 0: no limit."""

    caps: Caps = Caps()
    quiet: Quiet = Quiet()
    conversation_minutes: Count = 60
    people_per_day: Count = 250
    per_minute: Count = 0
    budget: Budget = Budget()
    prices: dict[Annotated[str, Field(pattern=r"^([A-Z]{2}|other)$")], Price]

    @model_validator(mode="after")
    def other_has_a_price(self) -> Limits:
        if OTHER not in self.prices:
            raise ValueError("prices: other is missing: add what a message costs in all other countries")
        return self

    def price(self, country: str | None, category: str) -> Decimal:
        """What a message costs. category: Meta's, MARKETING or UTILITY."""
        price = self.prices.get(country or OTHER, self.prices[OTHER])
        return price.utility if category == "UTILITY" else price.marketing


@cache
def read_limits(file: Path = SHIPPED) -> Limits:
    """What a file says. FileError: it cannot be used."""
    return read_document(file).read(Limits, AddressForm.INFORMAL)


def find_limits(settings: Settings) -> Limits:
    """The limits that count here."""
    return read_limits(Path(settings.limits)) if settings.limits else read_limits()
