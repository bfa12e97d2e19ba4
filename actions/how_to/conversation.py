"""Showing how something is done as a micro-conversation."""

from __future__ import annotations

from actions.conversation import Conversation, Question
from actions.how_to.steps import FRESH, check_topic, find_topics, finish_showing, next_question

CONVERSATION = Conversation(
    name="how_to",
    questions=(
        Question("topic", check_topic, help="utter_help_topic", read=lambda tracker: find_topics(tracker) or None),
    ),
    next_question=next_question,
    finish=finish_showing,
    fresh=FRESH,
    empty=FRESH,
)
