"""Which motor policies to propose, and what each saves against today's premium.

    premium of a year = base premium * factor of the no-claims class * factor of the kilometres, rounded to the cent
    saving = today's premium - premium

Not eligible: another country, not sold on the day, a class no band names, more kilometres than the last band. A saving
compares premiums only; what the policies cover and the excess stand beside it, because today's cover is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from offers.cost import CENT, compare_costs
from offers.no_claims import SYSTEMS, read_no_claims
from offers.terms import Policy

FRESH_FOR = timedelta(days=300)  # what a customer told: every year brings another class and another premium


@dataclass(frozen=True)
class Quote:
    """A policy with its yearly premium. saving and saving_percent: only where it is really cheaper than today's.

    better: whether it is; None where today's premium is not known. Without policy.url one is called back.
    """

    policy: Policy
    premium: Decimal
    saving: Decimal | None
    saving_percent: Decimal | None
    better: bool | None


def best_policies(
    policies: Sequence[Policy],
    country: str,
    no_claims: str | int,
    km_per_year: int,
    todays_premium: Decimal | None,
    on: date,
    *,
    currency: str | None = None,
    limit: int = 2,
) -> list[Quote]:
    """The cheapest eligible policies, one per insurer, cheapest first; fewer or none where the catalogue has no more.

    no_claims: as read_no_claims takes it. currency: of today's premium; without it, that of the policy.
    """
    if km_per_year <= 0:
        raise ValueError("kilometres per year must be above 0")
    if todays_premium is not None and todays_premium <= 0:
        raise ValueError("today's premium must be above 0")
    value = read_no_claims(country, no_claims)
    if value is None:
        raise ValueError(f"{no_claims!r} is no no-claims class in {country}")
    premiums = [
        (premium, policy)
        for policy in policies
        if policy.country == country and is_sold(policy, on)
        if (premium := yearly_premium(policy, value, km_per_year)) is not None
    ]
    chosen: dict[str, Quote] = {}
    for premium, policy in sorted(premiums, key=lambda it: (it[0], it[1].id)):
        if len(chosen) < limit and policy.insurer not in chosen:
            comparable = currency in (None, policy.currency)
            chosen[policy.insurer] = make_quote(policy, premium, todays_premium if comparable else None)
    return list(chosen.values())


def yearly_premium(policy: Policy, no_claims: str, km_per_year: int) -> Decimal | None:
    """The formula above; None for whom the policy does not take. no_claims: as the country writes it."""
    classes = SYSTEMS[policy.country].classes
    position = classes.index(no_claims)
    class_factor = next(
        (
            band.factor
            for band in policy.class_bands
            if classes.index(band.best) <= position <= classes.index(band.worst)
        ),
        None,
    )
    km_factor = next(
        (band.factor for band in policy.km_bands if band.up_to is None or km_per_year <= band.up_to),
        None,
    )
    if class_factor is None or km_factor is None:
        return None
    return (policy.base_premium * class_factor * km_factor).quantize(CENT, ROUND_HALF_UP)


def is_sold(policy: Policy, on: date) -> bool:
    return (policy.valid_from is None or policy.valid_from <= on) and (
        policy.valid_until is None or on <= policy.valid_until
    )


def make_quote(policy: Policy, premium: Decimal, today: Decimal | None) -> Quote:
    if today is None:
        return Quote(policy, premium, None, None, None)
    saving = compare_costs(today, premium)
    if saving.amount <= 0:
        return Quote(policy, premium, None, None, better=False)
    return Quote(policy, premium, saving.amount, saving.percent, better=True)
