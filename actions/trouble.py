"""When a message is no answer: not understood, not text, or the customer does not know."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.conversation import FORM
from actions.conversations import CONVERSATIONS
from actions.message import read_intent

MEDIA = {
    "audio": "utter_media_audio",
    "image": "utter_media_picture",
    "video": "utter_media_picture",
    "document": "utter_media_picture",
    "sticker": "utter_media_sticker",
}


async def say_not_understood(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Admits it; `confused` makes the next question come in other words, and a second time a person is proposed."""
    out = read_intent(tracker) == "out_of_scope"
    dispatcher.utter_message(response="utter_out_of_scope" if out else "utter_not_understood")
    if not tracker.active_loop:
        dispatcher.utter_message(response="utter_menu")
    return [SlotSet("confused", True)]


async def acknowledge_media(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    dispatcher.utter_message(response=MEDIA.get(str(tracker.get_slot("media_kind")), "utter_media_other"))
    return []


async def help_answer(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Tells where to find what is asked."""
    conversation = CONVERSATIONS[tracker.get_slot("conversation")]
    question = conversation.find_question(tracker.get_slot("requested_slot"))
    if question and callable(question.help):
        await question.help(dispatcher, tracker)
    elif question and question.help:
        dispatcher.utter_message(response=question.help)
    return []


async def pause_conversation(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Leaves the question open without asking it again; entering the form anew makes it listen to the next message."""
    return [ActiveLoop(FORM), FollowupAction("action_listen")]
