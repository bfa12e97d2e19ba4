"""Right after a handoff: a thank-you needs no answer, and the stars a customer gives are noted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from conversations.answer import RasaAnswer
from conversations.compose import OpenTurn
from conversations.desk import Desk
from conversations.ending import answer_customer, give_back, read_handoffs, store_result
from core.types import Decision, Outbound
from inbox.rating import store_rating
from inbox.words import say_customer

THANKS = frozenset({"thank", "affirm", "goodbye"})  # what one says at the end of a talk with a person
# Only as long as the assistant itself has said nothing since: a yes may answer its question.
JUST_CLOSED = text("""
    SELECT EXISTS (
        SELECT 1 FROM handoff h WHERE h.contact_id = :contact AND h.closed_at > :since
        AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.contact_id = h.contact_id AND t.decision = 'ask_rasa'
                        AND t.started_at >= h.closed_at AND t.finished_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.contact_id = h.contact_id AND o.kind = 'template'
                        AND o.created_at > h.closed_at))
""")


async def needs_no_answer(desk: Desk, turn: OpenTurn, answer: RasaAnswer) -> bool:
    """Whether this only ends the talk with the person who closed a moment ago."""
    if answer.intent is None or answer.intent.name not in THANKS:
        return False
    since = desk.now() - timedelta(minutes=desk.settings.handoff_grace_minutes)
    async with desk.sessions() as session:
        return bool(await session.scalar(JUST_CLOSED, {"contact": turn.held.contact_id, "since": since}))


async def note_rating(desk: Desk, turn: OpenTurn) -> bool:
    """Stores the stars and says thanks, unless a person talks with the customer."""
    async with desk.sessions.begin() as session:
        more = await give_back(session, desk, turn)
        stored = await store_rating(session, turn.held.contact_id, turn.plan.text, desk.now())
        if stored and not (await read_handoffs(session, turn)).others:
            words = say_customer("rated", turn.plan.language, desk.settings.address)
            await answer_customer(session, desk, turn, Outbound(words))
        await store_result(session, desk, turn, Decision.RATED)
        return more
