"""What is queued for a campaign goes no further when it stops."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import RING_CONTACTS

STOPPED = "campaign stopped"  # the reason of a cancelled message

CANCEL = text("""
    UPDATE outbox SET state = 'cancelled', reason = :reason WHERE state = 'queued' AND id IN (
        SELECT o.id FROM outbox o WHERE o.state = 'queued' AND EXISTS (
            SELECT 1 FROM send_decision d WHERE d.outbox_id = o.id AND d.campaign = :campaign)
        ORDER BY o.id FOR UPDATE)
    RETURNING id, contact_id
""")
# The day's money is free again, in the day and for the campaign that would have spent it.
GIVE_BACK = text("""
    INSERT INTO spent (at, campaign, messages, cost, currency)
    SELECT at, campaign, 0, -sum(cost), currency FROM send_decision
    WHERE outbox_id = ANY(CAST(:ids AS bigint[])) AND cost IS NOT NULL GROUP BY at, campaign, currency
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
    cancelled = (await session.execute(CANCEL, values)).all()
    if cancelled:
        await session.execute(GIVE_BACK, {"ids": [row.id for row in cancelled]})
        await session.execute(RING_CONTACTS, {"ids": sorted({row.contact_id for row in cancelled})})
    return len(cancelled)


async def end_journeys(session: AsyncSession, campaign: str, now: datetime) -> int:
    """Ends all who are under way and drops what is planned; conversions are counted on. How many were under way."""
    await session.execute(DROP_PLANS, {"campaign": campaign, "now": now})
    return len((await session.execute(END, {"campaign": campaign, "now": now})).all())
