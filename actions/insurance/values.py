"""What decides a premium beside the class: kilometres, today's premium, and what the store knows of all three."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.contracts import load_contract
from actions.telling import Telling
from actions.wording import format_money, format_number
from core.tables import Contact
from offers.company import load_company
from offers.insurance import FRESH_FOR
from offers.no_claims import SYSTEMS, decide_country, read_told

LEAST_KM, MOST_KM = 500, 200_000
LEAST_PREMIUM, MOST_PREMIUM = 50, 20_000

CLASSES = {
    "bonus_malus": {"it": "classe {value}", "de": "Bonus-Malus {value}", "en": "class {value}"},
    "sf_class": {"it": "classe SF {value}", "de": "SF {value}", "en": "SF class {value}"},
    "no_claims_years": {
        "it": "anni senza sinistri: {value}",
        "de": "schadenfreie Jahre: {value}",
        "en": "years without claims: {value}",
    },
}

TOLD = text(
    "SELECT DISTINCT ON (name) name, value FROM answer WHERE contact_id = :id AND at > :since"
    " AND name IN ('no_claims_class', 'km_per_year', 'yearly_cost') ORDER BY name, id DESC"
)


async def check_km_per_year(telling: Telling, km: Any) -> dict[str, Any]:
    """Takes a plausible number of kilometres."""
    shown = format_number(float(km), telling.language)
    if not LEAST_KM <= float(km) <= MOST_KM:
        telling.say("utter_km_odd", km=shown)
        return {"km_per_year": None}
    telling.say("utter_km_noted", km=shown)
    return {"km_per_year": round(float(km))}


async def check_yearly_cost(telling: Telling, cost: Any) -> dict[str, Any]:
    """Takes a plausible premium."""
    if not LEAST_PREMIUM <= float(cost) <= MOST_PREMIUM:
        telling.say("utter_premium_odd", cost=format_number(float(cost), telling.language))
        return {"yearly_cost": None}
    return {"yearly_cost": float(cost), "premium_unknown": None}


async def check_unknown(telling: Telling, unknown: Any) -> dict[str, Any]:
    return {"premium_unknown": unknown}


async def greet(telling: Telling) -> None:
    """Fills in what the store knows and tells it."""
    slots, contact = telling.slots, telling.contact
    known = await load_known(telling.session, contact, telling)
    slots.update({name: value for name, value in known.items() if slots.get(name) is None})
    tell_known(telling)


async def load_known(session: AsyncSession, contact: Contact, telling: Telling) -> Mapping[str, Any]:
    """Country, class, kilometres and premium: what the customer told lately counts more than the contract."""
    since = telling.now - FRESH_FOR
    rows = (await session.execute(TOLD, {"id": contact.id, "since": since})).all()
    told: dict[str, Any] = {row.name: row.value for row in rows}
    contract = await load_contract(session, contact, "insurance")
    if contract is not None and contract.yearly_cost is not None:
        told.setdefault("yearly_cost", float(contract.yearly_cost))
    country = contact.country or store.get_settings().country
    if "no_claims_class" in told:
        system, value = read_told(told["no_claims_class"])
        return told | {"insured_in": decide_country(system, country), "no_claims_class": value}
    return told | {"insured_in": country}


def tell_known(telling: Telling) -> None:
    """Says which values need no asking; the customer may correct them."""
    slots, told, language = telling.slots, telling.told, telling.language
    known = []
    if slots.get("no_claims_class") and "no_claims_class" not in told:
        known.append(word_class(slots["insured_in"], slots["no_claims_class"], language))
    if slots.get("km_per_year") and "km_per_year" not in told:
        known.append(f"{format_number(slots['km_per_year'], language)} km")
    if slots.get("yearly_cost") and "yearly_cost" not in told:
        known.append(format_money(Decimal(str(slots["yearly_cost"])), read_currency(slots["insured_in"]), language))
    if known:
        telling.say("utter_known_profile", known=", ".join(known))


def word_class(country: str, value: str, language: str) -> str:
    """Like "classe 4", "SF 12", "9 years without claims"."""
    return CLASSES[SYSTEMS[country].name][language].format(value=value)


def has_policies(country: str) -> bool:
    return country in SYSTEMS and any(policy.country == country for policy in load_company().policies)


def read_currency(country: str) -> str:
    """What premiums are paid in there."""
    return next((policy.currency for policy in load_company().policies if policy.country == country), "EUR")
