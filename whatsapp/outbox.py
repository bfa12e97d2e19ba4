"""What is to be sent, queued in the caller's transaction: a message leaves only after that commit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import text

from core.db import RING_CONTACTS
from core.direct import Executes
from core.types import Language, Option, Outbound, Preference, Purpose, Template
from whatsapp.errors import BY_HAND, ErrorPolicy, pause_until
from whatsapp.payload import build_payloads, build_template

log = logging.getLogger(__name__)

UNKNOWN_OUTCOME = "unknown outcome"  # the reason of a failed message that may have been delivered after all

QUEUE_REPLY = text("""
    WITH made_sender AS (
        INSERT INTO sender (phone_number_id) VALUES (CAST(:phone_number_id AS text)) ON CONFLICT DO NOTHING),
    queued AS (
    INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, options, proposal,
                        turn_id, state, due_at, created_at)
    SELECT CAST(:contact_id AS bigint), CAST(:phone_number_id AS text), n.key, CAST(gen_random_uuid() AS text),
           'reply', 'service', CAST(n.body AS jsonb), n.text, CAST(n.options AS jsonb), n.proposal,
           CAST(:turn_id AS bigint), 'queued', CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(CAST(:keys AS text[]), CAST(:bodies AS text[]), CAST(:texts AS text[]), CAST(:options AS text[]),
                CAST(:proposals AS text[])) WITH ORDINALITY AS n (key, body, text, options, proposal, position)
    ORDER BY n.position
    ON CONFLICT (key) DO NOTHING RETURNING id)
    SELECT id, pg_notify('outbox', '') FROM queued
""")
QUEUE_TEMPLATES = text("""
    WITH made_sender AS (
        INSERT INTO sender (phone_number_id) VALUES (CAST(:phone_number_id AS text)) ON CONFLICT DO NOTHING),
    queued AS (
    INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, options, proposal,
                        state, due_at, leave_before, created_at)
    SELECT n.contact_id, CAST(:phone_number_id AS text), n.key, CAST(gen_random_uuid() AS text), 'template', n.purpose,
           n.body, n.text, n.options, n.proposal, 'queued', CAST(:now AS timestamptz), n.leave_before,
           CAST(:now AS timestamptz)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (contact_id bigint, key text, purpose text, body jsonb,
         text text, options jsonb, proposal text, leave_before timestamptz, position bigint)
    ORDER BY n.position
    ON CONFLICT (key) DO NOTHING RETURNING id, key)
    SELECT id, key, pg_notify('outbox', '') FROM queued
""")
CANCEL = text("""
    UPDATE outbox SET state = 'cancelled', reason = :reason
    WHERE contact_id = :contact_id AND state = 'queued' AND purpose = ANY(CAST(:purposes AS text[])) RETURNING id
""")
RING = text("SELECT pg_notify('outbox', '')")
PAUSE = text("""
    UPDATE sender SET paused_until = :until, pause_reason = :reason
    WHERE phone_number_id = :phone_number_id AND (paused_until IS NULL OR paused_until < :until)
""")
RESUME = text("UPDATE sender SET paused_until = NULL, pause_reason = NULL WHERE phone_number_id = :phone_number_id")
END_PROBE = text("""
    UPDATE sender SET paused_until = NULL, pause_reason = CASE WHEN :passed THEN NULL ELSE pause_reason END
    WHERE phone_number_id = :phone_number_id AND paused_until < :by_hand
""")
STOP_MARKETING = text("""
    INSERT INTO platform_preference (contact_id, value, at, payload)
    SELECT contact_id, :value, :at, CAST(:payload AS jsonb) FROM outbox WHERE id = :outbox_id ON CONFLICT DO NOTHING
""")


async def queue_reply(
    session: Executes,
    *,
    contact_id: int,
    phone_number_id: str,
    key: str,
    message: Outbound,
    language: Language,
    now: datetime,
    turn_id: int | None = None,
    proposal: str | None = None,
) -> list[int]:
    """Queues an answer; the ids of its rows, none if the key was queued before. ValueError: it cannot be said."""
    payloads = build_payloads(message, language)
    if not payloads:
        return []
    values = {
        "contact_id": contact_id,
        "phone_number_id": phone_number_id,
        "turn_id": turn_id,
        "now": now,
        "keys": [f"{key}:{position}" for position in range(len(payloads))],
        "bodies": [orjson.dumps(payload.body).decode() for payload in payloads],
        "texts": [payload.text for payload in payloads],
        "options": [orjson.dumps(list_options(payload.options)).decode() for payload in payloads],
        "proposals": [None] * (len(payloads) - 1) + [proposal],
    }
    return list((await session.execute(QUEUE_REPLY, values)).scalars())


@dataclass(frozen=True)
class Opening:
    """An approved message that may open a conversation. leave_before: later it must not leave any more."""

    contact_id: int
    key: str
    template: Template
    text: str
    options: Sequence[Option]
    purpose: Purpose
    proposal: str | None = None
    leave_before: datetime | None = None


async def queue_templates(
    session: Executes, phone_number_id: str, openings: Sequence[Opening], now: datetime
) -> dict[str, int]:
    """Queues many at once; key to the id of its row, without those that were queued before. ValueError: as built."""
    if not openings:
        return {}
    rows = [
        {
            "position": position,
            "contact_id": one.contact_id,
            "key": one.key,
            "purpose": one.purpose.value,
            "body": build_template(one.template),
            "text": one.text,
            "options": list_options(one.options),
            "proposal": one.proposal,
            "leave_before": one.leave_before,
        }
        for position, one in enumerate(openings)
    ]  # one JSON text: lists of texts cost psycopg several times as much
    columns = {"phone_number_id": phone_number_id, "now": now, "rows": orjson.dumps(rows).decode()}
    return {row.key: row.id for row in await session.execute(QUEUE_TEMPLATES, columns)}


def list_options(options: Sequence[Option]) -> list[dict[str, str]]:
    """Answers offered with a message, as its row keeps them."""
    return [{"id": option.id, "title": option.title} for option in options]


async def cancel_queued(session: Executes, contact_id: int, reason: str, *purposes: Purpose) -> int:
    """Withdraws what has not left yet, of all purposes if none is named; how many messages."""
    named = [purpose.value for purpose in purposes or Purpose]
    rows = await session.execute(CANCEL, {"contact_id": contact_id, "reason": reason, "purposes": named})
    return len(rows.all())


async def resume_sender(session: Executes, phone_number_id: str) -> None:
    """Ends a pause by hand."""
    await session.execute(RESUME, {"phone_number_id": phone_number_id})
    await session.execute(RING)


async def end_probe(session: Executes, phone_number_id: str, *, passed: bool) -> None:
    """The message that tried whether a pause is over has an answer; a pause to be ended by hand stays."""
    values = {"phone_number_id": phone_number_id, "passed": passed, "by_hand": BY_HAND}
    await session.execute(END_PROBE, values)


async def pause_sender(
    session: Executes, phone_number_id: str, code: int | None, policy: ErrorPolicy, now: datetime
) -> None:
    """Lets the number rest if the error asks for it; a longer pause already there stays."""
    until = pause_until(policy, now)
    if until:
        reason = policy.reason if code is None else f"{policy.reason} ({code})"
        await session.execute(PAUSE, {"phone_number_id": phone_number_id, "until": until, "reason": reason})
    if policy.alert:
        log.error("number %s: error %s: %s", phone_number_id, code, policy.reason)


async def stop_marketing(session: Executes, outbox_id: int, code: int, at: datetime) -> None:
    """Notes that this message's receiver switched marketing off in WhatsApp; only a resume lifts it."""
    payload = orjson.dumps({"error": code}).decode()
    values = {"outbox_id": outbox_id, "value": Preference.STOP, "at": at, "payload": payload}
    await session.execute(STOP_MARKETING, values)


async def ring_contacts(session: Executes, contact_ids: set[int]) -> None:
    """Tells live pages that something about these contacts changed."""
    await session.execute(RING_CONTACTS, {"ids": sorted(contact_ids)})
