"""Objections: met with approved texts and the contact's own facts; said a second time, a person is offered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.begin import is_under_way
from actions.contracts import load_contract, read_today
from actions.conversations import CONVERSATIONS
from actions.events import note_event
from actions.message import count_intent, read_intent, read_language, read_sentence, read_turn_key
from actions.proposal import repeat_proposal, take_up, turn_to_person
from actions.questions import Answer, answer_question, has_text
from actions.reasons import tell_number_source
from actions.wording import format_money
from core import clock
from core.tables import Contact
from core.types import EventKind

OBJECTIONS = ("too_expensive", "no_time", "distrust", "suspect_scam")
NEAR = 14  # days; a contract that ends sooner is no reason to say that there is no hurry


async def meet_objection(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Answers the objection and the questions beside it; an answer to our proposal is left to that conversation."""
    intent, under_way = read_intent(tracker), is_under_way(tracker)
    if not under_way and (started := take_up(tracker.get_slot("proposal"), intent)):
        return started
    if count_intent(tracker, intent) > 1:
        async with store.open_session() as session:
            await note_objection(session, tracker, intent)
            await session.commit()
        dispatcher.utter_message(response="utter_objection_again")
        return await turn_to_person(dispatcher, tracker, domain)
    events = await answer_question(dispatcher, tracker, domain)
    return events if under_way else [*events, *await repeat_proposal(dispatcher, tracker, domain)]


def answer_objection(kind: str) -> Answer:
    """What meets one kind of objection, as one of the answers to what a message holds."""

    async def answer(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
        name, values = read_text(tracker, kind)
        async with store.open_session() as session:
            contact = await note_objection(session, tracker, kind)
            days = await count_days_left(session, contact, tracker)
            await session.commit()
        dispatcher.utter_message(response=name, **values)
        if kind == "suspect_scam":
            await tell_number_source(dispatcher, tracker)
        elif days and kind in ("no_time", "distrust"):
            dispatcher.utter_message(response="utter_objection_days_left", days=days)
        return []

    return answer


async def note_objection(session: AsyncSession, tracker: Any, kind: str) -> Contact:
    """Keeps what was objected, once per turn; who objected. The caller commits."""
    contact = await store.load_contact(session, tracker)
    data = {"kind": kind, "sentence": read_sentence(tracker)}
    key = f"{read_turn_key(tracker)}:objection:{kind}"
    await note_event(session, contact.id, EventKind.OBJECTION, key, data, clock.now())
    return contact


def read_text(tracker: Any, kind: str) -> tuple[str, dict[str, Any]]:
    """The text that fits what we know best, and its values."""
    if kind == "suspect_scam":
        return "utter_objection_suspect_scam", {"company": store.get_settings().company}
    if kind == "too_expensive" and (best := find_best_saving(tracker)):
        return "utter_objection_too_expensive_saving", best
    left = count_answers_left(tracker) if kind == "no_time" else 0
    if left:
        return f"utter_objection_no_time_{'left' if left > 1 else 'last'}", {"left": left} if left > 1 else {}
    own = f"utter_objection_{kind}_{read_topic(tracker)}"
    return own if has_text(own) else f"utter_objection_{kind}", {}


def read_topic(tracker: Any) -> str | None:
    """The conversation the objection is about: the one under way, else the one we proposed."""
    topic: str | None = tracker.get_slot("conversation" if is_under_way(tracker) else "proposal")
    return topic


def find_best_saving(tracker: Any) -> dict[str, str] | None:
    """Of the offers the customer has seen, the one that saves most against today."""
    if not (is_under_way(tracker) and tracker.get_slot("offers_shown")):
        return None
    saving = [one for one in tracker.get_slot("offers") or [] if one.get("saving") and Decimal(one["saving"]) > 0]
    if not saving:
        return None
    best = max(saving, key=lambda one: Decimal(one["saving"]))
    money = format_money(Decimal(best["saving"]), best["currency"], read_language(tracker))
    return {"supplier": best["supplier"], "saving": money}


def count_answers_left(tracker: Any) -> int:
    """How many questions stand between the customer and the offers; 0 where there are none to see."""
    conversation = CONVERSATIONS.get(read_topic(tracker) or "")
    if conversation is None or conversation.table is None or not is_under_way(tracker):
        return 0
    slots, left = dict(tracker.slots), 0
    while (slot := conversation.next_question(slots)) not in (None, "offer_choice", "offer_confirmed"):
        slots[str(slot)] = True
        left += 1
    return left if slot == "offer_choice" else 0


async def count_days_left(session: AsyncSession, contact: Contact, tracker: Any) -> int | None:
    """Days until the contract the conversation is about ends, where that is far enough away."""
    conversation = CONVERSATIONS.get(read_topic(tracker) or "")
    if conversation is None or conversation.table is None:
        return None
    contract = await load_contract(session, contact, conversation.table.contract)
    if contract is None or contract.expires_on is None:
        return None
    days = (contract.expires_on - read_today(contact, clock.now())).days
    return days if days >= NEAR else None
