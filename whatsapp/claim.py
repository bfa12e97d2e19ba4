"""Takes messages that may leave now, one per customer, and marks them before they leave.

Order per customer: only the oldest message that is not settled can be claimed. Pace: the `sender` row is locked while
claiming, so that all workers together keep to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from core.direct import Executes
from core.settings import Settings
from core.types import OutboundKind, Preference, Purpose
from whatsapp.gate import Hold, Recipient, decide_send
from whatsapp.outbox import ring_contacts
from whatsapp.pacing import advance_tat, next_slot, size_burst, take_slots

SENDERS = text("""
    SELECT phone_number_id, tat, pause_reason FROM sender AS s
    WHERE (paused_until IS NULL OR paused_until <= :now) AND EXISTS (
        SELECT 1 FROM outbox AS o
        WHERE o.phone_number_id = s.phone_number_id AND o.state = 'queued' AND o.due_at <= :now)
    ORDER BY phone_number_id FOR UPDATE
""")
FREE_SENDERS = text(f"{SENDERS.text} SKIP LOCKED")
PICK = text("""
    WITH picked AS MATERIALIZED (
        SELECT o.id, o.contact_id, o.phone_number_id, o.kind, o.purpose, o.body, o.callback, o.attempts, o.due_at,
               o.leave_before
        FROM outbox AS o
        WHERE o.phone_number_id = :phone_number_id AND o.state = 'queued' AND o.due_at <= :now AND NOT EXISTS (
            SELECT 1 FROM outbox AS e
            WHERE e.contact_id = o.contact_id AND e.state IN ('queued', 'sending', 'unknown') AND e.id < o.id)
        ORDER BY o.due_at, o.id LIMIT :wanted FOR UPDATE OF o SKIP LOCKED)
    SELECT p.*, c.phone, c.user_id, c.last_inbound_at, c.erased_at IS NOT NULL AS erased, l.pair_tat,
           CASE WHEN p.kind = 'template' THEN (
               SELECT given FROM consent WHERE contact_id = p.contact_id AND purpose = p.purpose
               ORDER BY at DESC, id DESC LIMIT 1) END AS consent,
           CASE WHEN p.kind = 'template' THEN (
               SELECT value FROM platform_preference WHERE contact_id = p.contact_id
               ORDER BY at DESC, id DESC LIMIT 1) END AS preference,
           CASE WHEN p.kind = 'template' THEN (
               SELECT max(failed_at) FROM outbox WHERE contact_id = p.contact_id AND error_code = 131049
               ) END AS refused_at
    FROM picked AS p JOIN contact AS c ON c.id = p.contact_id LEFT JOIN lane AS l ON l.contact_id = p.contact_id
    ORDER BY p.due_at, p.id
""")
# While one message tries whether a pause is over, the number rests on: until the answer, or for PROBE_PATIENCE.
MARK_SENDING = text("""
    WITH advanced AS (
        UPDATE sender SET tat = :tat, paused_until = CASE WHEN pause_reason IS NOT NULL THEN :probed_until END
        WHERE phone_number_id = :phone_number_id)
    UPDATE outbox SET state = 'sending', owner = :worker_id, claimed_at = :now WHERE id = ANY(CAST(:ids AS bigint[]))
""")
PROBE_PATIENCE = timedelta(seconds=30)
PUT_OFF = text("""
    UPDATE outbox AS o SET due_at = n.due_at
    FROM unnest(CAST(:ids AS bigint[]), CAST(:due AS timestamptz[])) AS n (id, due_at) WHERE o.id = n.id
""")
BLOCK = text("""
    UPDATE outbox AS o SET state = 'blocked', reason = n.reason
    FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS n (id, reason) WHERE o.id = n.id
""")


@dataclass(frozen=True)
class Claimed:
    """A message marked as sending. body is the whole request. probing: it tries whether a pause is over."""

    id: int
    contact_id: int
    phone_number_id: str
    body: dict[str, Any]
    attempts: int
    probing: bool


@dataclass(frozen=True)
class Claim:
    """What one claim did: messages to send now, and how many others it put off or blocked."""

    ready: list[Claimed]
    others: int


async def claim_messages(
    session: Executes, settings: Settings, worker_id: int, limit: int, now: datetime, *, wait: bool = True
) -> Claim:
    """Claims up to `limit` messages over all numbers; the caller commits before sending.

    wait: for another worker that is claiming from the same number; otherwise that number is left out.
    """
    ready: list[Claimed] = []
    others = 0
    step, burst = timedelta(seconds=1 / settings.send_rate), size_burst(settings.send_rate)
    for sender in (await session.execute(SENDERS if wait else FREE_SENDERS, {"now": now})).all():
        wanted = 1 if sender.pause_reason and limit > len(ready) else limit - len(ready)
        slots = take_slots(sender.tat, now, step, burst, wanted)
        if not slots:
            continue
        values = {"phone_number_id": sender.phone_number_id, "now": now}
        rows = (await session.execute(PICK, values | {"wanted": slots})).all()
        leaving = await _hold_others(session, settings, rows, now)
        others += len(rows) - len(leaving)
        ready += [_complete(row, probing=bool(sender.pause_reason)) for row in leaving]
        if leaving:
            values |= {"ids": [row.id for row in leaving], "worker_id": worker_id}
            values |= {"tat": advance_tat(sender.tat, now, step, len(leaving)), "probed_until": now + PROBE_PATIENCE}
            await session.execute(MARK_SENDING, values)
    return Claim(ready, others)


async def _hold_others(
    session: Executes, settings: Settings, rows: Sequence[Row[Any]], now: datetime
) -> list[Row[Any]]:
    """The rows that may leave now; blocks what the gate refuses and puts off what comes too soon for its receiver."""
    leaving, blocked, early = [], [], []
    step = timedelta(seconds=settings.pair_seconds)
    for row in rows:
        decision = decide_send(OutboundKind(row.kind), Purpose(row.purpose), _describe(row), now)
        due_at = next_slot(row.pair_tat, now, step, settings.pair_burst)
        if isinstance(decision, Hold):
            blocked.append((row, decision.reason))
        elif due_at > now:
            early.append((row, due_at))
        else:
            leaving.append(row)
    if blocked:
        values = {"ids": [row.id for row, _ in blocked], "reasons": [reason for _, reason in blocked]}
        await session.execute(BLOCK, values)
        await ring_contacts(session, {row.contact_id for row, _ in blocked})
    if early:
        await session.execute(PUT_OFF, {"ids": [row.id for row, _ in early], "due": [due for _, due in early]})
    return leaving


def _describe(row: Row[Any]) -> Recipient:
    return Recipient(
        phone=row.phone,
        user_id=row.user_id,
        last_inbound_at=row.last_inbound_at,
        erased=row.erased,
        consent=row.consent,
        preference=Preference(row.preference) if row.preference else None,
        refused_at=row.refused_at,
        leave_before=row.leave_before,
    )


def _complete(row: Row[Any], *, probing: bool) -> Claimed:
    """The request body with its receiver, a phone number before a user id, and the word every status echoes."""
    receiver = {"to": row.phone} if row.phone else {"recipient": row.user_id}
    body = {**row.body, **receiver, "biz_opaque_callback_data": row.callback}
    return Claimed(row.id, row.contact_id, row.phone_number_id, body, row.attempts, probing)
