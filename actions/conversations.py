"""The micro-conversations Pronto leads. A new one is a folder of its own and one line here (README, house map)."""

from __future__ import annotations

from actions.branch.conversation import CONVERSATION as BRANCH
from actions.buy.conversation import CONVERSATION as BUY
from actions.callback.conversation import CONVERSATION as CALL_ME
from actions.cart.conversation import CONVERSATION as CART
from actions.conversation import Conversation
from actions.energy.conversation import CONVERSATION as ENERGY
from actions.how_to.conversation import CONVERSATION as HOW_TO
from actions.insurance.conversation import CONVERSATION as INSURANCE
from actions.membership.conversation import CONVERSATION as MEMBERSHIP
from actions.win_back.conversation import CONVERSATION as WIN_BACK

CONVERSATIONS: dict[str, Conversation] = {
    one.name: one for one in (CALL_ME, ENERGY, INSURANCE, MEMBERSHIP, WIN_BACK, BRANCH, BUY, CART, HOW_TO)
}


def find_by_intent(intent: str) -> Conversation | None:
    """The conversation an intent starts."""
    return CONVERSATIONS.get(intent) or next((one for one in CONVERSATIONS.values() if intent in one.starts_with), None)


def find_by_value(names: set[str]) -> Conversation | None:
    """The conversation that asks for one of these values; of several the first."""
    return next(
        (one for one in CONVERSATIONS.values() if names & {question.slot for question in one.questions}),
        None,
    )
