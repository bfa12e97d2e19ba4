"""How a session starts: with the contact's profile, and where the talk stood before the silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rasa_sdk.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.conversation import FORM, PERSON
from actions.conversations import CONVERSATIONS
from core import clock

type Events = list[dict[str, Any]]

TAKEN_UP = timedelta(days=14)  # nobody remembers a question of longer ago
OF_THE_TURN = {"language", "requested_slot", "session_started_metadata", "confused", "taken_up", "media_kind"}

# What the customer said last counts more than the contract's figure, an estimate less.
CONSUMPTION = text(
    "SELECT coalesce("
    " (SELECT CAST(value AS float8) FROM answer WHERE contact_id = :id AND name = 'yearly_kwh'"
    " ORDER BY id DESC LIMIT 1),"
    " (SELECT CAST(yearly_kwh AS float8) FROM contract WHERE contact_id = :id AND kind = 'electricity'))"
)
# Where it stood: unless the customer said stop, a person talked with them, or a template asked something else since.
LAST = text(
    """
    SELECT t.slots, t.open_question ->> 'slot' AS asked FROM turn t
    WHERE t.id = (SELECT max(id) FROM turn WHERE contact_id = :id AND finished_at IS NOT NULL)
      AND t.decision = 'ask_rasa' AND t.slots IS NOT NULL AND t.finished_at > :since
      AND NOT EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = :id AND h.opened_at >= t.started_at)
      AND NOT EXISTS (
        SELECT 1 FROM outbox o WHERE o.contact_id = :id AND o.kind = 'template' AND o.created_at > t.finished_at
        AND o.state NOT IN ('cancelled', 'blocked', 'failed'))
    """
)


async def start_session(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """Keeps the slots that came with the message, adds the profile, and takes up the question that was left open."""
    carried = {
        name: value for name, value in tracker.slots.items() if value is not None and name != "session_started_metadata"
    }
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        kwh = await session.scalar(CONSUMPTION, {"id": contact.id})
        left = await read_left(session, contact.id)
    profile = {"postcode": contact.postcode, "yearly_kwh": kwh}
    if contact.postcode and contact.country:
        profile |= {"country": contact.country, "place": contact.place}
    known = {name: value for name, value in profile.items() if value is not None}
    slots = [SlotSet(name, value) for name, value in (known | left | carried).items()]
    form = [ActiveLoop(FORM)] if left.get("requested_slot") else []
    return [SessionStarted(), *form, *slots, ActionExecuted("action_listen")]


async def read_left(session: AsyncSession, contact_id: int) -> dict[str, Any]:
    """The slots of the talk before the silence, if something was left open in it."""
    row = (await session.execute(LAST, {"id": contact_id, "since": clock.now() - TAKEN_UP})).one_or_none()
    return take_up_slots(row.slots, row.asked) if row else {}


def take_up_slots(slots: dict[str, Any], asked: str | None) -> dict[str, Any]:
    """What goes on: the open question with all that was told; an offer is not kept, it may be another one by now.

    Where offers were on the table the conversation is only proposed: a yes or a value looks for them anew.
    """
    kept = {name: value for name, value in slots.items() if name not in OF_THE_TURN}
    conversation = CONVERSATIONS.get(str(kept.get("conversation")))
    question = conversation.find_question(asked) if conversation else None
    if conversation is None or question is None:
        proposal = kept.get("proposal")
        return {"proposal": proposal} if proposal in CONVERSATIONS or proposal == PERSON else {}
    if conversation.table and (question.after_search or kept.get("offers")):
        told = {name: value for name, value in kept.items() if name not in conversation.fresh}
        return told | {"proposal": conversation.name}
    return kept | {"requested_slot": asked}
