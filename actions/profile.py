"""Tells the customer which values of their profile need no asking."""

from __future__ import annotations

from actions.telling import Telling
from actions.wording import format_number


def tell_profile(telling: Telling) -> None:
    """Says which values need no asking; the customer may correct them."""
    slots, told = telling.slots, telling.told
    known = []
    if slots.get("place") and "postcode" not in told:
        known.append(" ".join(dict.fromkeys((slots["postcode"], slots["place"]))))
    if slots.get("yearly_kwh") and not told.keys() & {"yearly_kwh", "household_size"}:
        known.append(f"{format_number(slots['yearly_kwh'], telling.language)} kWh")
    if known:
        telling.say("utter_known_profile", known=", ".join(known))
