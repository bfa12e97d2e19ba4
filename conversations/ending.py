"""How a turn ends: with a reply, put off, or with a person. Each way is one transaction that gives the lane back."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.consent import Said, withdraw_consent
from conversations.answer import RasaAnswer
from conversations.compose import OpenTurn
from conversations.desk import Desk
from conversations.lanes import RELEASE, LaneLost, name_lane, release_lane, wake_lanes
from conversations.texts import say
from core.direct import Executes, begin_direct
from core.types import Decision, HandoffReason, Outbound, Purpose
from inbox.handoff import open_handoff
from inbox.hours import tell_when
from inbox.states import hear_customer
from whatsapp.claim import Claimed
from whatsapp.outbox import cancel_queued, queue_reply

log = logging.getLogger(__name__)

SOONEST, LATEST = 0.5, 10.0  # seconds between two questions to a Rasa that is down

# If a person took over meanwhile, Rasa's answer is kept but not sent. Without a row the lane was no longer held.
RESULT = """
    spoken AS (
        UPDATE contact SET language = :language, session_number = session_number + :sessions FROM released
        WHERE id = :contact AND :heard AND (language IS DISTINCT FROM :language OR :sessions > 0)),
    ended AS (
        UPDATE turn SET language = :language, intent = :intent, confidence = :confidence, error = :error,
            open_question = CAST(:open_question AS jsonb), slots = CAST(:slots AS jsonb), finished_at = :now,
            xact = pg_current_xact_id(), decision = CASE WHEN CAST(:decision AS text) = 'ask_rasa' AND EXISTS (
                SELECT 1 FROM handoff WHERE contact_id = :contact AND closed_at IS NULL AND turn_key <> :key)
                THEN 'handoff_open' ELSE CAST(:decision AS text) END
        FROM released WHERE id = :turn RETURNING contact_id, decision)
    SELECT decision, ready_at, pg_notify('contact', CAST(contact_id AS text)) FROM ended, released
"""
STORE_RESULT = text("WITH released AS (SELECT CAST(NULL AS timestamptz) AS ready_at)," + RESULT)
RELEASE_WITH_RESULT = text(f"WITH released AS ({RELEASE.text})," + RESULT)
STORE_FAILURE = text("UPDATE turn SET error = :error, attempts = attempts + :attempts WHERE id = :turn")
WAITING = text("SELECT EXISTS (SELECT 1 FROM message WHERE contact_id = :contact AND turn_id IS NULL)")
HANDOFFS = text("""
    SELECT count(*) FILTER (WHERE turn_key = :key) > 0 AS ours, count(*) FILTER (WHERE turn_key <> :key) > 0 AS others
    FROM handoff WHERE contact_id = :contact AND closed_at IS NULL
""")


async def finish_turn(
    desk: Desk,
    turn: OpenTurn,
    decision: Decision,
    reply: Outbound | None = None,
    answer: RasaAnswer | None = None,
) -> bool:
    """Stores what came of the turn, queues the reply and gives the lane back. A person who took over speaks instead."""
    leaving: list[Claimed] = []
    async with begin_direct(desk.sessions) as session:
        values = describe_result(desk, turn, decision, answer=answer) | name_lane(turn.held)
        row = (await session.execute(RELEASE_WITH_RESULT, values)).one_or_none()
        if row is None:
            raise LaneLost(str(turn.held))
        more = await look_behind(session, desk, turn) or row.ready_at is not None
        if row.decision == Decision.HANDOFF_OPEN and turn.plan.text:
            await hear_customer(session, turn.held.contact_id, desk.now())
        if reply and row.decision == decision:
            await answer_customer(session, desk, turn, reply)
            leaving = await desk.sender.claim_now(session) if desk.sender else []
    if desk.sender:
        desk.sender.launch(leaving)
    return more


async def stop_messages(desk: Desk, turn: OpenTurn) -> bool:
    """Withdraws consent, cancels what is queued, says so in one sentence; the conversation so far is over."""
    words = "\n".join(message.text or message.reply_id or "" for message in turn.messages)
    async with desk.sessions.begin() as session:
        more = await give_back(session, desk, turn)
        said = Said(words, "whatsapp", turn.messages[-1].wamid, desk.now())
        await withdraw_consent(session, turn.held.contact_id, said, *Purpose)
        await cancel_queued(session, turn.held.contact_id, "the customer said stop")
        await store_result(session, desk, turn, Decision.STOP, new_session=True)
        await answer_customer(session, desk, turn, Outbound(say("stopped", turn.plan.language, desk.settings.address)))
        return more


async def give_back(session: AsyncSession, desk: Desk, turn: OpenTurn) -> bool:
    """Gives the lane of a finished turn back and tells whether it is to be claimed again. Raises LaneLost."""
    more = await release_lane(session, turn.held)
    return await look_behind(session, desk, turn) or more


async def look_behind(session: Executes, desk: Desk, turn: OpenTurn) -> bool:
    """The claim that took a begun turn up again cleared what messages behind it had set: wakes the lane for them."""
    if turn.redo and await has_waiting(session, turn.held.contact_id):
        await wake_lanes(session, [turn.held.contact_id], desk.now())
        return True
    return False


async def retry_turn(desk: Desk, turn: OpenTurn, error: str, attempts: int = 0) -> bool:
    """Leaves the turn unfinished and its lane ready a little later, the later the longer it has waited."""
    now = desk.now()
    delay = min(max((now - turn.started_at).total_seconds() / 2, SOONEST), LATEST)
    async with desk.sessions.begin() as session:
        more = await release_lane(session, turn.held, again_at=now + timedelta(seconds=delay))
        await session.execute(STORE_FAILURE, {"turn": turn.id, "error": error[:500], "attempts": attempts})
        return more


async def give_up(desk: Desk, turn: OpenTurn, error: str) -> bool:
    """Says honestly that no answer comes, and asks a person to give one."""
    log.error("turn %s handed to a person: %s", turn.id, error)
    async with desk.sessions.begin() as session:
        more = await give_back(session, desk, turn)
        if (await read_handoffs(session, turn)).others:
            await hear_customer(session, turn.held.contact_id, desk.now())
            await store_result(session, desk, turn, Decision.HANDOFF_OPEN, error=error)
            return more
        await open_handoff(
            session,
            contact_id=turn.held.contact_id,
            reason=HandoffReason.ASSISTANT_DOWN,
            turn_key=turn.key,
            card={"said": turn.plan.text, "language": turn.plan.language.value},
            now=desk.now(),
        )
        await store_result(session, desk, turn, Decision.RASA_DOWN, error=error)
        sorry = say("assistant_down", turn.plan.language, desk.settings.address)
        when = tell_when(desk.settings, turn.plan.language, desk.now())
        await answer_customer(session, desk, turn, Outbound(f"{sorry} {when}".strip()))
        return more


@dataclass(frozen=True)
class Handoffs:
    """Open handoffs of a contact: by this very turn's own action, and by anyone else."""

    ours: bool
    others: bool


async def read_handoffs(session: AsyncSession, turn: OpenTurn) -> Handoffs:
    """Who handed the contact to a person, if anyone."""
    row = (await session.execute(HANDOFFS, {"key": turn.key, "contact": turn.held.contact_id})).one()
    return Handoffs(row.ours, row.others)


async def has_waiting(session: Executes, contact_id: int) -> bool:
    """Whether messages wait that no turn has taken up."""
    return bool((await session.execute(WAITING, {"contact": contact_id})).scalar())


async def opened_handoff(desk: Desk, turn: OpenTurn) -> bool:
    """Whether Rasa's action handed over in this turn, so that saying nothing is an answer."""
    async with desk.sessions() as session:
        found = await read_handoffs(session, turn)
        return found.ours or found.others


async def answer_customer(session: Executes, desk: Desk, turn: OpenTurn, reply: Outbound) -> None:
    """Queues the reply, once whatever happens to this worker."""
    await queue_reply(
        session,
        contact_id=turn.held.contact_id,
        phone_number_id=turn.phone_number_id or desk.settings.phone_number_id,
        key=f"turn:{turn.id}",
        message=reply,
        language=turn.plan.language,
        now=desk.now(),
        turn_id=turn.id,
    )


async def store_result(
    session: AsyncSession,
    desk: Desk,
    turn: OpenTurn,
    decision: Decision,
    *,
    error: str | None = None,
    new_session: bool = False,
) -> Decision:
    """Writes what came of the turn on its row and the language on the contact; what is decided in the end."""
    values = describe_result(desk, turn, decision, error=error, new_session=new_session)
    return Decision((await session.execute(STORE_RESULT, values)).scalar_one())


def describe_result(
    desk: Desk,
    turn: OpenTurn,
    decision: Decision,
    *,
    answer: RasaAnswer | None = None,
    error: str | None = None,
    new_session: bool = False,
) -> dict[str, Any]:
    """What RESULT is given."""
    intent = answer.intent if answer else None
    return {
        "turn": turn.id,
        "key": turn.key,
        "contact": turn.held.contact_id,
        "heard": bool(turn.plan.text),  # without words the language is a guess
        "sessions": int(new_session),
        "decision": decision.value,
        "language": turn.plan.language.value,
        "intent": intent.name if intent else None,
        "confidence": intent.confidence if intent else None,
        "open_question": orjson.dumps(answer.open_question).decode() if answer and answer.open_question else None,
        "slots": orjson.dumps(answer.slots).decode() if answer else None,
        "error": error[:500] if error else None,
        "now": desk.now(),
    }
