"""Renewing a membership as a micro-conversation."""

from __future__ import annotations

from actions.conversation import Conversation, Question, Slots
from actions.membership.decision import check_alternative, check_decision, check_reason
from actions.membership.ending import finish_renewal
from actions.membership.offer import find_renewal
from actions.membership.questions import FRESH, NAME, REASONS, next_question
from actions.telling import Telling
from actions.updates import check_updates

DECLINES = REASONS | {"deny": "decline", "cancel": "decline"}
OTHER = dict.fromkeys(
    ("deny", "dont_know", "later", "cancel", "nlu_fallback", "inform", "feedback", "distrust", "moved_away"), "other"
)


async def search(telling: Telling) -> Slots:
    """The renewal that holds now, until it is decided."""
    if telling.slots.get("renewal_decision") is not None:
        return {}
    return {"renewal": await find_renewal(telling)}


CONVERSATION = Conversation(
    name=NAME,
    questions=(
        Question(
            "renewal_decision",
            check_decision,
            by_intent=DECLINES | {"affirm": "accept", NAME: "accept", "more_info": "info", "later": "later"},
            after_search=True,
            help="utter_help_yes_or_no",
        ),
        Question(
            "renewal_reason",
            check_reason,
            by_intent=REASONS | OTHER | {NAME: "accept"},
            after_search=True,
        ),
        Question(
            "alternative_decision",
            check_alternative,
            by_intent=REASONS | {"affirm": True, "deny": False, "later": False, "cancel": False, NAME: "accept"},
            after_search=True,
            help="utter_help_yes_or_no",
        ),
        Question(
            "updates_wanted",
            check_updates,
            by_intent={"affirm": True, "deny": False, "cancel": False},
            after_search=True,
            help="utter_help_yes_or_no",
        ),
    ),
    next_question=next_question,
    finish=finish_renewal,
    opening="renewal_decision",
    fresh=FRESH,
    search=search,
)
