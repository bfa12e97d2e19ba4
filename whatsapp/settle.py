"""Writes down what came of messages that left: many outcomes in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import OutboxState
from whatsapp.claim import Claimed
from whatsapp.client import Accepted
from whatsapp.errors import Action, SendError, UnknownOutcome, retry_at
from whatsapp.outbox import RING, UNKNOWN_OUTCOME, end_probe, pause_sender, ring_contacts, stop_marketing

STALE = timedelta(days=30)  # WhatsApp gives up on a message after this time, without a word

# Rows are locked in the order of their ids, as everywhere, so that a webhook about the same rows cannot deadlock.
# An acceptance counts even if the row was given up meanwhile; anything else only while the row is still ours.
SETTLE = text(f"""
    WITH news AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:reasons AS text[]), CAST(:codes AS bigint[]),
            CAST(:attempts AS smallint[]), CAST(:due AS timestamptz[]), CAST(:wamids AS text[]),
            CAST(:at AS timestamptz[]), CAST(:outcomes AS text[]), CAST(:statuses AS bigint[]),
            CAST(:details AS text[])) AS n (
                id, state, reason, code, attempts, due_at, wamid, at, outcome, http_status, detail)),
    locked AS MATERIALIZED (
        SELECT id FROM outbox WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE),
    noted AS (
        INSERT INTO attempt (outbox_id, at, outcome, http_status, code, detail)
        SELECT id, at, outcome, http_status, code, detail FROM news JOIN locked USING (id)),
    settled AS (
        UPDATE outbox AS o SET
            state = n.state, reason = n.reason, error_code = n.code, attempts = n.attempts, owner = NULL,
            due_at = coalesce(n.due_at, o.due_at), wamid = coalesce(n.wamid, o.wamid),
            accepted_at = CASE WHEN n.wamid IS NULL THEN o.accepted_at ELSE n.at END,
            failed_at = CASE WHEN n.state = 'failed' THEN n.at END
        FROM news AS n JOIN locked USING (id)
        WHERE o.id = n.id AND (
            o.state IN ('sending', 'unknown') AND o.owner = :worker_id
            OR n.wamid IS NOT NULL AND (
                o.state IN ('queued', 'sending', 'unknown')
                OR o.state = 'failed' AND o.reason = '{UNKNOWN_OUTCOME}')))
    SELECT pg_notify('contact', c::text) FROM unnest(CAST(:contacts AS bigint[])) AS c
""")  # noqa: S608  (a constant of ours)
PACE_PAIRS = text("""
    INSERT INTO lane (contact_id, pair_tat)
    SELECT c.id, n.at + CAST(:step AS interval)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:at AS timestamptz[])) AS n (id, at) JOIN contact AS c ON c.id = n.id
    ORDER BY c.id
    ON CONFLICT (contact_id) DO UPDATE SET
        pair_tat = greatest(lane.pair_tat, excluded.pair_tat - CAST(:step AS interval)) + CAST(:step AS interval)
""")
RELEASE_DEAD = text("""
    WITH lost AS (
        UPDATE outbox SET state = 'unknown' WHERE owner = :worker_id AND state = 'sending' RETURNING id)
    INSERT INTO attempt (outbox_id, at, outcome, detail)
    SELECT id, CAST(:now AS timestamptz), 'unknown', 'the worker died' FROM lost RETURNING outbox_id
""")
# Only time in which a web app was there counts: while all are away, no status can come in and silence means nothing.
RESOLVE_UNKNOWN = text(f"""
    WITH stuck AS MATERIALIZED (
        SELECT o.id, o.kind = 'reply' AND 1 >= (
            SELECT count(*) FROM attempt AS a WHERE a.outbox_id = o.id AND a.outcome = 'unknown') AS again
        FROM outbox AS o
        WHERE o.state = 'unknown' AND o.claimed_at <= CAST(:now AS timestamptz) - CAST(:patience AS interval)
        AND EXISTS (
            SELECT 1 FROM door AS d
            WHERE d.beat_at >= greatest(d.opened_at, o.claimed_at) + CAST(:patience AS interval))
        ORDER BY o.id LIMIT 500 FOR UPDATE SKIP LOCKED)
    UPDATE outbox AS o SET
        owner = NULL, due_at = :now, state = CASE WHEN again THEN 'queued' ELSE 'failed' END,
        reason = CASE WHEN again THEN NULL ELSE '{UNKNOWN_OUTCOME}' END,
        failed_at = CASE WHEN again THEN NULL ELSE CAST(:now AS timestamptz) END
    FROM stuck WHERE o.id = stuck.id RETURNING o.contact_id
""")  # noqa: S608  (a constant of ours)
EXPIRE = text("""
    UPDATE outbox SET state = 'expired', reason = 'not delivered within 30 days' WHERE id = ANY(ARRAY(
        SELECT id FROM outbox
        WHERE state IN ('accepted', 'held_for_quality_assessment', 'sent') AND accepted_at < :before
        LIMIT 10000 FOR UPDATE SKIP LOCKED))
    RETURNING id
""")


@dataclass(frozen=True)
class Outcome:
    """What came of one message. jitter: chance from 0 to 1 that spreads retries."""

    message: Claimed
    at: datetime
    result: Accepted | SendError | UnknownOutcome
    jitter: float = 0


async def settle_outcomes(
    session: AsyncSession, outcomes: Sequence[Outcome], worker_id: int, pair_seconds: float
) -> None:
    """Stores outcomes and everything that follows from them. Every statement commits by itself, which saves waits:

    the outcomes come last, so that after a crash in between all of it is done again, which changes nothing.
    """
    await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    reached = {one.message.contact_id: one.at for one in outcomes if not isinstance(one.result, SendError)}
    if reached:
        values = {"ids": list(reached), "at": list(reached.values()), "step": timedelta(seconds=pair_seconds)}
        await session.execute(PACE_PAIRS, values)
    await _note_effects(session, outcomes)
    rows = [_read_outcome(one) for one in outcomes]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    contacts = sorted({one.message.contact_id for one in outcomes})
    await session.execute(SETTLE, columns | {"worker_id": worker_id, "contacts": contacts})


def _read_outcome(outcome: Outcome) -> dict[str, Any]:
    """The new values of the outbox row and of its attempt row."""
    message, result, at = outcome.message, outcome.result, outcome.at
    row: dict[str, Any] = {
        "ids": message.id,
        "at": at,
        "attempts": message.attempts,
        "reasons": None,
        "codes": None,
        "due": None,
        "wamids": None,
        "statuses": None,
        "details": None,
    }
    if isinstance(result, Accepted):
        held = result.message_status == OutboxState.HELD
        state = OutboxState.HELD if held else OutboxState.ACCEPTED
        return row | {"states": state, "wamids": result.wamid, "outcomes": "accepted", "statuses": 200}
    if isinstance(result, UnknownOutcome):
        return row | {"states": OutboxState.UNKNOWN, "outcomes": "unknown", "details": str(result)}
    due_at = retry_at(result.policy, message.attempts, at, outcome.jitter)
    waits = result.action in (Action.SLOW, Action.PAUSE)
    return row | {
        "states": OutboxState.QUEUED if due_at else OutboxState.FAILED,
        "attempts": message.attempts + (not waits),
        "reasons": result.policy.reason,
        "codes": result.code,
        "due": due_at,
        "outcomes": "error",
        "statuses": result.http_status,
        "details": result.detail,
    }


async def _note_effects(session: AsyncSession, outcomes: Sequence[Outcome]) -> None:
    """What outcomes mean beyond their message: a probe ends a pause, an error lets the number rest, marketing stops."""
    seen = set()
    for one in outcomes:
        number, result = one.message.phone_number_id, one.result
        if one.message.probing and not isinstance(result, UnknownOutcome):
            await end_probe(session, number, passed=_passed(result))
        if not isinstance(result, SendError):
            continue
        if (number, result.policy) not in seen:
            seen.add((number, result.policy))
            await pause_sender(session, number, result.code, result.policy, one.at)
        if result.action is Action.STOP_MARKETING and result.code is not None:
            await stop_marketing(session, one.message.id, result.code, one.at)


def _passed(result: Accepted | SendError) -> bool:
    """Whether the number can send: the message was accepted, or refused for a reason of its own."""
    return isinstance(result, Accepted) or result.action not in (Action.SLOW, Action.PAUSE, Action.RETRY)


async def release_dead(session: AsyncSession, worker_id: int, now: datetime) -> int:
    """What a dead worker was sending becomes unknown; how many messages. The caller commits."""
    return len((await session.execute(RELEASE_DEAD, {"worker_id": worker_id, "now": now})).all())


async def resolve_unknown(session: AsyncSession, now: datetime, patience_seconds: float) -> int:
    """Messages no status spoke for in this time, in which it could: answers leave again, paid templates fail."""
    values = {"now": now, "patience": timedelta(seconds=patience_seconds)}
    contacts = (await session.execute(RESOLVE_UNKNOWN, values)).scalars().all()
    if contacts:
        await session.execute(RING)
        await ring_contacts(session, set(contacts))
    return len(contacts)


async def expire_stale(session: AsyncSession, now: datetime) -> int:
    """Accepted messages never delivered within 30 days expire, 10,000 at a time; how many. Reads the whole outbox."""
    return len((await session.execute(EXPIRE, {"before": now - STALE})).all())
