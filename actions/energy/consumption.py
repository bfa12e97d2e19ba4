"""The yearly consumption: told by the customer, or estimated from the number of people."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from actions import store
from actions.telling import Telling
from actions.wording import format_number
from offers.consumption import estimate_kwh

LEAST_KWH, MOST_KWH = 50, 50_000  # outside, a household's yearly figure is a slip or another number
MOST_PERSONS = 20

# Only a contract we know of gets the figure: a consumption alone is no contract.
REMEMBER = text(
    "UPDATE contract SET yearly_kwh = :kwh, updated_at = :now"
    " WHERE contact_id = :contact_id AND kind = 'electricity' AND yearly_cost IS NULL"
)


async def check_yearly_kwh(telling: Telling, kwh: Any) -> dict[str, Any]:
    """Takes a plausible figure and keeps it with the contract."""
    shown = format_number(float(kwh), telling.language)
    if not LEAST_KWH <= float(kwh) <= MOST_KWH:
        telling.say("utter_consumption_odd", kwh=shown)
        return {"yearly_kwh": None}
    values = {"kwh": Decimal(str(kwh)), "contact_id": telling.contact.id, "now": telling.now}
    await telling.session.execute(REMEMBER, values)
    telling.say("utter_consumption_noted", kwh=shown)
    return {"yearly_kwh": float(kwh), "consumption_estimated": False, "consumption_unknown": None}


async def check_unknown(telling: Telling, unknown: Any) -> dict[str, Any]:
    return {"consumption_unknown": unknown}


async def check_household_size(telling: Telling, size: Any) -> dict[str, Any]:
    """Estimates the consumption, unless the customer knows it."""
    if not 1 <= float(size) <= MOST_PERSONS:
        telling.say("utter_household_odd")
        return {"household_size": None}
    known = telling.slots.get("yearly_kwh") is not None and not telling.slots.get("consumption_estimated")
    if known:
        return {"household_size": size}
    country = telling.slots.get("country") or telling.contact.country or store.get_settings().country
    estimate = estimate_kwh(country, int(size))
    if estimate is None:
        telling.say("utter_household_odd")
        return {"household_size": None, "consumption_unknown": None}
    shown = {"kwh": format_number(estimate.kwh, telling.language), "source": name_source(estimate.source)}
    wording = "utter_estimate_large" if size > estimate.persons else "utter_estimate"
    wording = "utter_estimate_single" if size == 1 else wording
    telling.say(wording, persons=estimate.persons, **shown)
    return {"household_size": size, "yearly_kwh": float(estimate.kwh), "consumption_estimated": True}


def name_source(source: str) -> str:
    """The body that publishes the figure, and the year: "ARERA as quoted 2025" is ARERA 2025."""
    return re.sub(r" as quoted| \(.*?\)", "", source)
