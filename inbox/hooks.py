"""Tells another desk of handoffs and their messages: signed calls, kept in a table until it took them.

Found from what is stored, not told by who stores it: a change cannot be lost, and without a desk nothing is written.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from core.settings import Settings
from whatsapp.signature import sign_body

log = logging.getLogger(__name__)

DESK = "webhook"
BACK = timedelta(days=1)  # how far behind a desk that is connected, or was away, is told
MOST_ATTEMPTS = 12
ERASED = "contact.erased"  # told until it is heard, however often it failed
LEASE = timedelta(minutes=5)  # longer than all calls of one claim can take
TIMEOUT = 10.0  # seconds

COLLECT = text("""
    INSERT INTO hook_call (contact_id, desk, kind, key, body, due_at, created_at)
    SELECT contact_id, CAST(:desk AS text), kind, key, body, :now, :now FROM (
        SELECT g.contact_id, CASE WHEN g.state_before IS NULL THEN 'handoff.opened'
                   WHEN g.state = 'closed' THEN 'handoff.closed' ELSE 'handoff.changed' END AS kind,
               'change:' || g.id AS key, g.at,
               jsonb_build_object('handoff', h.id, 'contact', c.token, 'name', c.name, 'phone', c.phone,
                   'language', c.language, 'reason', h.reason, 'from', g.state_before, 'to', g.state, 'why', g.why,
                   'agent', a.email, 'at', g.at) AS body
        FROM handoff_change g JOIN handoff h ON h.id = g.handoff_id JOIN contact c ON c.id = g.contact_id
        LEFT JOIN account a ON a.id = g.assigned_to WHERE g.at > :since
        UNION ALL
        SELECT m.contact_id, 'message.received', 'message:' || m.id, m.received_at,
               jsonb_build_object('handoff', h.id, 'contact', c.token, 'message', m.wamid, 'kind', m.kind,
                   'text', m.text, 'at', m.sent_at)
        FROM handoff h JOIN message m ON m.contact_id = h.contact_id AND m.sent_at > :since
            AND m.received_at >= h.opened_at AND (h.closed_at IS NULL OR m.received_at < h.closed_at)
        JOIN contact c ON c.id = h.contact_id WHERE h.closed_at IS NULL OR h.closed_at > :since
        UNION ALL
        SELECT o.contact_id, 'message.sent', 'outbox:' || o.id, o.created_at,
               jsonb_build_object('handoff', h.id, 'contact', c.token, 'message', o.id, 'kind', o.kind,
                   'text', o.text, 'at', o.created_at)
        FROM handoff h JOIN outbox o ON o.contact_id = h.contact_id AND o.created_at > :since
            AND o.created_at >= h.opened_at AND (h.closed_at IS NULL OR o.created_at <= h.closed_at)
        JOIN contact c ON c.id = h.contact_id WHERE h.closed_at IS NULL OR h.closed_at > :since
    ) AS news WHERE NOT EXISTS (SELECT 1 FROM hook_call k WHERE k.desk = :desk AND k.key = news.key)
    ORDER BY at ON CONFLICT (desk, key) DO NOTHING
""")
# Claimed by moving its time: a worker that dies with it leaves it to the next.
CLAIM = text("""
    UPDATE hook_call SET due_at = :again, attempts = attempts + 1 WHERE id = ANY(ARRAY(
        SELECT k.id FROM hook_call k WHERE k.desk = :desk AND k.due_at <= :now AND NOT (:in_order AND EXISTS (
            SELECT 1 FROM hook_call e
            WHERE e.desk = k.desk AND e.contact_id = k.contact_id AND e.due_at IS NOT NULL AND e.id < k.id))
        ORDER BY k.due_at, k.id LIMIT 20 FOR UPDATE SKIP LOCKED))
    RETURNING id, kind, key, body, attempts, created_at
""")
TOLD = text("UPDATE hook_call SET due_at = NULL, told_at = :now, error = NULL WHERE id = :id")
FAILED = text("UPDATE hook_call SET due_at = :again, error = :error WHERE id = :id")
FORGET = text("DELETE FROM hook_call WHERE due_at IS NULL AND created_at < :before")


async def tell_desk(sessions: Sessions, settings: Settings, client: httpx.AsyncClient, now: datetime) -> int:
    """Collects what is new and tells it in order; how many calls the desk took."""
    if not settings.desk_webhook_url:
        return 0
    async with sessions.begin() as session:
        await collect_news(session, DESK, now)
    async with sessions.begin() as session:
        rows = await claim_news(session, DESK, now)
    told = 0
    for row in rows:
        event = {"id": row.key, "event": row.kind, "data": row.body}
        error = await post_event(settings, client, event)
        async with sessions.begin() as session:
            if error is None:
                await note_told(session, row.id, now)
                told += 1
            else:
                log.warning("the other desk did not take %s: %s", row.key, error)
                await note_failed(session, row, error, now)
    return told


async def collect_news(session: AsyncSession, desk: str, now: datetime) -> None:
    """Writes down what a desk was not told of yet, and forgets what it was told of long ago."""
    await session.execute(FORGET, {"before": now - 30 * BACK})
    await session.execute(COLLECT, {"desk": desk, "now": now, "since": now - BACK})


async def claim_news(session: AsyncSession, desk: str, now: datetime, in_order: bool = False) -> list[Row[Any]]:
    """What is to be told now, oldest first. in_order: of each contact only the first thing that is not told yet."""
    values = {"desk": desk, "now": now, "again": now + LEASE, "in_order": in_order}
    return sorted((await session.execute(CLAIM, values)).all(), key=lambda one: one.id)


async def note_told(session: AsyncSession, call_id: int, now: datetime) -> None:
    await session.execute(TOLD, {"id": call_id, "now": now})


async def note_failed(session: AsyncSession, row: Row[Any], error: str, now: datetime) -> None:
    """It is told again later, the later the more often it failed, and given up in the end unless someone was erased."""
    again = None if row.attempts >= MOST_ATTEMPTS and row.kind != ERASED else now + wait_after(row.attempts)
    await session.execute(FAILED, {"id": row.id, "again": again, "error": error[:300]})


async def post_event(settings: Settings, client: httpx.AsyncClient, event: dict[str, object]) -> str | None:
    """Posts one event with its signature; None if the desk took it, else why not."""
    body = orjson.dumps(event)
    secret = settings.desk_webhook_secret.get_secret_value()
    headers = {"Content-Type": "application/json", "X-Pronto-Signature-256": sign_body(secret, body)}
    try:
        answer = await client.post(settings.desk_webhook_url, content=body, headers=headers, timeout=TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{type(error).__name__}: {error}"
    return None if answer.is_success else f"HTTP {answer.status_code}"


def wait_after(attempts: int) -> timedelta:
    """10 seconds, then twice as long each time, an hour at most."""
    return min(timedelta(seconds=10 * 2 ** min(attempts - 1, 20)), timedelta(hours=1))
