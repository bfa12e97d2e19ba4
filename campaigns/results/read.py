"""What a campaign did, from rows alone: in all, per arm, and per arm in each segment and language; in one pass.

A number counts people who entered, not messages, unless its name says so. Who entered twice counts twice, except in
the uplift, which counts contacts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

REACTION = timedelta(days=7)  # after the last message: an answer, a click, a stop so long after it is its doing

# WhatsApp does not tell prices, only whether a message is charged: what was expected counts where it is.
READ = text("""
    WITH people AS MATERIALIZED (
        SELECT id, contact_id, arm, coalesce(segment, '') AS segment, coalesce(language, '') AS language, entered_at,
               ended_at, converted_at, revenue
        FROM enrollment WHERE campaign = :campaign AND entered_at >= :since AND entered_at < :until),
    said AS (
        SELECT d.enrollment_id, min(o.created_at) AS first_at, max(o.created_at) AS last_at, count(*) AS messages,
               bool_or(o.delivered_at IS NOT NULL OR o.read_at IS NOT NULL) AS delivered,
               bool_or(o.read_at IS NOT NULL) AS read,
               count(*) FILTER (WHERE o.state = 'failed') AS failed,
               sum(d.cost) FILTER (WHERE o.state <> 'failed'
                   AND coalesce(o.pricing ->> 'billable', 'true') = 'true') AS cost
        FROM people p JOIN send_decision d ON d.enrollment_id = p.id JOIN outbox o ON o.id = d.outbox_id
        WHERE d.send AND o.state NOT IN ('queued', 'sending', 'blocked', 'cancelled') GROUP BY d.enrollment_id),
    told AS (
        SELECT p.*, s.messages, s.delivered, s.read, s.failed, s.cost,
               s.first_at IS NOT NULL AND EXISTS (SELECT 1 FROM message m WHERE m.contact_id = p.contact_id
                   AND m.sent_at >= s.first_at AND m.sent_at < s.last_at + :reaction) AS replied,
               s.first_at IS NOT NULL AND EXISTS (SELECT 1 FROM event e WHERE e.contact_id = p.contact_id
                   AND e.kind = 'offer_click' AND e.at >= s.first_at AND e.at < s.last_at + :reaction) AS clicked,
               s.first_at IS NOT NULL AND EXISTS (SELECT 1 FROM event e WHERE e.contact_id = p.contact_id
                   AND e.kind = 'complaint' AND e.at >= s.first_at AND e.at < s.last_at + :reaction) AS complained,
               s.first_at IS NOT NULL AND (EXISTS (SELECT 1 FROM consent c WHERE c.contact_id = p.contact_id
                   AND NOT c.given AND c.at >= s.first_at AND c.at < s.last_at + :reaction)
                   OR EXISTS (SELECT 1 FROM platform_preference f WHERE f.contact_id = p.contact_id
                   AND f.value = 'stop' AND f.at >= s.first_at AND f.at < s.last_at + :reaction)) AS opted_out
        FROM people p LEFT JOIN said s ON s.enrollment_id = p.id)
    SELECT arm, segment, language, GROUPING(arm, segment, language) AS grouped,
           count(*) AS entered, count(*) FILTER (WHERE ended_at IS NULL) AS under_way,
           count(messages) AS sent, coalesce(sum(messages), 0) AS messages, coalesce(sum(failed), 0) AS failed,
           count(*) FILTER (WHERE delivered) AS delivered, count(*) FILTER (WHERE read) AS read,
           count(*) FILTER (WHERE replied) AS replied, count(*) FILTER (WHERE clicked) AS clicked,
           count(converted_at) AS converted, coalesce(sum(revenue), 0) AS revenue,
           count(*) FILTER (WHERE opted_out) AS opted_out, count(*) FILTER (WHERE complained) AS complained,
           coalesce(sum(cost), 0) AS cost,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM converted_at - entered_at))
               FILTER (WHERE converted_at IS NOT NULL) AS close_seconds
    FROM told GROUP BY GROUPING SETS ((), (arm), (arm, segment), (arm, language))
    ORDER BY grouped DESC, arm, segment, language
""")
HELD = text("""
    SELECT d.reason, count(DISTINCT (d.enrollment_id, d.step)) AS people, count(*) AS times
    FROM send_decision d WHERE d.campaign = :campaign AND NOT d.send AND d.at >= :since AND d.at < :until
    GROUP BY d.reason ORDER BY people DESC, d.reason
""")
STEPS = text("""
    SELECT step, count(*) AS people FROM enrollment WHERE campaign = :campaign AND ended_at IS NULL AND step IS NOT NULL
    GROUP BY step
""")
OUTCOMES = text("""
    SELECT coalesce(outcome, 'under_way') AS outcome, count(*) AS people FROM enrollment
    WHERE campaign = :campaign AND entered_at >= :since AND entered_at < :until AND arm <> 'control' GROUP BY 1
    ORDER BY people DESC, outcome
""")


@dataclass(frozen=True)
class Group:
    """One line of results. Empty arm, segment or language: all of them. close: median time until the conversion."""

    arm: str
    segment: str
    language: str
    by: str  # all, arm, segment, language
    entered: int
    under_way: int
    sent: int
    messages: int
    failed: int
    delivered: int
    read: int
    replied: int
    clicked: int
    converted: int
    revenue: Decimal
    opted_out: int
    complained: int
    cost: Decimal
    close: timedelta | None


BY = {7: "all", 3: "arm", 1: "segment", 2: "language"}  # what GROUPING says of the columns left out
NUMBERS = (
    *("entered", "under_way", "sent", "messages", "failed", "delivered", "read", "replied", "clicked", "converted"),
    *("revenue", "opted_out", "complained", "cost"),
)


async def read_groups(
    session: AsyncSession, campaign: str, since: datetime | None = None, until: datetime | None = None
) -> list[Group]:
    """Results of those who entered from since on and before until: all first, then arms, segments, languages."""
    values = bound(campaign, since, until) | {"reaction": REACTION}
    return [make_group(row) for row in await session.execute(READ, values)]


def make_group(row: Row[Any]) -> Group:
    close = None if row.close_seconds is None else timedelta(seconds=float(row.close_seconds))
    numbers: dict[str, Any] = {name: getattr(row, name) for name in NUMBERS}
    numbers |= {name: int(value) for name, value in numbers.items() if name not in ("revenue", "cost")}
    return Group(row.arm or "", row.segment or "", row.language or "", BY[row.grouped], **numbers, close=close)


async def count_held(
    session: AsyncSession, campaign: str, since: datetime | None = None, until: datetime | None = None
) -> dict[str, int]:
    """Messages that were held, by reason; one that was asked about several times counts once."""
    rows = await session.execute(HELD, bound(campaign, since, until))
    return {row.reason: int(row.people) for row in rows}


async def count_steps(session: AsyncSession, campaign: str) -> dict[str, int]:
    """Who stands at which step just now."""
    return {row.step: int(row.people) for row in await session.execute(STEPS, {"campaign": campaign})}


async def count_outcomes(
    session: AsyncSession, campaign: str, since: datetime | None = None, until: datetime | None = None
) -> dict[str, int]:
    """How it ended for those who were not left alone."""
    rows = await session.execute(OUTCOMES, bound(campaign, since, until))
    return {row.outcome: int(row.people) for row in rows}


def bound(campaign: str, since: datetime | None, until: datetime | None) -> dict[str, Any]:
    """Values of a statement; a time left out is one before or after all others."""
    return {"campaign": campaign, "since": since or "-infinity", "until": until or "infinity"}
