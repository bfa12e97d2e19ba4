"""What a company tells its assistant about buying, membership and policies: one model per thing in the YAML files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from offers.facts import WEEKDAYS, Address, Count, Country, Currency, Factor, Filled, Money, Name, Text
from offers.no_claims import SYSTEMS
from offers.yaml_file import Strict

WITHDRAWAL_DAYS = 14  # the least a shop in the EU must give (2011/83/EU art. 9)


class ShippingRule(Strict):
    """Cost of sending to one country; free_from: the total from which it costs nothing."""

    country: Country
    cost: Money
    currency: Currency
    free_from: Money | None = None
    days_min: Count
    days_max: Count

    @model_validator(mode="after")
    def days_are_in_order(self) -> Self:
        if self.days_max < self.days_min:
            raise ValueError(f"days_max {self.days_max} is below days_min {self.days_min}: exchange them")
        return self


class Returns(Strict):
    """days: counted from the day of purchase."""

    days: Annotated[int, Field(ge=WITHDRAWAL_DAYS)]
    how: Text


class Discount(Strict):
    """A discount that really exists, both days included."""

    percent: Annotated[Decimal, Field(gt=0, lt=100)]
    from_on: date
    until_on: date
    minimum: Money = Decimal(0)
    currency: Currency
    code: Filled | None = None

    @model_validator(mode="after")
    def days_are_in_order(self) -> Self:
        if self.until_on < self.from_on:
            raise ValueError("until_on is before from_on: exchange them")
        return self


class Shop(Strict):
    sample: bool
    shipping: tuple[ShippingRule, ...]
    returns: Returns
    payment_methods: Annotated[tuple[Name, ...], Field(min_length=1)]
    discount: Discount | None
    size_tables: dict[str, Text]


class Renewal(Strict):
    """An offer to go on. valid_until: a date, or a weekday counted from the day the offer was made.

    url: where it is closed, if there is such a page.
    """

    id: Filled
    name: Text
    months_paid: Annotated[int, Field(ge=1)]
    months_free: Count
    price: Money
    valid_from: date | None = None
    valid_until: date | Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    url: Address | None = None

    @property
    def weekday(self) -> int | None:
        """0 for Monday; None where a date is given."""
        return None if isinstance(self.valid_until, date) else WEEKDAYS.index(self.valid_until)


class Pause(Strict):
    max_months: Annotated[int, Field(ge=1)]
    times_per_year: Annotated[int, Field(ge=1)]
    fee_per_month: Money
    how: Text


class Alternative(Strict):
    """The one thing to propose after a no. price_per_month: while it lasts."""

    kind: Literal["pause", "smaller_plan"]
    name: Text
    months: Annotated[int, Field(ge=1)]
    price_per_month: Money


class Membership(Strict):
    """news: what is new, told to those who left because something was missing."""

    sample: bool
    currency: Currency
    price_per_month: Money
    renewals: tuple[Renewal, ...]
    included: Annotated[tuple[Text, ...], Field(min_length=1)]
    pause: Pause
    notice_days: Count
    alternative: Alternative
    news: tuple[Text, ...] = ()


class ClassBand(Strict):
    """The classes from the best to the worst one named, both included."""

    best: Filled
    worst: Filled
    factor: Factor


class KmBand(Strict):
    """up_to: the last kilometre of a year it holds for; without it, any number."""

    up_to: Annotated[int, Field(ge=1)] | None = None
    factor: Factor


class Policy(Strict):
    """A motor policy. Without url one is called back. Both days included."""

    id: Filled
    country: Country
    insurer: Filled
    name: Name
    base_premium: Money
    currency: Currency
    class_bands: Annotated[tuple[ClassBand, ...], Field(min_length=1)]
    km_bands: Annotated[tuple[KmBand, ...], Field(min_length=1)]
    covers: tuple[Literal["glass", "theft", "roadside"], ...] = ()
    excess: Money
    url: Address | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    @model_validator(mode="after")
    def bands_follow_each_other(self) -> Self:
        system = SYSTEMS.get(self.country)
        if system is None:
            raise ValueError(f"there is no no-claims system for {self.country}: use {', '.join(SYSTEMS)}")
        expected: int | None = None
        for band in self.class_bands:
            if unknown := [value for value in (band.best, band.worst) if value not in system.classes]:
                names = f"{system.classes[0]} to {system.classes[-1]}"
                raise ValueError(f"{unknown[0]!r} is no class in {self.country}: from best to worst they are {names}")
            first, last = system.classes.index(band.best), system.classes.index(band.worst)
            if last < first or expected not in (None, first):
                raise ValueError("class_bands overlap, leave a gap or are turned round: go from the best to the worst")
            expected = last + 1
        ends = [band.up_to for band in self.km_bands]
        if None in ends[:-1] or ends[:-1] != sorted(set(ends[:-1]) - {None}, key=int):  # type: ignore[arg-type]
            raise ValueError("km_bands go from few to many kilometres, and only the last has no up_to")
        return self


class Policies(Strict):
    sample: bool
    policies: tuple[Policy, ...]
