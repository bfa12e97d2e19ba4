"""Which offers to propose to a contact, and what each saves against the contract of today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Contract
from offers.cost import Cost, Parameters, Saving, compare_costs, current_cost, is_plausible, yearly_cost
from offers.parameters import load_parameters

type Wish = Literal["price", "green", "fixed"]
type Reason = Literal["price", "green", "fixed", "no_green", "no_fixed"]

# A variable price needs an index, and the one we have is Italy's for electricity.
SOLD = text(
    """
    SELECT code, supplier, name, price_type, price_per_kwh, fixed_per_year, currency, green, sample, url,
           valid_until_on, region, province, municipality
    FROM offer
    WHERE country = :country AND kind = :kind
      AND (valid_from_on IS NULL OR valid_from_on <= :on)
      AND (valid_until_on IS NULL OR valid_until_on >= :on)
      AND (price_type = 'fixed' OR country = 'IT' AND kind = 'electricity')
    """
)


class Available(NamedTuple):
    """An offer one can sign on the day. region, province, municipality: codes with ; between; all empty: everywhere."""

    code: str
    supplier: str
    name: str
    price_type: str
    price_per_kwh: Decimal
    fixed_per_year: Decimal
    currency: str
    green: bool
    sample: bool
    url: str | None
    valid_until_on: date | None
    region: str | None
    province: str | None
    municipality: str | None


@dataclass(frozen=True)
class Proposal:
    """An offer with its yearly cost for this contact, energy component only.

    saving: None without a known contract, 0 or less where the offer is not better than it; saving_percent only where
    it is better. why: the wish it follows, or no_green / no_fixed where nothing fitted the wish and price decided.
    index_month: the month whose index a variable price assumes.
    """

    offer_code: str
    supplier: str
    name: str
    yearly_cost: Decimal
    saving: Decimal | None
    saving_percent: Decimal | None
    price_type: str
    green: bool
    sample: bool
    why: Reason
    price_per_kwh: Decimal
    fixed_per_year: Decimal
    currency: str
    index_month: str | None
    url: str | None

    @property
    def better(self) -> bool | None:
        """Whether it beats today's contract; None where that is not known."""
        return None if self.saving is None else self.saving > 0


async def best_offers(
    session: AsyncSession,
    *,
    kind: str,
    country: str,
    yearly_kwh: Decimal | int,
    on: date,
    region: str | None = None,
    province: str | None = None,
    municipality: str | None = None,
    preference: Wish = "price",
    contract: Contract | None = None,
    limit: int = 2,
) -> list[Proposal]:
    """The cheapest offers that fit, one per supplier, cheapest first.

    region, province, municipality are the codes of offers.places.Place; without them only offers sold everywhere count.
    """
    place = region, province, municipality
    offers = [offer for offer in await find_sold(session, kind, country, on) if is_sold_at(offer, *place)]
    own = contract if contract and contract.kind == kind else None
    return choose_offers(
        offers,
        kwh=Decimal(yearly_kwh),
        preference=preference,
        contract=own,
        parameters=load_parameters(),
        limit=limit,
    )


async def find_sold(session: AsyncSession, kind: str, country: str, on: date) -> list[Available]:
    """All offers of the day, wherever they are sold."""
    return [Available(*row) for row in await session.execute(SOLD, {"country": country, "kind": kind, "on": on})]


def is_sold_at(
    offer: Available, region: str | None = None, province: str | None = None, municipality: str | None = None
) -> bool:
    """Whether the offer is sold everywhere, or one of the place's codes is among its own."""
    named = (offer.region, offer.province, offer.municipality)
    return not any(named) or any(
        codes and code and code in split_codes(codes)
        for codes, code in zip(named, (region, province, municipality), strict=True)
    )


@lru_cache(maxsize=4096)
def split_codes(codes: str) -> frozenset[str]:
    return frozenset(codes.split(";"))


def choose_offers(
    offers: Sequence[Available],
    *,
    kwh: Decimal,
    preference: Wish,
    contract: Contract | None,
    parameters: Parameters,
    limit: int,
) -> list[Proposal]:
    """Ranks by yearly cost what fits the wish; if nothing fits, everything, and says so in `why`."""
    plausible = [offer for offer in offers if is_plausible(offer, parameters)]
    fitting, why = follow_wish(plausible, preference)
    ranked = sorted(((yearly_cost(offer, kwh, parameters), offer) for offer in fitting), key=lambda it: it[0].total)
    today = current_cost(contract, kwh) if contract else None
    chosen: dict[str, Proposal] = {}
    for cost, offer in ranked:
        if len(chosen) == limit:
            break
        if offer.supplier not in chosen:
            comparable = today is not None and contract is not None and contract.currency == offer.currency
            saving = compare_costs(today, cost.total) if comparable and today else None
            chosen[offer.supplier] = make_proposal(offer, cost, saving, why)
    return list(chosen.values())


def follow_wish(offers: list[Available], preference: Wish) -> tuple[list[Available], Reason]:
    if preference == "green":
        green = [offer for offer in offers if offer.green]
        return (green, "green") if green else (offers, "no_green")
    if preference == "fixed":
        fixed = [offer for offer in offers if offer.price_type == "fixed"]
        return (fixed, "fixed") if fixed else (offers, "no_fixed")
    return offers, "price"


def make_proposal(offer: Available, cost: Cost, saving: Saving | None, why: Reason) -> Proposal:
    return Proposal(
        offer_code=offer.code,
        supplier=offer.supplier,
        name=offer.name,
        yearly_cost=cost.total,
        saving=saving.amount if saving else None,
        saving_percent=saving.percent if saving else None,
        price_type=offer.price_type,
        green=offer.green,
        sample=offer.sample,
        why=why,
        price_per_kwh=cost.per_kwh,
        fixed_per_year=cost.fixed_per_year,
        currency=offer.currency,
        index_month=cost.index_month,
        url=offer.url,
    )
