"""What the comparison of motor policies asks, in which order, and what it may skip."""

from __future__ import annotations

from typing import Any

from actions.choice import UNDECIDED

OPEN: dict[str, Any] = UNDECIDED | {"callback_on": None, "offers": None, "offers_shown": None, "offer_choice": None}
FRESH: dict[str, Any] = OPEN | {"premium_unknown": None}
EMPTY: dict[str, Any] = FRESH | {"no_claims_class": None, "km_per_year": None, "yearly_cost": None}
DECIDES_OFFERS = {"no_claims_class", "km_per_year", "yearly_cost", "premium_unknown"}


def list_questions(slots: dict[str, Any]) -> list[str]:
    """The slots to fill, in order. No policies: nothing is left to ask."""
    if slots.get("offers") == []:
        return []
    premium = [] if slots.get("premium_unknown") else ["yearly_cost"]
    when = ["callback_time"] if slots.get("contact_way") == "callback" else []
    return ["no_claims_class", "km_per_year", *premium, "offer_choice", "contact_way", *when]


def next_question(slots: dict[str, Any]) -> str | None:
    """The first slot without a value; None when the comparison is complete."""
    return next((name for name in list_questions(slots) if slots.get(name) is None), None)


def can_compare(slots: dict[str, Any]) -> bool:
    """Whether policies can be looked for."""
    known = all(slots.get(name) is not None for name in ("no_claims_class", "km_per_year"))
    return known and bool(slots.get("premium_unknown") or slots.get("yearly_cost"))
