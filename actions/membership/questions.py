"""What the renewal asks, in which order, and what it may skip."""

from __future__ import annotations

from typing import Any

NAME = "membership_renewal"
# Why someone does not go on, as the intents tell it.
REASONS: dict[str, str] = {
    "too_expensive": "price",
    "no_time": "time",
    "drifted_away": "drifted",
    "missing_feature": "feature",
    "found_other": "competitor",
    "complain": "service",
}
FRESH: dict[str, Any] = dict.fromkeys(
    (
        "renewal",
        "renewal_shown",
        "renewal_noted",
        "renewal_decision",
        "renewal_reason",
        "alternative_decision",
        "updates_wanted",
    )
)


def next_question(slots: dict[str, Any]) -> str | None:
    """The slot to ask for; None when the renewal is decided or cannot be."""
    renewal, decision = slots.get("renewal") or {}, slots.get("renewal_decision")
    if renewal.get("problem") or decision == "later":
        return None
    if decision is None:
        return "renewal_decision"
    if decision == "decline":
        reason = slots.get("renewal_reason")
        if reason is None:
            return "renewal_reason"
        if reason in renewal["fits"] and slots.get("alternative_decision") is None:
            return "alternative_decision"
        if not slots.get("alternative_decision"):
            return None
    return "updates_wanted" if renewal["ask_updates"] and slots.get("updates_wanted") is None else None
