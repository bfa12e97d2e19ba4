"""The wish to be called, at any moment, as a micro-conversation of one question."""

from __future__ import annotations

from actions.callback.calling import FRESH, finish_call_me
from actions.callback.wishing import WHEN
from actions.conversation import Conversation, Slots


def next_question(slots: Slots) -> str | None:
    """When to call; nothing more."""
    return "callback_time" if slots.get("callback_time") is None else None


CONVERSATION = Conversation(
    name="call_me",
    questions=WHEN,
    next_question=next_question,
    finish=finish_call_me,
    fresh=FRESH,
    empty=FRESH,
)
