"""Runs the micro-conversation under way: checks and keeps what the customer tells, and decides what to ask next."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActionExecutionRejected, SlotSet

from actions import store
from actions.answers import save_answers
from actions.conversation import FORM, Conversation, Question
from actions.conversations import CONVERSATIONS, find_by_intent
from actions.message import ASKING, read_entity, read_intent, read_location, read_parts
from actions.questions import answer_beside
from actions.telling import Telling
from core import clock

LEAVING = {"ask_human", "complain", "cancel", "opt_out", "erase_data", "wrong_person", "bereavement"}
RIGHTS = {"opt_out_marketing", "opt_in", "export_data"}  # done at once; then the question comes again


async def validate_conversation_form(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Rasa's form asks: are these values good, and which slot comes next?"""
    conversation = CONVERSATIONS[tracker.get_slot("conversation")]
    starting = tracker.get_slot("requested_slot") is None
    told = read_told(tracker, conversation, starting)
    slots, events = dict(tracker.slots), []
    intent, asked = read_intent(tracker), tracker.get_slot("requested_slot")
    begun_by_question = starting and intent.startswith(ASKING)  # which is answered already
    if (told or (starting and len(read_parts(tracker)) > 1)) and not begun_by_question:
        await answer_beside(dispatcher, tracker, set(told), list_taken(tracker, conversation, asked))
    if told or starting:
        async with store.open_session() as session:
            contact = await store.load_contact(session, tracker)
            telling = Telling(session, contact, dispatcher, tracker, slots, told, clock.now())
            await (start if starting else settle)(telling, conversation)
            await session.commit()
        changed = {name for name, value in slots.items() if value != tracker.slots.get(name)}
        events = [SlotSet(name, slots[name]) for name in sorted(changed | (set(told) & slots.keys()))]
    if told and not starting and leaves(intent, conversation, asked):
        events.append(ActionExecutionRejected(FORM))  # the value is kept, and the rule of that intent decides
    return [*events, SlotSet("requested_slot", conversation.next_question(slots))]


def leaves(intent: str, conversation: Conversation, asked: str | None) -> bool:
    """Whether this intent leads out of the conversation: unless the open question is answered with just that."""
    if conversation.answers(asked, intent):
        return False
    return intent in LEAVING | RIGHTS or find_by_intent(intent) not in (None, conversation)


def list_taken(tracker: Any, conversation: Conversation, asked: str | None) -> list[str]:
    """The intents of the message that are no question beside it: they answer ours, or have begun this conversation."""
    said = {read_intent(tracker), *read_parts(tracker)}
    if asked is None:
        return [one for one in said if one == read_intent(tracker) or conversation.answers_opening(one)]
    return [one for one in said if conversation.answers(asked, one)]


def read_told(tracker: Any, conversation: Conversation, starting: bool) -> dict[str, Any]:
    """The values said in this very message: found in its words, or an intent that answers the open question."""
    asked = tracker.get_slot("requested_slot")
    if starting:
        asked = conversation.opening if tracker.get_slot("taken_up") else None
    told = {}
    for question in conversation.questions:
        value = read_value(tracker, question, asked)
        if value is not None:
            told[question.slot] = value
    return told


def read_value(tracker: Any, question: Question, asked: str | None) -> Any:
    """What this message says to a question, None if nothing."""
    intent = read_intent(tracker)
    if question.asked and question.asked != asked:
        return None
    value = read_location(tracker) if question.slot == "location" else read_entity(tracker, question.slot)
    if value is None and question.read:
        value = question.read(tracker)
    if value is not None and intent not in question.not_with:
        return value
    if not asked or asked != question.open_slot:
        return None
    said = [intent] if intent in LEAVING or find_by_intent(intent) else [intent, *read_parts(tracker)]
    return next((question.by_intent[one] for one in said if one in question.by_intent), None)


async def start(telling: Telling, conversation: Conversation) -> None:
    """Begins (again): the customer reads what we know, and what was found before is looked for anew."""
    telling.slots.update(conversation.fresh)
    telling.slots["taken_up"] = None
    if conversation.greet:
        await conversation.greet(telling)
    await settle(telling, conversation)


async def settle(telling: Telling, conversation: Conversation) -> None:
    """Runs the checks in the order of the questions, searches if something changed, keeps the answers."""
    slots, told = telling.slots, telling.told
    values = [one for one in conversation.questions if one.slot in told]
    for question in values:
        if not question.after_search:
            slots.update(await question.check(telling, told[question.slot]))
    if conversation.search:
        slots.update(await conversation.search(telling))
    for question in values:
        if question.after_search:
            slots.update(await question.check(telling, told[question.slot]))
    kept = {name: told[name] for name in told if slots.get(name) is not None}
    if kept:
        at = telling.now
        await save_answers(telling.session, telling.contact.id, kept, telling.sentence, telling.turn_key, at)
