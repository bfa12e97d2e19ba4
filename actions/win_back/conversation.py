"""Asking former customers why they left, as a micro-conversation."""

from __future__ import annotations

from actions.conversation import Conversation, Question, Slots
from actions.message import read_intent
from actions.telling import Telling
from actions.win_back.ending import finish_win_back
from actions.win_back.former import find_former
from actions.win_back.questions import FRESH, NAME, REASONS, next_question
from actions.win_back.reason import check_correction, check_reason, check_return

UNTOLD = dict.fromkeys(("deny", "cancel", "later"), "untold")
OTHER = dict.fromkeys(("dont_know", "distrust", "feedback", "moved_away", "nlu_fallback"), "other")


async def greet(telling: Telling) -> None:
    """Who wants to come back has answered that already and is welcomed."""
    if read_intent(telling.tracker) == "come_back":
        telling.say("utter_welcome_back")
        telling.slots.update(await check_return(telling, True))


async def search(telling: Telling) -> Slots:
    """What they had is read once."""
    return {} if telling.slots.get("former") else {"former": await find_former(telling)}


CONVERSATION = Conversation(
    name=NAME,
    questions=(
        Question("churn_reason", check_reason, by_intent=REASONS | UNTOLD | OTHER, after_search=True),
        Question(
            "return_decision",
            check_return,
            by_intent={"affirm": True, "come_back": True, "deny": False, "later": False, "cancel": False},
            after_search=True,
            help="utter_help_yes_or_no",
        ),
        Question("churn_corrected", check_correction, by_intent=REASONS, asked="return_decision", after_search=True),
    ),
    next_question=next_question,
    finish=finish_win_back,
    opening="churn_reason",
    starts_with=frozenset({"come_back", "drifted_away", "missing_feature", "found_other"}),
    fresh=FRESH,
    search=search,
    greet=greet,
)
