"""What is queued for a campaign goes no further when it stops, and goes on from there when it is resumed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import RING_CONTACTS

STOPPED = "campaign stopped"  # the reason of a cancelled message
LONGEST_WAIT = timedelta(days=3)  # of a message in the queue

CANCEL = text("""
    UPDATE outbox SET state = 'cancelled', reason = :reason WHERE state = 'queued' AND id IN (
        SELECT o.id FROM outbox o WHERE o.state = 'queued' AND EXISTS (
            SELECT 1 FROM send_decision d WHERE d.outbox_id = o.id AND d.campaign = :campaign)
        ORDER BY o.id FOR UPDATE)
    RETURNING contact_id
""")
# Whoever's message was cancelled stands before that step again, which asks the gate anew: what was allowed before the
# pause may not be now.
TAKE_BACK = text("""
    WITH cut AS (
        SELECT DISTINCT ON (d.enrollment_id) d.enrollment_id, d.step
        FROM send_decision d JOIN outbox o ON o.id = d.outbox_id JOIN enrollment e ON e.id = d.enrollment_id
        WHERE d.campaign = :campaign AND d.at >= :since AND o.state = 'cancelled' AND o.reason = :reason
          AND e.ended_at IS NULL
        ORDER BY d.enrollment_id, d.id),
    noted AS (
        UPDATE outbox o SET reason = o.reason || ', resumed'
        FROM send_decision d JOIN cut ON cut.enrollment_id = d.enrollment_id
        WHERE d.outbox_id = o.id AND d.campaign = :campaign AND d.at >= :since AND o.state = 'cancelled'
          AND o.reason = :reason),
    moved AS (
        UPDATE enrollment e SET step = cut.step, step_at = :now, due_at = :now
        FROM cut WHERE e.id = cut.enrollment_id RETURNING e.id, e.step)
    INSERT INTO enrollment_step (enrollment_id, step, at, moved_by) SELECT id, step, :now, 'resumed' FROM moved
    RETURNING enrollment_id
""")
END = text("""
    UPDATE enrollment SET ended_at = :now, due_at = NULL, outcome = 'campaign_finished'
    WHERE campaign = :campaign AND ended_at IS NULL RETURNING id
""")
DROP_PLANS = text("""
    UPDATE plan SET due_at = NULL, done_at = :now, outcome = 'campaign_finished'
    WHERE campaign = :campaign AND due_at IS NOT NULL RETURNING id
""")


async def cancel_messages(session: AsyncSession, campaign: str) -> int:
    """Withdraws the campaign's messages that have not left; how many."""
    values = {"campaign": campaign, "reason": STOPPED}
    contacts = list((await session.execute(CANCEL, values)).scalars())
    if contacts:
        await session.execute(RING_CONTACTS, {"ids": sorted(set(contacts))})
    return len(contacts)


async def take_back(session: AsyncSession, campaign: str, stopped_at: datetime, now: datetime) -> int:
    """Puts those whose message was cancelled before that step again; how many."""
    values = {"campaign": campaign, "reason": STOPPED, "since": stopped_at - LONGEST_WAIT, "now": now}
    return len((await session.execute(TAKE_BACK, values)).all())


async def end_journeys(session: AsyncSession, campaign: str, now: datetime) -> int:
    """Ends all who are under way and drops what is planned; conversions are counted on. How many were under way."""
    await session.execute(DROP_PLANS, {"campaign": campaign, "now": now})
    return len((await session.execute(END, {"campaign": campaign, "now": now})).all())
