"""Right after a handoff: who is still there goes on, a thank-you needs no answer, stars are noted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from conversations.answer import RasaAnswer
from conversations.compose import OpenTurn
from conversations.desk import Desk
from conversations.ending import answer_customer, give_back, read_handoffs, store_result
from core.types import Decision, Outbound
from inbox.agents import ONLINE
from inbox.rating import store_rating
from inbox.states import reopen
from inbox.words import RefusedError, say_customer

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


# Whoever closed it a moment ago and is still there goes on; the same conditions as above.
RETURNS = text("""
    SELECT h.id, h.account_id FROM handoff h JOIN agent g ON g.account_id = h.account_id
    WHERE h.contact_id = :contact AND h.closed_at > :since AND NOT g.away AND g.seen_at > :gone
    AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.contact_id = h.contact_id AND t.decision = 'ask_rasa'
                    AND t.started_at >= h.closed_at AND t.finished_at IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.contact_id = h.contact_id AND o.kind = 'template'
                    AND o.created_at > h.closed_at)
    ORDER BY h.id DESC LIMIT 1
""")


async def look_back(desk: Desk, turn: OpenTurn, answer: RasaAnswer) -> Decision | None:
    """What becomes of a message right after a handoff; None: the assistant answers it as any other."""
    if not turn.after_handoff:
        return None
    if await needs_no_answer(desk, turn, answer):
        return Decision.NOTHING_TO_SAY
    return Decision.HANDOFF_OPEN if await returns_to_person(desk, turn) else None


async def returns_to_person(desk: Desk, turn: OpenTurn) -> bool:
    """Whether the customer goes on with the person who closed a moment ago: that handoff is opened again."""
    now = desk.now()
    since = now - timedelta(minutes=desk.settings.handoff_grace_minutes)
    async with desk.sessions.begin() as session:
        values = {"contact": turn.held.contact_id, "since": since, "gone": now - ONLINE}
        row = (await session.execute(RETURNS, values)).one_or_none()
        if row is None:
            return False
        try:
            await reopen(session, row.id, row.account_id, now, "the customer wrote right after closing")
        except RefusedError:
            return False  # this very turn asked for a person, or a colleague stepped in
    return True


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
