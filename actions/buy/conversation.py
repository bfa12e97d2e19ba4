"""Buying a product as a micro-conversation."""

from __future__ import annotations

from actions.buy.stock import (
    FRESH,
    check_product,
    check_restock,
    check_size,
    finish_buying,
    greet,
    next_question,
    search,
)
from actions.conversation import Conversation, Question
from actions.shop.context import find_named

CONVERSATION = Conversation(
    name="buy",
    questions=(
        Question("product", check_product, help="utter_help_product", read=lambda tracker: find_named(tracker) or None),
        Question("size", check_size, help="utter_help_size"),
        Question(
            "restock_wanted",
            check_restock,
            by_intent={"affirm": True, "deny": False, "later": False},
            after_search=True,
        ),
    ),
    next_question=next_question,
    finish=finish_buying,
    fresh=FRESH,
    empty=FRESH,
    greet=greet,
    search=search,
)
