"""What an offer costs in a year, and what it saves. Energy component only.

    fixed price:    fixed per year + kWh * price per kWh
    variable price: fixed per year + kWh * (1 + losses) * (index + spread)

The second line is the regulator's formula for variable PLACET offers (ARERA 555/2017/R/com): the spread is the offer's
own, the index is the monthly PUN, the losses are the network's. Left out, because they are the same with every
supplier: dispatching, capacity, network, system charges, excise, VAT. So a total is not a bill, and a saving is a
saving on the energy component.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Protocol

CENT = Decimal("0.01")
TENTH = Decimal("0.1")
TINY = Decimal("0.000001")

# 73 of 228 household fixed prices in the catalogue are above this, up to 2.00, while their median is 0.35: suppliers
# who must publish a PLACET offer and do not want to sell it. Nobody is helped by seeing them.
HIGHEST_PRICE_PER_KWH = Decimal("0.50")
# One supplier files 0.25 EUR a year, its price per kWh in the wrong column. No supplier serves a meter for that.
LOWEST_FIXED_PER_YEAR = Decimal("12.00")


class Tariff(Protocol):
    """The part of an offer that decides its cost."""

    @property
    def price_type(self) -> str: ...
    @property
    def price_per_kwh(self) -> Decimal: ...
    @property
    def fixed_per_year(self) -> Decimal: ...


class Agreement(Protocol):
    """The part of today's contract that decides its cost. yearly_cost is the energy component too, never a bill."""

    @property
    def yearly_kwh(self) -> Decimal | None: ...
    @property
    def yearly_cost(self) -> Decimal | None: ...
    @property
    def price_per_kwh(self) -> Decimal | None: ...
    @property
    def fixed_per_year(self) -> Decimal | None: ...


@dataclass(frozen=True)
class Parameters:
    """What variable prices are computed with. losses is a share (0.10); index_month is like 2025-10."""

    index_per_kwh: Decimal
    index_month: str
    index_source: str
    losses: Decimal


@dataclass(frozen=True)
class Cost:
    """A year's energy component. index_month tells which month's index a variable price assumes."""

    total: Decimal
    per_kwh: Decimal
    fixed_per_year: Decimal
    index_month: str | None


@dataclass(frozen=True)
class Saving:
    """The difference to today's contract; percent only where the offer is cheaper, rounded down to one decimal."""

    amount: Decimal
    percent: Decimal | None


def price_per_kwh(offer: Tariff, parameters: Parameters) -> Decimal:
    """What one more kWh costs; for variable prices with the index of parameters.index_month."""
    if offer.price_type == "fixed":
        return offer.price_per_kwh
    return ((1 + parameters.losses) * (parameters.index_per_kwh + offer.price_per_kwh)).quantize(TINY)


def yearly_cost(offer: Tariff, kwh: Decimal, parameters: Parameters) -> Cost:
    """A year's energy component for so many kWh."""
    if kwh <= 0:
        raise ValueError("yearly consumption must be above 0 kWh")
    price = price_per_kwh(offer, parameters)
    total = (offer.fixed_per_year + kwh * price).quantize(CENT, ROUND_HALF_UP)
    return Cost(total, price, offer.fixed_per_year, None if offer.price_type == "fixed" else parameters.index_month)


def is_plausible(offer: Tariff, parameters: Parameters) -> bool:
    """Whether an offer is meant to be bought and filed without a slip."""
    return (
        0 < price_per_kwh(offer, parameters) <= HIGHEST_PRICE_PER_KWH and offer.fixed_per_year >= LOWEST_FIXED_PER_YEAR
    )


def current_cost(contract: Agreement, kwh: Decimal) -> Decimal | None:
    """Today's energy component for so many kWh; None where the contract does not tell it for sure.

    A yearly cost without its parts holds for its own consumption only: which share is fixed is not known.
    """
    if contract.price_per_kwh is not None and contract.fixed_per_year is not None:
        return (contract.fixed_per_year + kwh * contract.price_per_kwh).quantize(CENT, ROUND_HALF_UP)
    if contract.yearly_cost is not None and contract.yearly_kwh == kwh:
        return contract.yearly_cost
    return None


def compare_costs(today: Decimal, offered: Decimal) -> Saving:
    """What changes against today's cost; a negative amount means the offer is dearer."""
    amount = today - offered
    percent = (amount / today * 100).quantize(TENTH, ROUND_DOWN) if amount > 0 else None
    return Saving(amount, percent)
