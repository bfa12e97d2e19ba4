"""The defection limits of the company's own customers, as rows that the score and the campaigns may read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from scoring.learned.defection import DEFECTING, HORIZON, Limit, find_limit

SEGMENTS = ("all", "first_buyer", "repeat_buyer")
POINTS = 120  # of the stored curve

# Several purchases of a day are one. A gap that is still open ends today, one of an erased contact nowhere. Counted by
# length in the database: a million customers are a few thousand rows.
GAPS = text(
    """
    WITH days AS (
        SELECT DISTINCT e.contact_id, CAST(e.at AT TIME ZONE 'UTC' AS date) AS day FROM event e
        WHERE e.kind = 'purchase' AND e.at < :now
    ), steps AS (
        SELECT row_number() OVER own AS number, lead(day) OVER own - day AS gap,
               CAST(CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS date) - day AS waiting
        FROM days WINDOW own AS (PARTITION BY contact_id ORDER BY day)
    )
    SELECT CASE WHEN number = 1 THEN 'first_buyer' ELSE 'repeat_buyer' END AS segment,
           coalesce(gap, waiting) AS days, gap IS NOT NULL AS ended, count(*) AS number
    FROM steps GROUP BY 1, 2, 3
    """
)
STORE = text(
    """
    INSERT INTO defection_limit
        (segment, days, inactive_days, horizon_days, share, support, waiting, curve, computed_at)
    VALUES (:segment, :days, :inactive_days, :horizon, :share, :support, :waiting, CAST(:curve AS jsonb), :now)
    ON CONFLICT (segment) DO UPDATE SET days = excluded.days, inactive_days = excluded.inactive_days,
        horizon_days = excluded.horizon_days, share = excluded.share, support = excluded.support,
        waiting = excluded.waiting, curve = excluded.curve, computed_at = excluded.computed_at
    """
)
FORGET = text("DELETE FROM defection_limit WHERE NOT (segment = ANY (:kept))")
READ = text("SELECT segment, days, inactive_days FROM defection_limit")


class DefectionDays(NamedTuple):
    """Days without a purchase after which a customer is defecting, and inactive."""

    defecting: int
    inactive: int


async def store_limits(sessions: Sessions, now: datetime) -> dict[str, Limit]:
    """Learns the limits anew, for all and per segment where the data suffice; a limit that lost its data goes."""
    async with sessions() as session:
        rows = (await session.execute(GAPS, {"now": now})).all()
    found: dict[str, Limit] = {}
    for segment in SEGMENTS:
        own = [row for row in rows if segment in ("all", row.segment)]
        numbers = [row.number for row in own]
        gaps = np.repeat(np.array([row.days for row in own], dtype=np.int64), numbers)
        ended = np.repeat(np.array([row.ended for row in own], dtype=np.bool_), numbers)
        if limit := find_limit(gaps, ended):
            found[segment] = limit
    async with sessions.begin() as session:
        for segment, limit in found.items():
            await session.execute(STORE, as_row(segment, limit) | {"now": now})
        await session.execute(FORGET, {"kept": list(found)})
    return found


def as_row(segment: str, limit: Limit) -> dict[str, object]:
    """A limit as its table has it; the curve thinned out to what a picture can show."""
    curve = limit.curve
    days = np.unique(np.linspace(0, len(curve.away) - 1, POINTS).astype(int))
    points = [[int(day), round(float(curve.away[day]), 4), int(curve.watched[day])] for day in days]
    return {
        "segment": segment,
        "days": limit.days,
        "inactive_days": limit.inactive_days,
        "horizon": HORIZON,
        "share": DEFECTING,
        "support": limit.support,
        "waiting": limit.waiting,
        "curve": json.dumps(points),
    }


async def read_limits(session: AsyncSession) -> dict[str, DefectionDays]:
    """The limits by segment; empty as long as there are too few purchases."""
    return {row.segment: DefectionDays(row.days, row.inactive_days) for row in await session.execute(READ)}
