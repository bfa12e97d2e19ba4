"""What is learned: who of all contacts is won, and who of the customers is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import EventKind

WON = (EventKind.PURCHASE, EventKind.OFFER_CHOSEN, EventKind.RENEWAL_ACCEPTED, EventKind.RETURN_ACCEPTED)
LOST = (EventKind.CANCELLED,)
ASKED = (EventKind.QUOTE_REQUEST, EventKind.OFFER_CLICK, EventKind.PAGE_VISIT)


class Outcome(StrEnum):
    """Each has a model, a report and a chance of its own."""

    REPURCHASE = "repurchase"  # of every contact: won within a month
    DEFECTION = "defection"  # of customers who are not inactive yet: lost within three months

    @property
    def days(self) -> int:
        """Within which it counts. A loss is to be told 60 to 90 days ahead (S1-03)."""
        return 30 if self is Outcome.REPURCHASE else 90


# The last thing that happened within the horizon decides: who buys and then cancels has not been won.
OUTCOMES = text(
    """
    SELECT DISTINCT ON (contact_id) contact_id, kind = ANY (:won) AS won FROM event
    WHERE contact_id = ANY (:ids) AND kind = ANY (:decisive) AND at >= :at AND at < :until
    ORDER BY contact_id, at DESC, id DESC
    """
)
# A customer is who was won and has not cancelled since. Where purchases come again and again, so that there is a limit,
# it must not be inactive yet: who is, is lost already. Buying nothing is a loss only there, cancelling always.
DEFECTIONS = text(
    """
    WITH before AS (
        SELECT contact_id, max(at) FILTER (WHERE kind = ANY (:won)) AS won_at,
               count(DISTINCT CAST(at AS date)) FILTER (WHERE kind = ANY (:won)) AS times,
               (array_agg(kind ORDER BY at DESC, id DESC))[1] AS kind
        FROM event WHERE contact_id = ANY (:ids) AND kind = ANY (:decisive) AND at < :at GROUP BY contact_id
    ), after AS (
        SELECT DISTINCT ON (contact_id) contact_id, kind = ANY (:won) AS won FROM event
        WHERE contact_id = ANY (:ids) AND kind = ANY (:decisive) AND at >= :at AND at < :until
        ORDER BY contact_id, at DESC, id DESC
    ), customer AS (
        SELECT b.contact_id, l.days FROM before b LEFT JOIN LATERAL (
            SELECT inactive_days AS days FROM defection_limit
            WHERE segment IN (CASE WHEN b.times = 1 THEN 'first_buyer' ELSE 'repeat_buyer' END, 'all')
            ORDER BY segment = 'all' LIMIT 1) l ON true
        WHERE b.kind = ANY (:won) AND (l.days IS NULL OR b.won_at >= :at - make_interval(days => CAST(l.days AS int)))
    )
    SELECT c.contact_id, CASE WHEN a.won IS NULL THEN c.days IS NOT NULL ELSE NOT a.won END AS lost
    FROM customer c LEFT JOIN after a ON a.contact_id = c.contact_id
    """
)


async def read_outcomes(session: AsyncSession, ids: Sequence[int], at: datetime, days: int) -> set[int]:
    """The contacts that were won within so many days from a time on."""
    rows = (await session.execute(OUTCOMES, name_values(ids, at, days))).all()
    return {row.contact_id for row in rows if row.won}


async def read_cases(session: AsyncSession, outcome: Outcome, ids: Sequence[int], at: datetime) -> dict[int, bool]:
    """Of whom an outcome can be asked at a time, and whether it came."""
    if outcome is Outcome.REPURCHASE:
        won = await read_outcomes(session, ids, at, outcome.days)
        return {contact_id: contact_id in won for contact_id in ids}
    rows = (await session.execute(DEFECTIONS, name_values(ids, at, outcome.days))).all()
    return {row.contact_id: row.lost for row in rows}


def name_values(ids: Sequence[int], at: datetime, days: int) -> dict[str, object]:
    values = {"ids": list(ids), "at": at, "until": at + timedelta(days=days)}
    return values | {"won": list(WON), "decisive": [*WON, *LOST]}
