"""The offer that saves most against a contract whose cost is known for sure, and the facts behind it.

No saving is invented: without the contract's own components, with a contract that ended, or where nothing is cheaper,
there is none. The facts are plain JSON in the order in which a person wants to hear them (offers/explain.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from core.types import Language
from offers.company import Company
from offers.consumption import estimate_kwh
from offers.cost import compare_costs, current_cost, yearly_cost
from offers.insurance import FRESH_FOR, best_policies
from offers.no_claims import SYSTEMS, decide_country, read_no_claims, read_told
from offers.shelf import Shelf
from offers.supplier import is_same_supplier

KINDS = ("electricity", "gas", "insurance")  # contracts something can be offered for
DRIVER = {"no_claims_class", "km_per_year"}  # without these answers no premium can be told
ANSWERS = ("yearly_kwh", "household_size", "yearly_cost", *sorted(DRIVER))

type Fact = dict[str, Any]


class Today(NamedTuple):
    """A contract as it is on the contact's own day `on`, and where the contact lives."""

    contact_id: int
    kind: str
    supplier: str | None
    expires_on: date | None
    yearly_kwh: Decimal | None
    yearly_cost: Decimal | None
    price_per_kwh: Decimal | None
    fixed_per_year: Decimal | None
    currency: str
    updated_at: datetime
    country: str | None
    postcode: str | None
    place: str | None
    on: date


class Told(NamedTuple):
    """What the customer said last to one question, and when."""

    value: Any
    at: datetime


@dataclass(frozen=True)
class Choice:
    """What stands in next_offer, without contact and time."""

    kind: str
    offer_code: str
    supplier: str
    yearly_saving: Decimal
    saving_percent: Decimal
    currency: str
    valid_until_on: date | None
    reason: list[Fact]


def choose_best(choices: Sequence[Choice]) -> Choice | None:
    """The largest saving in the currency of the first kind: amounts of two currencies cannot be compared."""
    ordered = sorted(choices, key=lambda choice: KINDS.index(choice.kind))
    comparable = [choice for choice in ordered if choice.currency == ordered[0].currency]
    return max(comparable, key=lambda choice: choice.yearly_saving, default=None)


def has_ended(today: Today) -> bool:
    """Whether nobody knows what the contact pays now."""
    return today.expires_on is not None and today.expires_on < today.on


def best_tariff(today: Today, told: Mapping[str, Told], shelf: Shelf) -> Choice | None:
    """The tariff of another supplier that costs least for the consumption; None where it saves nothing for sure."""
    for kwh, source in list_consumptions(today, told):
        before = current_cost(today, kwh)
        if before is None or before <= 0:
            continue
        offer = shelf.find_cheapest(kwh, today.currency, today.supplier)
        if offer is None:
            return None
        cost = yearly_cost(offer, kwh, shelf.parameters)
        saving = compare_costs(before, cost.total)
        if not saving.percent:
            return None
        reason = [
            {"fact": "place", "place": today.place, "postcode": today.postcode, "country": today.country},
            {"fact": "consumption", "kwh": str(kwh), **source},
            describe_today(today, before, today.currency),
            describe_offer(offer.supplier, offer.name, cost.total, offer.currency),
            describe_saving(saving.amount, saving.percent, offer.currency),
            {"fact": "energy_only"},
            *([{"fact": "index", "month": cost.index_month}] if cost.index_month else []),
            *describe_limits(offer.valid_until_on, sample=offer.sample),
        ]
        own = (offer.supplier, saving.amount, saving.percent, offer.currency, offer.valid_until_on)
        return Choice(today.kind, offer.code, *own, reason)
    return None


def list_consumptions(today: Today, told: Mapping[str, Told]) -> Iterator[tuple[Decimal, Fact]]:
    """What the customer said, what the contract says, an estimate from the household: kWh with their source."""
    if today.kind == "electricity" and (said := read_number(told.get("yearly_kwh"))):
        yield said, {"source": "told"}
    if today.yearly_kwh:
        yield today.yearly_kwh, {"source": "contract"}
    persons = read_number(told.get("household_size"))
    if today.kind == "electricity" and persons and today.country:
        estimate = estimate_kwh(today.country, int(persons))
        if estimate:
            source = {"source": "estimate", "persons": estimate.persons, "said_by": estimate.source}
            yield Decimal(estimate.kwh), source


def read_number(told: Told | None) -> Decimal | None:
    """The number a customer told, None where there is none above 0."""
    if told is None:
        return None
    try:
        number = Decimal(str(told.value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 1 else None


def best_policy(today: Today, told: Mapping[str, Told], company: Company) -> Choice | None:
    """The cheapest policy of another insurer; None without a class, kilometres and a premium of these months."""
    fresh = {name: one for name, one in told.items() if one.at.date() > today.on - FRESH_FOR}
    km = read_number(fresh.get("km_per_year"))
    premium, currency = read_premium(today, fresh)
    if not (km and premium and "no_claims_class" in fresh and today.country in SYSTEMS):
        return None
    system, words = read_told(fresh["no_claims_class"].value)
    country = decide_country(system, today.country)
    no_claims = read_no_claims(country, words)
    if no_claims is None:
        return None
    policies = [
        policy
        for policy in company.policies
        if not (today.supplier and is_same_supplier(today.supplier, policy.insurer))
    ]
    quotes = best_policies(
        policies, country, no_claims, int(km), premium, today.on, currency=currency, limit=len(policies)
    )
    quote = next((quote for quote in quotes if quote.saving_percent), None)
    if quote is None or quote.saving is None or quote.saving_percent is None:
        return None
    policy = quote.policy
    names = {language.value: policy.name.say(language) for language in Language}
    reason = [
        {"fact": "driver", "country": country, "system": SYSTEMS[country].name, "no_claims": no_claims, "km": int(km)},
        describe_today(today, premium, policy.currency),
        describe_offer(policy.insurer, names, quote.premium, policy.currency),
        describe_saving(quote.saving, quote.saving_percent, policy.currency),
        {"fact": "premium_only", "excess": str(policy.excess), "currency": policy.currency},
        *describe_limits(policy.valid_until, sample=company.sample),
    ]
    own = (policy.insurer, quote.saving, quote.saving_percent, policy.currency, policy.valid_until)
    return Choice(today.kind, policy.id, *own, reason)


def read_premium(today: Today, told: Mapping[str, Told]) -> tuple[Decimal | None, str | None]:
    """Today's premium and its currency: the one told last. A customer names no currency: it is the policies' one."""
    said = told.get("yearly_cost")
    if said and (today.yearly_cost is None or said.at > today.updated_at):
        return read_number(said), None
    return today.yearly_cost, today.currency


def describe_today(today: Today, cost: Decimal, currency: str) -> Fact:
    return {"fact": "today", "supplier": today.supplier, "cost": str(cost), "currency": currency}


def describe_offer(supplier: str, name: str | dict[str, str], cost: Decimal, currency: str) -> Fact:
    """name: in one language for all, or by language."""
    return {"fact": "offer", "supplier": supplier, "name": name, "cost": str(cost), "currency": currency}


def describe_saving(amount: Decimal, percent: Decimal, currency: str) -> Fact:
    return {"fact": "saving", "amount": str(amount), "percent": str(percent), "currency": currency}


def describe_limits(valid_until_on: date | None, *, sample: bool) -> list[Fact]:
    """Until when one can sign, and whether the offer is made up to show the product."""
    until = [{"fact": "until", "on": valid_until_on.isoformat()}] if valid_until_on else []
    return [*until, *([{"fact": "sample"}] if sample else [])]
