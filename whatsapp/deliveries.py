"""What WhatsApp reports about messages we sent: kept once each, and the message only moves forward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text

from core.direct import Executes
from core.types import Delivery, DeliveryStatus, OutboxState
from whatsapp.errors import Action, find_policy
from whatsapp.outbox import UNKNOWN_OUTCOME, pause_sender, stop_marketing

RANK = {
    OutboxState.ACCEPTED: 1,
    OutboxState.HELD: 1,
    OutboxState.SENT: 2,
    OutboxState.DELIVERED: 3,
    OutboxState.READ: 4,
}  # every other state: 0, a status proves that the message left after all
STATES = {
    DeliveryStatus.SENT: OutboxState.SENT,
    DeliveryStatus.DELIVERED: OutboxState.DELIVERED,
    DeliveryStatus.READ: OutboxState.READ,
    DeliveryStatus.PLAYED: OutboxState.READ,
    DeliveryStatus.FAILED: OutboxState.FAILED,
}

# Locked in the order of the ids, as everywhere, so that two webhooks and a worker cannot deadlock. The ids are an
# array: of `IN (... UNION ALL ...)` PostgreSQL drops rows whose lock it had to wait for.
FIND = text("""
    SELECT id, contact_id, phone_number_id, wamid, callback, state, reason FROM outbox
    WHERE id = ANY(ARRAY(
        SELECT id FROM outbox WHERE wamid = ANY(CAST(:wamids AS text[]))
        UNION ALL SELECT id FROM outbox WHERE callback = ANY(CAST(:callbacks AS text[]))))
    ORDER BY id FOR UPDATE
""")
KEEP = text("""
    INSERT INTO delivery_report (wamid, status, callback, outbox_id, at, received_at, pricing, errors)
    SELECT n.wamid, n.status, n.callback, n.outbox_id, n.at, CAST(:now AS timestamptz), n.pricing, n.errors
    FROM json_to_recordset(CAST(:rows AS json)) AS n (
        wamid text, status text, callback text, outbox_id bigint, at timestamptz, pricing jsonb, errors jsonb)
    ORDER BY n.wamid, n.status
    ON CONFLICT (wamid, status) DO NOTHING RETURNING wamid, status
""")
# Moves the messages and tells live pages; all but "sent" concerns the score. Contacts after messages, in id order too.
MOVE = text("""
    WITH news AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS n (
            id bigint, contact_id bigint, changed boolean, state text, reason text, code bigint, wamid text,
            pricing jsonb, sent_at timestamptz, delivered_at timestamptz, read_at timestamptz, failed_at timestamptz,
            scores boolean)),
    moved AS (
        UPDATE outbox AS o SET
            state = n.state, wamid = coalesce(o.wamid, n.wamid),
            reason = CASE WHEN n.changed THEN n.reason ELSE o.reason END,
            error_code = CASE WHEN n.changed THEN n.code ELSE o.error_code END,
            failed_at = CASE WHEN n.changed THEN n.failed_at ELSE o.failed_at END,
            pricing = coalesce(n.pricing, o.pricing),
            accepted_at = coalesce(o.accepted_at, n.sent_at, n.failed_at),
            sent_at = least(o.sent_at, n.sent_at), delivered_at = least(o.delivered_at, n.delivered_at),
            read_at = least(o.read_at, n.read_at)
        FROM news AS n WHERE o.id = n.id),
    locked AS MATERIALIZED (
        SELECT id FROM contact WHERE id = ANY(ARRAY(SELECT contact_id FROM news WHERE scores))
        ORDER BY id FOR NO KEY UPDATE),
    marked AS (UPDATE contact AS c SET score_stale_at = :now FROM locked WHERE c.id = locked.id)
    SELECT pg_notify('contact', CAST(contact_id AS text)) FROM news
""")


def advance_state(state: OutboxState, status: DeliveryStatus) -> OutboxState:
    """The state after this status: forward only. A failure is final, and after a delivery it is not believed."""
    target, rank = STATES[status], RANK.get(state, 0)
    if state is OutboxState.FAILED:
        return state
    if target is OutboxState.FAILED:
        return state if rank >= RANK[OutboxState.DELIVERED] else target
    return target if RANK[target] > rank else state


async def store_deliveries(session: Executes, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Keeps each (message, status) once and moves the messages on, in the caller's transaction.

    A status finds its message by WhatsApp's id or by our callback, so also before our request got its answer.
    """
    if not deliveries:
        return
    unique = {(one.wamid, one.status): one for one in deliveries}
    callbacks = sorted({one.callback for one in deliveries if one.callback})
    found = await session.execute(FIND, {"wamids": sorted({wamid for wamid, _ in unique}), "callbacks": callbacks})
    rows = found.all()
    owners = {row.callback: row for row in rows} | {row.wamid: row for row in rows if row.wamid}
    matched = {key: owners.get(one.wamid) or owners.get(one.callback or "") for key, one in unique.items()}
    fresh = await _keep_new(session, unique, matched, now)
    news: dict[int, list[Delivery]] = defaultdict(list)
    for key in fresh:
        row = matched[key]
        if row is not None and _speaks_for(unique[key], row):
            news[row.id].append(unique[key])
    if news:
        moved = [row for row in rows if row.id in news]
        await _note_failures(session, moved, news)
        changes = [_sum_up(row, news[row.id]) for row in moved]
        await session.execute(MOVE, {"rows": orjson.dumps(changes).decode(), "now": now})


def _speaks_for(delivery: Delivery, row: Row[Any]) -> bool:
    """An answer sent twice has two ids: only a failure of the one we know counts, a delivery of either does."""
    return delivery.status is not DeliveryStatus.FAILED or row.wamid in (None, delivery.wamid)


async def _keep_new(
    session: Executes,
    unique: dict[tuple[str, DeliveryStatus], Delivery],
    matched: dict[tuple[str, DeliveryStatus], Row[Any] | None],
    now: datetime,
) -> list[tuple[str, DeliveryStatus]]:
    """Inserts the reports; which of them were not there before."""
    rows = [
        {
            "wamid": one.wamid,
            "status": one.status,
            "callback": one.callback,
            "outbox_id": row.id if row is not None else None,
            "at": one.at,
            "pricing": one.pricing,
            "errors": one.errors,
        }
        for one, row in zip(unique.values(), matched.values(), strict=True)
    ]
    kept = await session.execute(KEEP, {"rows": orjson.dumps(rows).decode(), "now": now})
    return [(row.wamid, DeliveryStatus(row.status)) for row in kept]


def _sum_up(row: Row[Any], deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """The new values of one message after these statuses, in whatever order they came."""
    before = state = _read_state(row)
    for one in sorted(deliveries, key=lambda one: one.at):
        state = advance_state(state, one.status)
    failure = _find_failure(deliveries) if state is OutboxState.FAILED is not before else None
    code = _read_code(failure) if failure else None
    steps = [(RANK.get(STATES[one.status], 0), one.at) for one in deliveries]
    return {
        "id": row.id,
        "contact_id": row.contact_id,
        "changed": state is not before,
        "state": state if state is not before else row.state,
        "reason": find_policy(code).reason if failure else None,
        "code": code,
        "wamid": row.wamid or deliveries[0].wamid,
        "pricing": next((one.pricing for one in deliveries if one.pricing), None),
        # Who read a message has it, and what arrived was sent: a later step stands in for one that was not reported.
        "sent_at": min((at for rank, at in steps if rank >= RANK[OutboxState.SENT]), default=None),
        "delivered_at": min((at for rank, at in steps if rank >= RANK[OutboxState.DELIVERED]), default=None),
        "read_at": min((at for rank, at in steps if rank >= RANK[OutboxState.READ]), default=None),
        "failed_at": failure.at if failure else None,
        "scores": any(one.status is not DeliveryStatus.SENT for one in deliveries),
    }


def _read_state(row: Row[Any]) -> OutboxState:
    """A failure that only means "we never heard" is no more than unknown: WhatsApp may still speak."""
    state = OutboxState(row.state)
    return OutboxState.UNKNOWN if state is OutboxState.FAILED and row.reason == UNKNOWN_OUTCOME else state


async def _note_failures(session: Executes, rows: Sequence[Row[Any]], news: dict[int, list[Delivery]]) -> None:
    """A failure told later means for number and customer what the same error means at once."""
    seen = set()
    for row in rows:
        failure = _find_failure(news[row.id])
        code = _read_code(failure) if failure else None
        if failure is None or code is None:
            continue
        policy = find_policy(code)
        if (row.phone_number_id, code) not in seen:
            seen.add((row.phone_number_id, code))
            await pause_sender(session, row.phone_number_id, code, policy, failure.at)
        if policy.action is Action.STOP_MARKETING:
            await stop_marketing(session, row.id, code, failure.at)


def _find_failure(deliveries: Sequence[Delivery]) -> Delivery | None:
    return next((one for one in deliveries if one.status is DeliveryStatus.FAILED), None)


def _read_code(failure: Delivery) -> int | None:
    code = failure.errors[0].get("code") if failure.errors else None
    return code if isinstance(code, int) else None
