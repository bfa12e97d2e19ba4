"""Marks who converted, in every arm alike: also those left alone, and also by events that were told late.

An event belongs to the contact's newest enrollment of the campaign before it, so that it counts once. Everything is
computed anew from the events each time, which makes doing it twice harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.journey import Journey
from campaigns.journeys.versions import read_versions
from core.db import Sessions

TRIGGER = "conversion"  # of trigger_mark: what was committed at the last look, and the day of the last look at all
LATE = timedelta(days=30)  # so long after its days are over the nightly look still takes what was told late

CAMPAIGNS = text("SELECT DISTINCT campaign FROM campaign_version")
VERSIONS = text("SELECT id FROM campaign_version WHERE campaign = :campaign")
NOW = text("SELECT CAST(pg_current_snapshot() AS text)")
# Of several workers one does it: the row is locked until the commit.
MAKE_MARK = text("""
    INSERT INTO trigger_mark (campaign, trigger) VALUES (:campaign, :trigger) ON CONFLICT DO NOTHING
""")
MARK = text("""
    SELECT snapshot, day FROM trigger_mark WHERE campaign = :campaign AND trigger = :trigger FOR UPDATE SKIP LOCKED
""")
REMEMBER = text("""
    UPDATE trigger_mark SET snapshot = :snapshot, day = :day WHERE campaign = :campaign AND trigger = :trigger
""")
CONVERT = """
    WITH kinds AS (
        SELECT * FROM unnest(CAST(:versions AS bigint[]), CAST(:kinds AS text[]), CAST(:days AS bigint[]))
            AS t (version_id, kind, days)),
    touched AS ({touched}),
    owned AS (
        SELECT DISTINCT ON (e.id) n.id AS enrollment_id, e.id AS event_id, e.at,
               CASE WHEN e.data ->> 'amount' ~ '^[0-9]{{1,12}}(\\.[0-9]+)?$'
                    THEN CAST(e.data ->> 'amount' AS numeric) END AS amount,
               coalesce(e.data ->> 'currency', 'EUR') AS currency
        FROM touched t
        JOIN enrollment n ON n.contact_id = t.contact_id AND n.campaign = :campaign
        JOIN kinds k ON k.version_id = n.version_id
        JOIN event e ON e.contact_id = n.contact_id AND e.kind = k.kind
         AND e.at >= n.entered_at AND e.at < n.entered_at + k.days * interval '1 day'
        ORDER BY e.id, n.entered_at DESC, n.id DESC),
    first AS (
        SELECT DISTINCT ON (enrollment_id) enrollment_id, event_id, at FROM owned ORDER BY enrollment_id, at, event_id),
    paid AS (
        SELECT DISTINCT ON (enrollment_id) enrollment_id, currency, sum(amount) AS amount FROM owned
        WHERE amount IS NOT NULL GROUP BY enrollment_id, currency ORDER BY enrollment_id, min(at), currency)
    UPDATE enrollment n SET converted_at = f.at, conversion_event_id = f.event_id, revenue = round(p.amount, 2),
        currency = p.currency
    FROM first f LEFT JOIN paid p ON p.enrollment_id = f.enrollment_id
    WHERE n.id = f.enrollment_id AND (n.conversion_event_id, n.revenue, n.currency)
        IS DISTINCT FROM (f.event_id, round(p.amount, 2), p.currency)
    RETURNING n.id
"""
NEW = text(
    CONVERT.format(
        touched="""SELECT DISTINCT e.contact_id FROM event e
        WHERE e.xact >= pg_snapshot_xmin(CAST(:snapshot AS pg_snapshot))
          AND e.xact < pg_snapshot_xmax(pg_current_snapshot())
          AND e.kind IN (SELECT kind FROM kinds) AND EXISTS (
            SELECT 1 FROM enrollment n WHERE n.contact_id = e.contact_id AND n.campaign = :campaign)"""
    )
)
ALL = text(
    CONVERT.format(
        touched="SELECT DISTINCT contact_id FROM enrollment WHERE campaign = :campaign AND entered_at >= :since"
    )
)


async def mark_conversions(sessions: Sessions, now: datetime) -> int:
    """Marks the conversions of all campaigns by what is new since the last time; once a day by everything. How many."""
    async with sessions() as session:
        campaigns = list(await session.scalars(CAMPAIGNS))
    marked = 0
    for campaign in campaigns:
        async with sessions.begin() as session:
            marked += await mark_campaign(session, campaign, now)
    return marked


async def mark_campaign(session: AsyncSession, campaign: str, now: datetime) -> int:
    """The same for one campaign, in the caller's transaction; 0 if another worker is at it."""
    named = {"campaign": campaign, "trigger": TRIGGER}
    await session.execute(MAKE_MARK, named)
    mark = (await session.execute(MARK, named)).one_or_none()
    if mark is None:
        return 0
    snapshot = await session.scalar(NOW)
    versions = list(await session.scalars(VERSIONS, {"campaign": campaign}))
    journeys = await read_versions(session, versions)
    values: dict[str, Any] = {**list_kinds(journeys), "campaign": campaign}
    if mark.day == now.date():
        marked = await session.execute(NEW, values | {"snapshot": mark.snapshot})
    else:
        longest = timedelta(days=max((one.conversion.within_days for one in journeys.values()), default=0))
        marked = await session.execute(ALL, values | {"since": now - longest - LATE})
    found = len(marked.all())
    await session.execute(REMEMBER, named | {"snapshot": snapshot, "day": now.date()})
    return found


def list_kinds(journeys: Mapping[int, Journey]) -> dict[str, list[Any]]:
    """What converts in which version, as columns."""
    rows = [
        (version_id, kind.value, journey.conversion.within_days)
        for version_id, journey in journeys.items()
        for kind in journey.conversion.events
    ]
    return {
        "versions": [row[0] for row in rows],
        "kinds": [row[1] for row in rows],
        "days": [row[2] for row in rows],
    }
