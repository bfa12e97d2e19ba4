"""What a plain yes means: we propose something, repeat it after a digression, and drop it once it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.begin import begin_conversation, is_under_way, leave_conversation, open_conversation
from actions.conversation import PERSON
from actions.conversations import CONVERSATIONS, find_by_intent
from actions.handoff import hand_over
from actions.membership.questions import NAME as RENEWAL
from actions.message import read_intent
from actions.rights import erase_data
from core import clock
from core.tables import Contact
from offers.member import load_member, tell_settled

ERASURE = "erasure"
ACCEPTED = {PERSON: hand_over, ERASURE: erase_data}  # what a yes does to proposals that are no conversation
# What a contact has tells what to propose: a cart left behind, a contract that ends. The most pressing first.
AT_HAND = text("""
    SELECT CASE kind WHEN 'electricity' THEN 'energy_comparison' WHEN 'insurance' THEN 'insurance_comparison'
                     WHEN 'gym' THEN 'membership_renewal' END AS name, expires_on AS on_day
    FROM contract WHERE contact_id = :contact_id
    UNION ALL
    SELECT 'cart_checkout', CAST(at AS date) FROM event AS cart
    WHERE contact_id = :contact_id AND kind = 'cart_abandoned' AND NOT EXISTS (
        SELECT 1 FROM event AS bought
        WHERE bought.contact_id = cart.contact_id AND bought.kind IN ('purchase', 'cart_declined')
        AND bought.at >= cart.at)
    ORDER BY on_day NULLS LAST
""")
ASKED_WHY = text("""
    SELECT EXISTS (SELECT 1 FROM event WHERE contact_id = :contact_id
                   AND kind IN ('churn_reason', 'return_declined', 'return_accepted'))
""")


async def propose(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Proposes what stands open, or what the contact's contracts and cart suggest; else shows what there is."""
    standing = tracker.get_slot("proposal")
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        names = await list_at_hand(session, contact, clock.now())
    name = next((one for one in (standing, *names) if one in CONVERSATIONS), None)
    if name is None:
        dispatcher.utter_message(response="utter_menu")
        return [SlotSet("proposal", None)]
    dispatcher.utter_message(response=f"utter_propose_{name}")
    return [SlotSet("proposal", name)]


async def list_at_hand(session: AsyncSession, contact: Contact, now: datetime) -> list[str]:
    """What fits the contact. A renewal that is settled is not proposed again; who has left is asked why, once."""
    own = {"contact_id": contact.id}
    names = [name for name in await session.scalars(AT_HAND, own) if name]
    if RENEWAL not in names:
        return names
    zone = contact.timezone or store.get_settings().timezone
    member = await load_member(session, contact.id, now)
    settled = tell_settled(member, now, zone) if member else None
    if settled is None:
        return names
    names.remove(RENEWAL)
    left = settled in ("cancelled", "ended") and not await session.scalar(ASKED_WHY, own)
    return [*names, "win_back"] if left else names


async def propose_person(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    dispatcher.utter_message(response="utter_propose_person")
    return [SlotSet("proposal", PERSON)]


async def turn_to_person(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Proposes a person instead of going on with the conversation under way."""
    left = leave_conversation() if is_under_way(tracker) else []
    return [*await propose_person(dispatcher, tracker, domain), *left]


async def repeat_proposal(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Leads back from a question to what is still open, if anything is."""
    if proposal := tracker.get_slot("proposal"):
        dispatcher.utter_message(response=f"utter_propose_{proposal}")
    return []


async def close_proposal(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    return [SlotSet("proposal", None)]


async def answer_proposal(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """A yes, a no, "tell me more" or "later" while nothing is asked: what it means depends on what we proposed."""
    proposal, intent = tracker.get_slot("proposal"), read_intent(tracker)
    if started := take_up(proposal, intent):
        return started
    if find_by_intent(intent):
        return await begin_conversation(dispatcher, tracker, domain)
    closed = [SlotSet("proposal", None)]
    left = CONVERSATIONS.get(tracker.get_slot("conversation") or "")
    match intent, proposal:
        case "deny", "person" if left:
            return open_conversation(left)  # no person, so we go on where we were
        case "deny" | "cancel" | "later", "erasure":
            dispatcher.utter_message(response="utter_erasure_declined")
        case "affirm", None:
            dispatcher.utter_message(response="utter_all_right")
        case "affirm", other if other in ACCEPTED:
            return [*closed, *await ACCEPTED[other](dispatcher, tracker, domain)]
        case "more_info", _:
            dispatcher.utter_message(response="utter_menu")
        case "later", _:
            dispatcher.utter_message(response="utter_later")
        case _:
            dispatcher.utter_message(response="utter_declined")
    return closed


def take_up(proposal: str | None, intent: str) -> list[dict[str, Any]]:
    """Begins the proposed conversation if this intent accepts it or answers its opening; nothing otherwise."""
    conversation = CONVERSATIONS.get(proposal or "")
    if conversation is None or not (intent == "affirm" or conversation.answers_opening(intent)):
        return []
    return open_conversation(conversation, taken_up=True)
