"""How a micro-conversation begins, is left for another one, ends, and begins anew."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.conversation import FORM, Conversation
from actions.conversations import CONVERSATIONS, find_by_intent, find_by_value
from actions.handoff import hand_over_valuable
from actions.message import read_entities, read_intent, read_location

LOCATION_MEANS = "find_branch"  # a location sent out of the blue


async def begin_conversation(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Chooses the conversation from the intent, or from the value told out of the blue; the form follows.

    In the middle of another one that one is kept in mind; in the middle of the same we go on.
    """
    conversation = choose_conversation(tracker)
    current = tracker.get_slot("conversation")
    if conversation is None:
        dispatcher.utter_message(response="utter_menu")
        return [SlotSet("proposal", None)]
    if is_under_way(tracker) and conversation.name == current:
        dispatcher.utter_message(response="utter_go_on")
        return [FollowupAction(FORM)]
    return switch_conversation(tracker, conversation, taken_up=answers_already(tracker, conversation))


def switch_conversation(tracker: Any, conversation: Conversation, *, taken_up: bool = False) -> list[dict[str, Any]]:
    """Begins a conversation and keeps the one under way in mind. In the middle of the same, it just goes on."""
    current = tracker.get_slot("conversation")
    under_way = is_under_way(tracker)
    if under_way and current == conversation.name:
        return []
    left = [SlotSet("interrupted", current)] if under_way else []
    return [*left, *open_conversation(conversation, taken_up=taken_up)]


def choose_conversation(tracker: Any) -> Conversation | None:
    """The one the intent names, else the last one or another that asks for what was told."""
    if read_location(tracker):
        return CONVERSATIONS.get(LOCATION_MEANS)
    names, last = read_entities(tracker), CONVERSATIONS.get(tracker.get_slot("conversation") or "")
    if named := find_by_intent(read_intent(tracker)):
        return named
    return last if last and any(last.find_question(name) for name in names) else find_by_value(names)


def answers_already(tracker: Any, conversation: Conversation) -> bool:
    """Whether what starts it answers its opening too: "I found another one", or "renew it" to our offer to renew."""
    intent = read_intent(tracker)
    if intent == conversation.name:
        asks = "?" in str(tracker.latest_message.get("text") or "")
        return tracker.get_slot("proposal") == conversation.name and not asks and conversation.answers_opening(intent)
    return conversation.answers_opening(intent)


def is_under_way(tracker: Any) -> bool:
    """Whether a conversation waits for an answer."""
    return (tracker.active_loop or {}).get("name") == FORM


def leave_conversation() -> list[dict[str, Any]]:
    """Ends the conversation where it stands and waits for the next message, whatever the rule would do next."""
    return [ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction("action_listen")]


def open_conversation(conversation: Conversation, *, taken_up: bool = False) -> list[dict[str, Any]]:
    """Makes the form begin this conversation. taken_up: it answers our proposal."""
    return [
        SlotSet("conversation", conversation.name),
        SlotSet("proposal", None),
        SlotSet("requested_slot", None),
        SlotSet("taken_up", taken_up or None),
        ActiveLoop(None),  # a form that is active already would only ask on
        FollowupAction(FORM),
    ]


async def finish_conversation(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Ends the conversation as it wants to end; one that was interrupted for it is proposed again."""
    conversation = CONVERSATIONS[tracker.get_slot("conversation")]
    events = await conversation.finish(dispatcher, tracker, domain)
    interrupted = tracker.get_slot("interrupted")
    proposed = any(event.get("name") == "proposal" and event.get("value") for event in events)
    dropped = SlotSet("interrupted", None) in events  # a person takes over
    if proposed or dropped or await hand_over_valuable(dispatcher, tracker):
        return [*events, SlotSet("interrupted", None)]
    if interrupted:
        dispatcher.utter_message(response=f"utter_propose_{interrupted}")
        events = [*events, SlotSet("proposal", interrupted)]
    return [*events, SlotSet("interrupted", None)]


async def break_off_conversation(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """The customer wants to stop: no second push."""
    dispatcher.utter_message(response="utter_cancelled")
    await hand_over_valuable(dispatcher, tracker)
    return [SlotSet("interrupted", None)]


async def restart_conversation(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Forgets what was told and asks from the beginning. Replaces Rasa's own action_restart."""
    conversation = CONVERSATIONS.get(tracker.get_slot("conversation") or "")
    if conversation is None:
        dispatcher.utter_message(response="utter_menu")
        return []
    dispatcher.utter_message(response="utter_restarted")
    emptied = [SlotSet(name, value) for name, value in conversation.empty.items()]
    return [*emptied, *open_conversation(conversation)]
