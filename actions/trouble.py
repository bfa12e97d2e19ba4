"""When a message is no answer: not understood, not text, or the customer does not know."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.begin import is_under_way, open_conversation
from actions.conversation import FORM
from actions.conversations import CONVERSATIONS
from actions.message import announces_question, read_intent, read_language, read_sentence

LEAST_KNOWN = 0.3  # below this share of known words a message is no text we can read
NEITHER = "something_else"
MORE = "more_info"
MEDIA = {
    "audio": "utter_media_audio",
    "image": "utter_media_picture",
    "video": "utter_media_picture",
    "document": "utter_media_picture",
    "sticker": "utter_media_sticker",
}


async def say_not_understood(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Asks which of two close readings is meant, else admits it.

    `confused` makes the next question come in other words, and a second time a person is proposed.
    """
    if buttons := list_readings(tracker):
        dispatcher.utter_message(response="utter_did_you_mean", buttons=buttons)
        return [SlotSet("confused", True), *(await pause_conversation(dispatcher, tracker, domain))]
    dispatcher.utter_message(response=read_admission(tracker))
    if not is_under_way(tracker):
        dispatcher.utter_message(response="utter_menu")
    return [SlotSet("confused", True)]


def list_readings(tracker: Any) -> list[dict[str, str]]:
    """A button for each of the two likeliest readings and one for neither; none unless both have a name."""
    words, language = load_meanings(), read_language(tracker)
    nearest = [intent for intent in tracker.latest_message.get("nearest") or [] if intent in words]
    if len(nearest) < 2:
        return []
    titles = [(words[intent][language], f"/{intent}") for intent in nearest]
    return [{"title": title, "payload": payload} for title, payload in [*titles, (words[NEITHER][language], "/help")]]


@cache
def load_meanings() -> dict[str, dict[str, str]]:
    """What each intent is called on a button, per language."""
    words: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("meanings.yml").read_text("utf-8"))
    return words


def read_admission(tracker: Any) -> str:
    """The text that says what went wrong: nothing we could read, nothing we do, or our fault."""
    if float(tracker.latest_message.get("known", 1.0)) < LEAST_KNOWN or not re.search(r"\w", read_sentence(tracker)):
        return "utter_no_words"
    return "utter_out_of_scope" if read_intent(tracker) == "out_of_scope" else "utter_not_understood"


async def acknowledge_media(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    dispatcher.utter_message(response=MEDIA.get(str(tracker.get_slot("media_kind")), "utter_media_other"))
    return []


async def show_help(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """What we can do. Who announces a question is invited to ask it, and what was proposed still stands."""
    if not announces_question(tracker):
        dispatcher.utter_message(response="utter_menu")
        return []
    proposed = CONVERSATIONS.get(str(tracker.get_slot("proposal")))
    if proposed and proposed.answers_opening(MORE):
        return open_conversation(proposed, taken_up=True)
    dispatcher.utter_message(response="utter_ask_away")
    return []


async def help_answer(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Tells where to find what is asked, or at least what the customer may do. Who announces a question may ask it."""
    conversation = CONVERSATIONS[tracker.get_slot("conversation")]
    question = conversation.find_question(tracker.get_slot("requested_slot"))
    if announces_question(tracker):
        dispatcher.utter_message(response="utter_ask_away")
        return await pause_conversation(dispatcher, tracker, domain)
    if question and callable(question.help):
        await question.help(dispatcher, tracker)
    else:
        own = question.help if question else ""
        dispatcher.utter_message(response=own or "utter_help_way")
    return []


async def pause_conversation(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Leaves the question open without asking it again; entering the form anew makes it listen to the next message."""
    return [*([ActiveLoop(FORM)] if is_under_way(tracker) else []), FollowupAction("action_listen")]
