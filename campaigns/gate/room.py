"""What may still leave for everybody: WhatsApp's daily limit, the money, the minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.facts import Room, find_left, read_minute
from campaigns.gate.limits import Limits
from campaigns.gate.wishes import SendWish
from core.settings import Settings
from core.types import HoldReason

DAY = timedelta(days=1)
# One after the other where something is short: whoever decides holds this until the commit. Taken after the contacts'
# rows, for a journey holds them before: the other way round two could wait for each other.
HOLD = text("SELECT pg_advisory_xact_lock(hashtext('campaigns.gate.room'))")
SPENT = text(
    """
    SELECT coalesce(sum(messages) FILTER (WHERE at > CAST(:now AS timestamptz) - interval '48 hours'), 0) AS lately,
           coalesce(sum(messages) FILTER (WHERE at >= :minute), 0) AS minute,
           coalesce(sum(cost) FILTER (WHERE at >= :today), 0) AS day,
           coalesce(sum(cost) FILTER (WHERE at >= :month), 0) AS month
    FROM spent WHERE at >= :since
    """
)
BY_CAMPAIGN = text(
    "SELECT campaign, sum(cost) AS cost FROM spent WHERE at >= :today AND campaign = ANY(CAST(:names AS text[]))"
    " GROUP BY campaign"
)
# Counted from when it left, which may be later than it was decided: WhatsApp counts so too. Both bounds of the 48 hours
# are told: with one alone a plan made for any moment would read all messages there ever were.
REACHED = """
    SELECT contact_id, max(coalesce(accepted_at, created_at)) AS at FROM outbox
    WHERE kind = 'template' AND created_at > CAST(:now AS timestamptz) - interval '48 hours'
      AND created_at < CAST(:now AS timestamptz) + interval '1 hour'
      AND coalesce(accepted_at, created_at) > CAST(:now AS timestamptz) - interval '24 hours'
      AND state NOT IN ('blocked', 'cancelled', 'failed') GROUP BY contact_id
"""
# When the places are free again is told only where they run out: there may be very many.
PLACES = text(
    f"""
    SELECT count(*) AS taken, CASE WHEN count(*) + CAST(:wished AS bigint) > CAST(:most AS bigint)
               THEN array_agg(at + interval '24 hours' ORDER BY at) ELSE '{{}}' END AS freed_at
    FROM ({REACHED}) AS reached
    """  # noqa: S608  (our own words)
)
# Each is asked again when it is its turn: all of them each minute would be a million decisions for 80,000 messages. Of
# a campaign that does not run nobody waits.
QUEUED = "reason IN ('portfolio_limit', 'pace') AND again_at > :now"
IN_LINE = f"FROM campaign c JOIN send_decision d ON d.campaign = c.name WHERE c.state = 'running' AND {QUEUED}"
WAITING = text(f"SELECT count(*) {IN_LINE} AND reason = 'portfolio_limit'")
MINUTES = text(
    "SELECT date_trunc('minute', again_at) AS minute, count(*) AS messages"
    f" {IN_LINE} AND reason = 'pace' GROUP BY minute"
)
# Another limit than at the last look: those who wait for it are asked again, in the order of their ids.
NOTE_LIMIT = text(
    """
    INSERT INTO trigger_mark AS m (campaign, trigger, snapshot) VALUES ('', :reason, :most)
    ON CONFLICT (campaign, trigger) DO UPDATE SET snapshot = excluded.snapshot
    WHERE m.snapshot IS DISTINCT FROM excluded.snapshot RETURNING trigger
    """
)
CALL = text(
    f"""
    WITH called AS (
        UPDATE send_decision SET again_at = :now WHERE reason = :reason AND {QUEUED}
        RETURNING enrollment_id),
    held AS MATERIALIZED (
        SELECT id FROM enrollment WHERE id IN (SELECT enrollment_id FROM called) AND ended_at IS NULL AND due_at > :now
        ORDER BY id FOR UPDATE)
    UPDATE enrollment e SET due_at = :now FROM held WHERE e.id = held.id RETURNING e.id
    """  # noqa: S608  (our own words)
)
SENDER = text("SELECT paused_until, pause_reason FROM sender WHERE phone_number_id = :number AND paused_until > :now")
REPORTED = text(
    """
    SELECT coalesce(value ->> 'max_daily_conversations_per_business', value ->> 'current_limit') FROM platform_report
    WHERE field IN ('business_capability_update', 'phone_number_quality_update')
      AND coalesce(value ->> 'max_daily_conversations_per_business', value ->> 'current_limit') IS NOT NULL
    ORDER BY received_at DESC, id DESC LIMIT 1
    """
)
NOTE = text(
    """
    INSERT INTO spent (at, campaign, messages, cost, currency)
    SELECT :now, n.campaign, n.messages, n.cost, :currency
    FROM unnest(CAST(:campaigns AS text[]), CAST(:messages AS bigint[]), CAST(:costs AS numeric[]))
         AS n (campaign, messages, cost)
    """
)


async def read_room(
    session: AsyncSession, settings: Settings, limits: Limits, wishes: Sequence[SendWish], now: datetime
) -> Room:
    """What is left just now, for these campaigns."""
    day, month, next_day, next_month = find_periods(now, settings.timezone)
    minute = read_minute(now)
    values: dict[str, Any] = {"now": now, "minute": minute, "today": day, "month": month}
    spent = (await session.execute(SPENT, values | {"since": min(month, now - 2 * DAY)})).one()
    names = sorted({wish.campaign for wish in wishes if wish.campaign and wish.daily_budget is not None})
    own = (await session.execute(BY_CAMPAIGN, {"today": day, "names": names})).all() if names else []
    left_today, left_month = find_left(limits.budget, spent.day, spent.month)
    sender = (await session.execute(SENDER, {"number": settings.phone_number_id, "now": now})).one_or_none()
    most = await read_people_limit(session, limits)
    people, freed_at = await count_left(session, most, spent.lately, len(wishes), now)
    minute_left = limits.per_minute - spent.minute if limits.per_minute else None
    crowded = minute_left is not None and minute_left < len(wishes)
    return Room(
        people=people,
        freed_at=freed_at,
        waiting=int(await session.scalar(WAITING, {"now": now}) or 0) if freed_at else 0,
        minute=minute_left,
        minutes=await count_minutes(session, now) if crowded else Counter(),
        day=left_today,
        month=left_month,
        next_day=next_day,
        next_month=next_month,
        spent={row.campaign: row.cost for row in own},
        paused_until=sender.paused_until if sender else None,
        pause_reason=sender.pause_reason if sender else None,
    )


async def read_people_limit(session: AsyncSession, limits: Limits) -> int | None:
    """How many people WhatsApp lets us reach in 24 hours: what it reported last, else limits.yml; None: any number."""
    reported = read_tier(await session.scalar(REPORTED))
    most = limits.people_per_day if reported is None else reported
    return most if most > 0 else None


def read_tier(reported: str | None) -> int | None:
    """WhatsApp's words as a number, 0 for unlimited: TIER_2K, TIER_UNLIMITED, 250, -1; None where they say nothing."""
    word = (reported or "").upper().removeprefix("TIER_")
    if word in ("UNLIMITED", "-1"):
        return 0
    thousands = word.removesuffix("K")
    return int(thousands) * (1000 if word.endswith("K") else 1) if thousands.isdigit() else None


async def count_left(
    session: AsyncSession, most: int | None, lately: int, wished: int, now: datetime
) -> tuple[int | None, list[datetime]]:
    """Of WhatsApp's people per day, and when each place that is taken is free again.

    Counted one by one only where they may run out. lately: messages, so surely more than people.
    """
    if most is None or lately + wished <= most:
        return (None if most is None else most - lately), []
    places = (await session.execute(PLACES, {"now": now, "wished": wished, "most": most})).one()
    return most - places.taken, places.freed_at or []


async def count_minutes(session: AsyncSession, now: datetime) -> Counter[datetime]:
    """How many messages wait for each minute to come."""
    rows = await session.execute(MINUTES, {"now": now})
    return Counter({row.minute: row.messages for row in rows})


async def call_waiting(session: AsyncSession, limits: Limits, now: datetime) -> int:
    """Asks those again who wait for a place or a minute, once there are more or fewer of these; how many."""
    most = {HoldReason.PORTFOLIO_LIMIT: await read_people_limit(session, limits), HoldReason.PACE: limits.per_minute}
    called = 0
    for reason, limit in most.items():
        if await session.scalar(NOTE_LIMIT, {"reason": reason.value, "most": str(limit)}) is not None:
            called += len((await session.execute(CALL, {"reason": reason.value, "now": now})).all())
    return called


def find_periods(now: datetime, zone: str) -> tuple[datetime, datetime, datetime, datetime]:
    """Beginnings of this day and month of the company's calendar, and of the next ones."""
    day = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    month = day.replace(day=1)
    return day, month, day + DAY, (month + 32 * DAY).replace(day=1)


async def is_short(session: AsyncSession, limits: Limits, wishes: Sequence[SendWish]) -> bool:
    """Whether anything has a limit that two workers together could break."""
    budgets = limits.budget.per_day or limits.budget.per_month or any(wish.daily_budget is not None for wish in wishes)
    return bool(limits.per_minute or budgets) or await read_people_limit(session, limits) is not None


async def hold_room(session: AsyncSession) -> None:
    """Lets nobody else decide before the caller commits."""
    await session.execute(HOLD)


async def note_spent(
    session: AsyncSession, spent: dict[str | None, tuple[int, Decimal]], currency: str, now: datetime
) -> None:
    """What a batch sends, by campaign: messages and their expected cost."""
    if spent:
        columns = {"campaigns": list(spent), "messages": [n for n, _ in spent.values()]}
        costs = {"costs": [cost for _, cost in spent.values()], "currency": currency, "now": now}
        await session.execute(NOTE, columns | costs)
