"""All that happened between a campaign and one contact, in order: why it entered, what was decided, said and done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.results.read import REACTION

# What a message led to stands behind it.
# A span is the time of one enrollment, until a week after its end: what was said and done in it belongs to it.
READ = text("""
    WITH own AS (
        SELECT * FROM enrollment WHERE campaign = :campaign AND contact_id = :contact_id),
    span AS (
        SELECT id, entered_at, coalesce(ended_at, 'infinity') + :reaction AS over_at FROM own),
    links AS (
        SELECT created_at AS at, 1 AS rank, 0::bigint AS place, 'planned' AS kind, occasion AS what, outcome AS detail,
               NULL AS text, NULL::bigint AS enrollment_id
        FROM plan WHERE campaign = :campaign AND contact_id = :contact_id
        UNION ALL SELECT entered_at, 2, 0, 'entered', arm, segment, NULL, id FROM own
        UNION ALL SELECT s.at, CASE WHEN s.moved_by = 'sent' OR s.moved_by LIKE 'held:%' THEN 5 ELSE 3 END, s.id,
               'step', s.step, s.moved_by, NULL, s.enrollment_id
        FROM enrollment_step s JOIN own ON own.id = s.enrollment_id
        UNION ALL SELECT d.at, 4, d.id, CASE WHEN d.send THEN 'sent' ELSE 'held' END, d.template,
               CASE WHEN d.send THEN o.state ELSE d.reason END, o.text, d.enrollment_id
        FROM send_decision d LEFT JOIN outbox o ON o.id = d.outbox_id
        WHERE d.campaign = :campaign AND d.contact_id = :contact_id
        UNION ALL SELECT o.delivered_at, 5, 0, 'delivered', d.template, NULL, NULL, d.enrollment_id
        FROM send_decision d JOIN outbox o ON o.id = d.outbox_id
        WHERE d.campaign = :campaign AND d.contact_id = :contact_id AND o.delivered_at IS NOT NULL
        UNION ALL SELECT o.read_at, 6, 0, 'read', d.template, NULL, NULL, d.enrollment_id
        FROM send_decision d JOIN outbox o ON o.id = d.outbox_id
        WHERE d.campaign = :campaign AND d.contact_id = :contact_id AND o.read_at IS NOT NULL
        UNION ALL SELECT m.sent_at, 7, 0, 'reply', m.kind, t.intent, m.text, span.id
        FROM span JOIN message m ON m.contact_id = :contact_id AND m.sent_at >= span.entered_at
            AND m.sent_at < span.over_at LEFT JOIN turn t ON t.id = m.turn_id
        UNION ALL SELECT o.created_at, 8, 0, 'answer', 'reply', o.state, o.text, span.id
        FROM span JOIN outbox o ON o.contact_id = :contact_id AND o.kind = 'reply' AND o.created_at >= span.entered_at
            AND o.created_at < span.over_at
        UNION ALL SELECT e.at, 9, 0, 'event', e.kind, e.data ->> 'offer_code', NULL, span.id
        FROM span JOIN event e ON e.contact_id = :contact_id AND e.at >= span.entered_at AND e.at < span.over_at
        UNION ALL SELECT converted_at, 10, 0, 'converted', coalesce(CAST(revenue AS text), ''), currency, NULL, id
        FROM own WHERE converted_at IS NOT NULL
        UNION ALL SELECT ended_at, 11, 0, 'ended', outcome, NULL, NULL, id FROM own WHERE ended_at IS NOT NULL)
    SELECT DISTINCT ON (at, rank, place, kind, what, detail, text) at, kind, what, detail, text, enrollment_id
    FROM links ORDER BY at, rank, place, kind, what, detail, text, enrollment_id
""")


@dataclass(frozen=True)
class Happened:
    """One link of the chain. kind: planned, entered, step, sent, held, delivered, read, reply, answer, event and so on.

    what and detail: the occasion and its outcome, arm and segment, step and what moved on, template and state or hold
    reason, kind of message and intent, kind of event, revenue and currency. text: what a person read or wrote.
    """

    at: datetime
    kind: str
    what: str
    detail: str
    text: str
    enrollment_id: int | None


async def read_chain(session: AsyncSession, campaign: str, contact_id: int) -> list[Happened]:
    """The chain of one contact in a campaign, oldest first; empty if there never was anything."""
    values: dict[str, Any] = {"campaign": campaign, "contact_id": contact_id, "reaction": REACTION}
    rows = await session.execute(READ, values)
    return [
        Happened(row.at, row.kind, row.what or "", row.detail or "", row.text or "", row.enrollment_id) for row in rows
    ]
