"""When a message is no answer: not understood, not text, or the customer does not know."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.energy_questions import EMPTY
from actions.message import read_intent

HELP = {
    "postcode": "utter_help_postcode",
    "household_size": "utter_help_household_size",
    "offer_choice": "utter_help_offer_choice",
    "offer_confirmed": "utter_help_yes_or_no",
    "updates_wanted": "utter_help_yes_or_no",
}
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
    return [SlotSet("confused", True)]


async def acknowledge_media(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    dispatcher.utter_message(response=MEDIA.get(str(tracker.get_slot("media_kind")), "utter_media_other"))
    return []


async def help_answer(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Tells where to find what is asked."""
    if wording := HELP.get(str(tracker.get_slot("requested_slot"))):
        dispatcher.utter_message(response=wording)
    return []


async def restart_comparison(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Forgets what was told for the comparison and asks from the beginning. Replaces Rasa's own action_restart."""
    dispatcher.utter_message(response="utter_restarted")
    return [*(SlotSet(name, value) for name, value in EMPTY.items()), FollowupAction("energy_form")]


async def pause_comparison(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Leaves the question open without asking it again; entering the form anew makes it listen to the next message."""
    return [ActiveLoop("energy_form"), FollowupAction("action_listen")]
