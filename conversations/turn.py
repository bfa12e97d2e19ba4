"""One turn: claim, ask Rasa with no transaction open, then store result and reply and give the lane back in one.

A crash anywhere leaves an unfinished turn row. It is redone with the same messages and the same question, to which Rasa
repeats its answer; the reply's key lets it be queued only once.
"""

from __future__ import annotations

import contextlib
import logging

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.afterwards import look_back, note_rating
from conversations.answer import merge_messages
from conversations.compose import OpenTurn, claim_turns
from conversations.desk import Desk, show_interest
from conversations.ending import finish_turn, give_up, opened_handoff, retry_turn, stop_messages, store_result
from conversations.lanes import LaneLost, release_lane, wake_lanes
from conversations.rasa import RasaDown
from conversations.stop_words import STOP_PAYLOADS, wants_stop
from core.direct import begin_direct
from core.types import Decision

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 4  # questions Rasa took and gave nothing usable for, before a person is asked

WAITING = text(
    "SELECT text, reply_id FROM message WHERE contact_id = :contact AND turn_id IS NULL ORDER BY sent_at, id"
)


async def handle_next_turn(desk: Desk) -> bool:
    """Does one turn if any contact waits, and tells whether there was one."""
    turns = await claim_batch(desk, 1)
    for turn in turns:
        await handle_turn(desk, turn)
    return bool(turns)


async def claim_batch(desk: Desk, limit: int) -> list[OpenTurn]:
    """Claims and composes up to `limit` turns."""
    async with begin_direct(desk.sessions) as session:
        return await claim_turns(session, desk.settings, desk.worker_id, desk.now(), limit)


async def handle_turn(desk: Desk, turn: OpenTurn) -> bool:
    """Does a claimed turn to its end, or puts it off; tells whether the contact's lane is to be claimed again."""
    try:
        match turn.plan.decision:
            case Decision.STOP:
                return await stop_messages(desk, turn)
            case Decision.RATED:
                return await note_rating(desk, turn)
            case Decision.ASK_RASA if turn.attempts >= MAX_ATTEMPTS:
                return await give_up(desk, turn, "gave up after too many attempts")
            case Decision.ASK_RASA:
                return await ask_rasa(desk, turn)
            case decision:
                return await finish_turn(desk, turn, decision)
    except LaneLost as lost:
        log.info("turn %s is someone else's now: %s", turn.id, lost)
        return False


async def ask_rasa(desk: Desk, turn: OpenTurn) -> bool:
    """Asks Rasa and answers the customer with what it says."""
    try:
        with contextlib.nullcontext() if turn.redo else show_interest(desk, turn):
            answer = await desk.rasa.ask(
                sender=turn.sender,
                message_id=turn.key,
                text=turn.plan.text,
                language=turn.plan.language,
                proposal=turn.proposal,
                kinds=[message.kind.value for message in turn.messages],
            )
    except RasaDown as error:
        return await wait_for_rasa(desk, turn, str(error))
    if decision := await look_back(desk, turn, answer):
        return await finish_turn(desk, turn, decision, answer=answer)
    reply = merge_messages(answer.messages)
    if reply is None and not await opened_handoff(desk, turn):
        # An action failed: Rasa says nothing then. Asked again it may work, a person helps if not.
        if turn.attempts + 1 < MAX_ATTEMPTS:
            return await retry_turn(desk, turn, "Rasa answered nothing", attempts=1)
        return await give_up(desk, turn, "Rasa answered nothing")
    try:
        return await finish_turn(desk, turn, Decision.ASK_RASA, reply, answer)
    except ValueError as error:
        return await give_up(desk, turn, f"the answer cannot be sent: {error}")


async def wait_for_rasa(desk: Desk, turn: OpenTurn, error: str) -> bool:
    """Rasa is down: ask again later, within the customer's patience. A stop word does not wait for Rasa."""
    waited = (desk.now() - turn.started_at).total_seconds()
    if waited >= desk.settings.rasa_patience_seconds:
        return await give_up(desk, turn, error)
    async with desk.sessions.begin() as session:
        if await stop_waits(session, turn.held.contact_id):
            await release_lane(session, turn.held)
            await wake_lanes(session, [turn.held.contact_id], desk.now())
            await store_result(session, desk, turn, Decision.RASA_DOWN, error=error)
            return True
    log.warning("turn %s waits for Rasa: %s", turn.id, error)
    return await retry_turn(desk, turn, error)


async def stop_waits(session: AsyncSession, contact_id: int) -> bool:
    """Whether among the messages after this turn the customer says stop."""
    rows = (await session.execute(WAITING, {"contact": contact_id})).all()
    return wants_stop([row.text for row in rows if row.text]) or any(row.reply_id in STOP_PAYLOADS for row in rows)
