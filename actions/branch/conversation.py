"""Finding the nearest branch as a micro-conversation."""

from __future__ import annotations

from actions.branch.nearest import (
    EMPTY,
    FRESH,
    check_country,
    check_location,
    check_postcode,
    finish_finding,
    greet,
    next_question,
    search,
)
from actions.conversation import Conversation, Question

CONVERSATION = Conversation(
    name="find_branch",
    questions=(
        Question("postcode", check_postcode, help="utter_help_branch_place"),
        Question("country", check_country),
        Question("location", check_location),
    ),
    next_question=next_question,
    finish=finish_finding,
    fresh=FRESH,
    empty=EMPTY,
    greet=greet,
    search=search,
)
