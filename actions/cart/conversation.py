"""The abandoned cart as a micro-conversation."""

from __future__ import annotations

from actions.cart.checkout import CHECKOUT, FRESH, NO, QUESTION, check_decision, finish_checkout, greet, next_question
from actions.conversation import Conversation, Question

CONVERSATION = Conversation(
    name="cart_checkout",
    questions=(
        Question(
            "cart_decision",
            check_decision,
            by_intent={
                "affirm": CHECKOUT,
                "cart_checkout": CHECKOUT,
                "more_info": QUESTION,
                "deny": NO,
                "later": NO,
                "too_expensive": NO,
                "no_time": NO,
            },
        ),
    ),
    next_question=next_question,
    finish=finish_checkout,
    opening="cart_decision",
    fresh=FRESH,
    empty=FRESH,
    greet=greet,
)
