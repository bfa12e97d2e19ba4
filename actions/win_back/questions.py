"""Why someone left, as the intents tell it, and what is asked about it."""

from __future__ import annotations

from typing import Any

NAME = "win_back"
REASONS: dict[str, str] = {
    "too_expensive": "price",
    "complain": "service",
    "missing_feature": "feature",
    "drifted_away": "drifted",
    "no_time": "drifted",
    "found_other": "competitor",
}
ASKS_BACK = ("price", "feature", "drifted")  # service and competitor: nothing is proposed
FRESH: dict[str, Any] = dict.fromkeys(("former", "churn_reason", "churn_corrected", "return_decision"))


def next_question(slots: dict[str, Any]) -> str | None:
    """The reason once, then whether they would come back; None when nothing more is to be asked."""
    reason = slots.get("churn_reason")
    if reason is None:
        return "churn_reason"
    asks = reason in ASKS_BACK and (slots.get("former") or {}).get("answer")
    return "return_decision" if asks and slots.get("return_decision") is None else None
