"""A change of a handoff in one line of the conversation. Pure."""

from __future__ import annotations

from typing import Any

from core.types import HandoffState
from inbox.pages.parts import name_reason
from pages.page import Here

SEEN = ("answered", "the customer wrote")  # the message itself stands right above
NAMED = {"reopened": "became_reopened", "the snooze is over": "became_awake"}
PLAIN = ("taken", "assigned", "reopened", "done", "waits for the customer", "the snooze is over")  # said by the state


def tell_change(data: dict[str, Any], here: Here) -> str:
    """Who did what, and why where a person wrote it; empty: it tells nothing that the messages do not."""
    words, why, state = here.words, data["why"] or "", data["state"]
    if why in SEEN:
        return ""
    who, to = data["who"] or words("pronto"), data["to"]
    if data["before"] is None:
        return f"{words('became_open')} · {name_reason(why, here)}"
    if why in NAMED:
        return words(NAMED[why], who=who) if NAMED[why] != "became_awake" else words("became_awake")
    if state != HandoffState.CLOSED and to is not None and to != data["who"]:
        told = words("became_given", who=who, to=to)
    else:
        told = words(f"became_{state}", who=who)
    written = why and why not in PLAIN and not why.startswith("snoozed until")
    return f"{told} · {why}" if written else told
