"""Reads what contacts did since they came to the step they wait at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.advance import Signal

MOST = 30  # per enrollment and look

# A turn counts when it is over, for then its meaning is known. One that Pronto began itself holds no message, and is no
# answer. What another system tells late counts from when it happened.
READ = text(
    """
    SELECT n.id AS enrollment_id, s.*
    FROM unnest(CAST(:ids AS bigint[]), CAST(:contacts AS bigint[]), CAST(:sinces AS timestamptz[]))
        AS n (id, contact_id, since)
    CROSS JOIN LATERAL (
        (SELECT t.id, t.finished_at AS at, t.started_at AS since, '' AS kind, t.intent, t.text AS said FROM turn t
         WHERE t.contact_id = n.contact_id AND t.finished_at > n.since AND t.text <> ''
           AND EXISTS (SELECT 1 FROM message m WHERE m.turn_id = t.id)
         ORDER BY t.id DESC LIMIT :most)
        UNION ALL
        (SELECT e.id, e.at, e.at, e.kind, NULL, '' FROM event e
         WHERE e.contact_id = n.contact_id AND e.at > n.since AND e.at <= :now ORDER BY e.at DESC LIMIT :most)
    ) AS s (id, at, since, kind, intent, said)
    """
)


@dataclass(frozen=True)
class Waiting:
    """An enrollment that waits for its contact since a moment."""

    enrollment_id: int
    contact_id: int
    since: datetime


async def load_signals(session: AsyncSession, waiting: Sequence[Waiting], now: datetime) -> Mapping[int, list[Signal]]:
    """What those who wait did meanwhile, by enrollment."""
    if not waiting:
        return {}
    values: dict[str, Any] = {
        "ids": [one.enrollment_id for one in waiting],
        "contacts": [one.contact_id for one in waiting],
        "sinces": [one.since for one in waiting],
        "now": now,
        "most": MOST,
    }
    found: dict[int, list[Signal]] = {}
    for row in await session.execute(READ, values):
        found.setdefault(row.enrollment_id, []).append(
            Signal(row.id, row.at, row.since, row.kind, row.intent, row.said)
        )
    return found
