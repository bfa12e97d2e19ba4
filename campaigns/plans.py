"""Plans whose time has come: claimed, looked at once more, and given to the journey's entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.entering import DuePlan, enter
from campaigns.running import EACH, WAITING, hold_running
from campaigns.triggers.calendar import find_delivery
from campaigns.triggers.holding import find_holding
from core.db import Sessions
from core.settings import Settings
from core.types import PlanOutcome

# By campaign, so that one with very many plans lets the others through. Rows are locked in the order of the index. Time
# zones one by one: a join would read everybody.
CLAIM = text(
    f"""
    WITH {WAITING.format("plan")},
    claimed AS MATERIALIZED (
        SELECT p.* FROM waiting w CROSS JOIN LATERAL (
            SELECT * FROM plan WHERE plan.campaign = w.name AND plan.due_at <= :now
            ORDER BY plan.due_at, plan.id LIMIT {EACH} FOR NO KEY UPDATE SKIP LOCKED) p)
    SELECT id, campaign, contact_id, occasion, due_at, until, data,
           (SELECT timezone FROM contact WHERE contact.id = claimed.contact_id) AS timezone
    FROM claimed
    """  # noqa: S608  (our own words)
)
CLOSE = text("UPDATE plan SET due_at = NULL, done_at = :now, outcome = :outcome WHERE id = ANY(CAST(:ids AS bigint[]))")
PUT_OFF = text(
    """
    UPDATE plan p SET due_at = n.due_at
    FROM unnest(CAST(:ids AS bigint[]), CAST(:times AS timestamptz[])) AS n (id, due_at)
    WHERE p.id = n.id
    """
)
BY_HAND = text(
    """
    INSERT INTO plan (campaign, contact_id, occasion, due_at, data, created_at)
    SELECT :campaign, c.id, :occasion, :now, '{"on": "manual"}', :now FROM contact c
    WHERE c.id = ANY(CAST(:ids AS bigint[])) AND c.erased_at IS NULL ORDER BY c.id
    ON CONFLICT DO NOTHING RETURNING contact_id
    """
)


async def enter_due(sessions: Sessions, settings: Settings, now: datetime, limit: int = 500) -> int:
    """Fires up to `limit` plans of running campaigns; how many there were. Any number of workers may do it."""
    async with sessions.begin() as session:
        running = await hold_running(session)
        if not running:
            return 0
        due = (await session.execute(CLAIM, {"campaigns": list(running), "now": now, "limit": limit})).all()
        fresh = await close_late(session, due, now)
        fresh = await put_off_nights(session, settings, fresh, now)
        holding = await find_holding(session, fresh, now)
        await close(session, [plan.id for plan in fresh if plan.id not in holding], PlanOutcome.CHANGED, now)
        firing = [
            DuePlan(plan.id, plan.campaign, plan.contact_id, plan.occasion, plan.data)
            for plan in fresh
            if plan.id in holding
        ]
        if firing:
            await enter(session, settings, firing, now)
    return len(due)


async def close_late(session: AsyncSession, due: Sequence[Row[Any]], now: datetime) -> list[Row[Any]]:
    """Gives up what is no longer relevant; the others."""
    late = {plan.id for plan in due if plan.until and plan.until <= now}
    await close(session, sorted(late), PlanOutcome.LATE, now)
    return [plan for plan in due if plan.id not in late]


async def put_off_nights(
    session: AsyncSession, settings: Settings, due: Sequence[Row[Any]], now: datetime
) -> list[Row[Any]]:
    """What is late, after an outage say, waits for the next good morning; the others."""
    later = {}
    for plan in due:
        if "at" in plan.data and "weekdays" in plan.data:
            zone = plan.timezone or settings.timezone
            at = find_delivery(now, zone, time.fromisoformat(plan.data["at"]), plan.data["weekdays"])
            if at > now:
                later[plan.id] = at
    if later:
        await session.execute(PUT_OFF, {"ids": list(later), "times": list(later.values())})
    return [plan for plan in due if plan.id not in later]


async def close(session: AsyncSession, ids: Sequence[int], outcome: PlanOutcome, now: datetime) -> None:
    """Notes why these did not fire."""
    if ids:
        await session.execute(CLOSE, {"ids": list(ids), "outcome": outcome.value, "now": now})


async def plan_by_hand(
    session: AsyncSession, campaign: str, contact_ids: Sequence[int], batch: str, now: datetime
) -> list[int]:
    """Lets somebody put contacts into a campaign: once per batch, whatever it is called; who is new in it.

    They enter when the campaign runs, if its entry conditions hold. The caller commits.
    """
    values = {"campaign": campaign, "occasion": f"manual:{batch}", "ids": list(contact_ids), "now": now}
    return list(await session.scalars(BY_HAND, values))
