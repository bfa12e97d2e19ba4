"""What the comparison of electricity offers asks, in which order, and what it may skip."""

from __future__ import annotations

from typing import Any

from actions.choice import UNDECIDED

DECIDES_OFFERS = {"postcode", "country", "yearly_kwh", "preference"}
FRESH: dict[str, Any] = UNDECIDED | {
    "offers": None,
    "offers_shown": None,
    "offer_choice": None,
    "consumption_unknown": None,
}
EMPTY: dict[str, Any] = FRESH | {
    "postcode": None,
    "country": None,
    "place": None,
    "yearly_kwh": None,
    "consumption_estimated": None,
    "household_size": None,
    "preference": None,
}


def list_questions(slots: dict[str, Any]) -> list[str]:
    """The slots to fill, in order. No offers for this place: nothing is left to ask."""
    if slots.get("offers") == []:
        return []
    estimate = slots.get("consumption_unknown") and slots.get("yearly_kwh") is None
    consumption = "household_size" if estimate else "yearly_kwh"
    return ["postcode", "country", consumption, "preference", "offer_choice", "offer_confirmed", "updates_wanted"]


def next_question(slots: dict[str, Any]) -> str | None:
    """The first slot without a value; None when the comparison is complete."""
    return next((name for name in list_questions(slots) if slots.get(name) is None), None)


def can_compare(slots: dict[str, Any]) -> bool:
    """Whether offers can be looked for."""
    return all(slots.get(name) is not None for name in DECIDES_OFFERS)
