"""How content customers are after a handoff: asked, answered, average and distribution of the stars."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from inbox.numbers import guard

# One pass over the span; a line per group, told apart by which of them is summed up.
READ = text("""
    WITH asked AS (
        SELECT s.stars, coalesce(a.name, '-') AS agent, coalesce(c.language, '-') AS language,
               to_char(s.asked_at AT TIME ZONE CAST(:zone AS text), 'IYYY-"W"IW') AS week
        FROM satisfaction s JOIN handoff h ON h.id = s.handoff_id JOIN contact c ON c.id = s.contact_id
        LEFT JOIN account a ON a.id = h.account_id
        WHERE s.asked_at >= :since AND s.asked_at < :until)
    SELECT CASE WHEN grouping(agent) = 0 THEN 'agent' WHEN grouping(language) = 0 THEN 'language'
                WHEN grouping(week) = 0 THEN 'week' ELSE 'all' END AS "group",
           coalesce(agent, language, week, 'all') AS key,
           count(*) AS asked, count(stars) AS ratings, CAST(round(avg(stars), 2) AS float) AS average,
           count(*) FILTER (WHERE stars = 1) AS ones, count(*) FILTER (WHERE stars = 2) AS twos,
           count(*) FILTER (WHERE stars = 3) AS threes, count(*) FILTER (WHERE stars = 4) AS fours,
           count(*) FILTER (WHERE stars = 5) AS fives
    FROM asked GROUP BY GROUPING SETS ((), (agent), (language), (week)) HAVING count(*) > 0
    ORDER BY array_position(ARRAY['all', 'agent', 'language', 'week'],
        CASE WHEN grouping(agent) = 0 THEN 'agent' WHEN grouping(language) = 0 THEN 'language'
             WHEN grouping(week) = 0 THEN 'week' ELSE 'all' END), key
""")


@dataclass(frozen=True)
class Stars:
    """Of all, an agent, a language or a week (2026-W47). average: of those who answered, None if nobody did."""

    group: str
    key: str
    asked: int
    ratings: int
    average: float | None
    ones: int
    twos: int
    threes: int
    fours: int
    fives: int


async def read_satisfaction(session: AsyncSession, since: datetime, until: datetime, zone: str) -> list[Stars]:
    """What was asked in a span of time; weeks are those of a time zone."""
    rows = (await session.execute(READ, {"since": since, "until": until, "zone": zone})).mappings()
    return [Stars(**row) for row in rows]


def write_satisfaction_csv(lines: Sequence[Stars]) -> str:
    """The lines as CSV with a heading."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(Stars)], lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({name: guard(value) for name, value in asdict(line).items()} for line in lines)
    return out.getvalue()
