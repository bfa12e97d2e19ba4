"""The micro-conversations Pronto leads. A new one is a folder of its own and one line here (README, house map)."""

from __future__ import annotations

from actions.conversation import Conversation
from actions.energy.conversation import CONVERSATION as ENERGY

CONVERSATIONS: dict[str, Conversation] = {one.name: one for one in (ENERGY,)}


def find_by_value(names: set[str]) -> Conversation | None:
    """The conversation that asks for one of these values; of several the first."""
    return next(
        (one for one in CONVERSATIONS.values() if names & {question.slot for question in one.questions}),
        None,
    )
