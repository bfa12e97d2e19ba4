"""What the campaigns' pages show that is no result: the list, the calendar, people at a step, what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.release.texts import read_content

DAYS = timedelta(days=14)  # of the calendar
PER_PAGE = 50

LIST = text("""
    SELECT c.name, c.state, c.why, c.starts_at, c.ends_at, c.changed_at, c.promoted_arm, v.content, c.version_id,
           v.number AS version, e.entered, e.under_way, e.converted
    FROM campaign c LEFT JOIN campaign_version v ON v.id = c.version_id CROSS JOIN LATERAL (
        SELECT count(*) AS entered, count(*) FILTER (WHERE ended_at IS NULL) AS under_way,
               count(converted_at) AS converted FROM enrollment WHERE campaign = c.name) e
    WHERE CAST(:name AS text) IS NULL OR c.name = :name ORDER BY c.name
""")
CALENDAR = text("""
    SELECT d.*, v.content FROM (
        SELECT CAST(at AT TIME ZONE :zone AS date) AS day, campaign, kind, sum(people) AS people FROM (
        SELECT starts_at AS at, name AS campaign, 'starts' AS kind, 0 AS people FROM campaign WHERE state = 'scheduled'
        UNION ALL SELECT ends_at, name, 'ends', 0 FROM campaign WHERE state IN ('scheduled', 'running', 'paused')
        UNION ALL SELECT p.due_at, p.campaign, 'enter_day', 1 FROM plan p
            WHERE p.due_at >= :now AND p.due_at < :until
        UNION ALL SELECT e.due_at, e.campaign, 'look_day', 1 FROM enrollment e
            WHERE e.due_at >= :now AND e.due_at < :until AND e.arm <> 'control') AS t
    WHERE at >= :now AND at < :until GROUP BY 1, 2, 3) AS d
    LEFT JOIN campaign c ON c.name = d.campaign LEFT JOIN campaign_version v ON v.id = c.version_id
    ORDER BY d.day, d.campaign, d.kind
""")
CHANGES = text("""
    SELECT id, at, state, who, why FROM campaign_change WHERE campaign = :campaign ORDER BY id DESC LIMIT 30
""")
PEOPLE = text("""
    SELECT e.id, c.token, c.name, coalesce(c.phone, c.user_id) AS address, e.arm, e.step, e.step_at, e.due_at, e.outcome
    FROM enrollment e JOIN contact c ON c.id = e.contact_id
    WHERE e.campaign = :campaign AND (CAST(:step AS text) = '' OR e.step = :step AND e.ended_at IS NULL)
    ORDER BY e.step_at DESC, e.id DESC LIMIT :limit OFFSET :offset
""")
CONTACT = text("SELECT id, token, name FROM contact WHERE token = :token AND erased_at IS NULL")

VERSIONS = text("""
    SELECT id, number, content, published_by, published_at FROM campaign_version WHERE campaign = :campaign
    ORDER BY number DESC LIMIT 30
""")

CONTENT = text("SELECT v.content FROM campaign c JOIN campaign_version v ON v.id = c.version_id WHERE c.name = :name")


async def list_campaigns(session: AsyncSession) -> Sequence[Row[Any]]:
    return (await session.execute(LIST, {"name": None})).all()


async def find_campaign(session: AsyncSession, name: str) -> Row[Any] | None:
    """The same of one; None: nobody checked it yet."""
    return (await session.execute(LIST, {"name": name})).one_or_none()


async def read_calendar(session: AsyncSession, zone: str, now: datetime) -> Sequence[Row[Any]]:
    """What is known of the next days: day, campaign, kind (starts, ends, enter_day, look_day), people."""
    return (await session.execute(CALENDAR, {"zone": zone, "now": now, "until": now + DAYS})).all()


async def list_changes(session: AsyncSession, campaign: str) -> Sequence[Row[Any]]:
    """Who did what with the campaign, newest first."""
    return (await session.execute(CHANGES, {"campaign": campaign})).all()


async def list_versions(session: AsyncSession, campaign: str) -> Sequence[Row[Any]]:
    """What was published of it, newest first."""
    return (await session.execute(VERSIONS, {"campaign": campaign})).all()


async def list_people(session: AsyncSession, campaign: str, step: str = "", page: int = 0) -> Sequence[Row[Any]]:
    """Those at a step, or without one everybody, last moved first; one more than a page holds if there is another."""
    values = {"campaign": campaign, "step": step, "limit": PER_PAGE + 1, "offset": page * PER_PAGE}
    return (await session.execute(PEOPLE, values)).all()


async def find_contact(session: AsyncSession, token: str) -> Row[Any] | None:
    return (await session.execute(CONTACT, {"token": token.replace("\x00", "")})).one_or_none()


async def read_current(session: AsyncSession, name: str) -> str:
    """The text newcomers enter, or before the first check the one that would be. ReleaseError: there is none."""
    content = await session.scalar(CONTENT, {"name": name})
    return str(content) if content else await read_content(session, name)
