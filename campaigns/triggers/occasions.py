"""Writes plans for occasions, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.triggers import Daily
from campaigns.triggers.calendar import FireDay

# The days a trigger means, as rows. A plan whose occasion was no longer so comes back if it is again.
DAYS = """
    days AS MATERIALIZED (SELECT * FROM json_to_recordset(CAST(:days AS json)) AS d (
        target date, fire_on date, last_on date, days int))
"""
PLAN = """
    , timed AS (
        SELECT f.contact_id, f.occasion, f.data || CAST(:form AS jsonb) AS data,
               timezone(f.zone, f.fire_on + CAST(:at AS time)) AS due_at,
               timezone(f.zone, CAST(f.last_on + 1 AS timestamp)) AS until
        FROM found f
        WHERE NOT EXISTS (
            SELECT 1 FROM plan p WHERE p.campaign = :campaign AND p.contact_id = f.contact_id
            AND p.occasion = f.occasion AND p.outcome IS DISTINCT FROM 'changed')),
    planned AS (
        INSERT INTO plan AS p (campaign, contact_id, occasion, due_at, until, data, created_at)
        SELECT :campaign, contact_id, occasion, due_at, until, data, CAST(:now AS timestamptz) FROM timed
        WHERE until > :now ORDER BY contact_id, occasion
        ON CONFLICT (campaign, contact_id, occasion) DO UPDATE SET
            due_at = excluded.due_at, until = excluded.until, data = excluded.data, outcome = NULL, done_at = NULL
        WHERE p.outcome = 'changed' RETURNING 1)
    SELECT count(*) FROM planned
"""
FORESEE = """
    SELECT f.contact_id, f.occasion, f.data || CAST(:form AS jsonb) AS data,
           timezone(f.zone, f.fire_on + CAST(:at AS time)) AS due_at
    FROM found f ORDER BY f.contact_id, f.occasion
"""
KEEP_MOMENTS = text(
    """
    INSERT INTO plan (campaign, contact_id, occasion, due_at, until, data, created_at)
    SELECT n.campaign, n.contact_id, n.occasion, n.due_at, n.until, n.data, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS n (campaign text, contact_id bigint, occasion text,
        due_at timestamptz, until timestamptz, data jsonb)
    JOIN contact c ON c.id = n.contact_id AND c.erased_at IS NULL
    ORDER BY n.contact_id, n.occasion ON CONFLICT DO NOTHING RETURNING id
    """
)


def describe_days(trigger: Daily, days: Sequence[FireDay], on: date | None = None) -> dict[str, Any]:
    """Parameters of a statement made with DAYS. on: only what fires that day."""
    rows = [
        {"target": day.target, "fire_on": day.fire_on, "last_on": day.last_on, "days": day.days}
        for day in days
        if on in (None, day.fire_on)
    ]
    form = {"on": getattr(trigger, "on", ""), "at": trigger.at.isoformat(), "weekdays": list(trigger.weekdays)}
    return {"days": orjson.dumps(rows).decode(), "at": trigger.at, "form": orjson.dumps(form).decode()}


async def keep_moments(session: AsyncSession, rows: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Stores plans that are due at a moment; how many are new."""
    values = {"rows": orjson.dumps(list(rows)).decode(), "now": now}
    return len((await session.execute(KEEP_MOMENTS, values)).all()) if rows else 0
