"""What was known of contacts on a day: the same question for learning from the past and for scoring today.

Only rows older than the day are looked at. What keeps no history is left out (value, place, language), because
today's value may be the outcome's own trace; contract ends come from `contract_end`, as they were noted day by day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.learned.model import Floats
from scoring.learned.outcomes import ASKED, LOST, WON
from scoring.learned.rhythm import NAMES as RHYTHM
from scoring.learned.rhythm import describe_purchases

# Days are whole days before the day asked about; hours are local. NULL where there is nothing to say.
FEATURES = text(
    """
    WITH who AS (
        SELECT c.id, coalesce(c.timezone, :zone) AS zone FROM contact c
        WHERE c.id = ANY (:ids) AND c.erased_at IS NULL
    ), happened AS (
        SELECT e.contact_id,
            min(e.at) AS first_at,
            max(e.at) FILTER (WHERE e.kind = 'offer_click') AS clicked_at,
            count(*) FILTER (WHERE e.kind = 'offer_click' AND e.at >= :at - interval '90 days') AS clicks_90,
            max(e.at) FILTER (WHERE e.kind = 'quote_request') AS quoted_at,
            max(e.at) FILTER (WHERE e.kind = 'page_visit') AS visited_at,
            count(*) FILTER (WHERE e.kind = 'page_visit' AND e.at >= :at - interval '30 days') AS visits_30,
            max(e.at) FILTER (WHERE e.kind = 'form') AS form_at,
            max(e.at) FILTER (WHERE e.kind = 'cart_abandoned') AS cart_at,
            max(e.at) FILTER (WHERE e.kind = 'objection') AS objected_at,
            max(e.at) FILTER (WHERE e.kind = 'complaint') AS complained_at,
            max(e.at) FILTER (WHERE e.kind = ANY (:lost)) AS cancelled_at,
            max(e.at) FILTER (WHERE e.kind = ANY (:asked)) AS asked_at,
            count(*) FILTER (WHERE e.at >= :at - interval '90 days') AS events_90,
            count(*) FILTER (WHERE e.at < :at - interval '90 days' AND e.at >= :at - interval '180 days') AS events_180
        FROM event e WHERE e.contact_id = ANY (:ids) AND e.at < :at GROUP BY e.contact_id
    ), days AS (
        SELECT e.contact_id, CAST(:at AT TIME ZONE w.zone AS date) - CAST(e.at AT TIME ZONE w.zone AS date) AS ago,
            coalesce(sum(CASE WHEN e.kind = 'purchase' AND jsonb_typeof(e.data -> 'amount') = 'number'
                THEN CAST(e.data ->> 'amount' AS float) END), 0) AS spent
        FROM event e JOIN who w ON w.id = e.contact_id WHERE e.kind = ANY (:won) AND e.at < :at GROUP BY 1, 2
    ), bought AS (
        SELECT contact_id, array_agg(ago ORDER BY ago DESC) AS ago, array_agg(spent ORDER BY ago DESC) AS spent
        FROM days GROUP BY contact_id
    ), said AS (
        SELECT m.contact_id, min(m.sent_at) AS first_at, max(m.sent_at) AS replied_at,
            count(*) FILTER (WHERE m.sent_at >= :at - interval '90 days') AS replies_90,
            count(*) FILTER (WHERE m.sent_at < :at - interval '90 days' AND m.sent_at >= :at - interval '180 days')
                AS replies_180
        FROM message m WHERE m.contact_id = ANY (:ids) AND m.sent_at < :at AND m.kind <> 'system' GROUP BY m.contact_id
    ), sent AS (
        SELECT o.contact_id, count(*) FILTER (
            WHERE coalesce(o.delivered_at, o.read_at) <= :at - interval '24 hours'
            AND coalesce(o.delivered_at, o.read_at) > coalesce(greatest(s.replied_at, h.clicked_at), '-infinity')
        ) AS ignored,
            bool_or(coalesce(o.delivered_at, o.read_at) AT TIME ZONE w.zone
                BETWEEN date_trunc('day', h.asked_at AT TIME ZONE w.zone) + interval '1 day 6 hours'
                AND date_trunc('day', h.asked_at AT TIME ZONE w.zone) + interval '1 day 11 hours') AS next_morning
        FROM outbox o JOIN who w ON w.id = o.contact_id
        LEFT JOIN said s ON s.contact_id = o.contact_id LEFT JOIN happened h ON h.contact_id = o.contact_id
        WHERE o.contact_id = ANY (:ids) AND coalesce(o.delivered_at, o.read_at) < :at GROUP BY o.contact_id
    ), ends AS (
        SELECT contact_id, min(abs(left_days)) FILTER (WHERE left_days >= 0) AS days_left, max(left_days) AS past
        FROM (SELECT DISTINCT ON (k.contact_id, k.kind) k.contact_id, k.expires_on - CAST(:at AS date) AS left_days
              FROM contract_end k WHERE k.contact_id = ANY (:ids) AND k.noted_at < :at
              ORDER BY k.contact_id, k.kind, k.noted_at DESC) newest
        GROUP BY contact_id
    ), judged AS (
        SELECT DISTINCT ON (g.contact_id) g.contact_id, g.points FROM score_change g
        WHERE g.contact_id = ANY (:ids) AND g.at < :at ORDER BY g.contact_id, g.at DESC, g.id DESC
    )
    SELECT w.id AS contact_id, j.points AS rules, b.ago, b.spent,
        coalesce(n.days_left, n.past) AS days_left,
        extract(epoch FROM :at - s.replied_at) / 86400 AS days_since_reply,
        coalesce(s.replies_90, 0) AS replies_90,
        extract(epoch FROM :at - h.clicked_at) / 86400 AS days_since_click,
        coalesce(h.clicks_90, 0) AS clicks_90,
        extract(epoch FROM :at - h.quoted_at) / 86400 AS days_since_quote,
        extract(epoch FROM :at - h.visited_at) / 86400 AS days_since_visit,
        coalesce(h.visits_30, 0) AS visits_30,
        extract(epoch FROM :at - h.form_at) / 86400 AS days_since_form,
        extract(epoch FROM :at - h.cart_at) / 86400 AS days_since_cart,
        extract(epoch FROM :at - h.objected_at) / 86400 AS days_since_objection,
        extract(epoch FROM :at - h.complained_at) / 86400 AS days_since_complaint,
        extract(epoch FROM :at - h.cancelled_at) / 86400 AS days_since_cancelled,
        coalesce(t.ignored, 0) AS ignored_in_a_row,
        coalesce(h.events_90, 0) + coalesce(s.replies_90, 0) - coalesce(h.events_180, 0) - coalesce(s.replies_180, 0)
            AS trend,
        extract(epoch FROM :at - least(h.first_at, s.first_at)) / 86400 AS days_known,
        extract(hour FROM h.asked_at AT TIME ZONE w.zone) AS asked_hour,
        extract(isodow FROM h.asked_at AT TIME ZONE w.zone) AS asked_weekday,
        CASE WHEN h.asked_at IS NOT NULL THEN CAST(coalesce(t.next_morning, false) AS int) END AS next_morning,
        extract(hour FROM s.replied_at AT TIME ZONE w.zone) AS reply_hour
    FROM who w LEFT JOIN happened h ON h.contact_id = w.id LEFT JOIN said s ON s.contact_id = w.id
    LEFT JOIN sent t ON t.contact_id = w.id LEFT JOIN ends n ON n.contact_id = w.id
    LEFT JOIN bought b ON b.contact_id = w.id LEFT JOIN judged j ON j.contact_id = w.id
    WHERE least(h.first_at, s.first_at) IS NOT NULL ORDER BY w.id
    """
)
READ_NAMES = (  # as FEATURES has them
    *("days_left", "days_since_reply", "replies_90", "days_since_click", "clicks_90", "days_since_quote"),
    *("days_since_visit", "visits_30", "days_since_form", "days_since_cart", "days_since_objection"),
    *("days_since_complaint", "days_since_cancelled"),
    *("ignored_in_a_row", "trend", "days_known", "asked_hour", "asked_weekday", "next_morning", "reply_hour"),
)
NAMES = (*READ_NAMES, *RHYTHM)
NOTE_ENDS = text(
    """
    INSERT INTO contract_end (contact_id, kind, noted_at, expires_on)
    SELECT k.contact_id, k.kind, :now, k.expires_on FROM contract k
    JOIN contact c ON c.id = k.contact_id AND c.erased_at IS NULL
    LEFT JOIN LATERAL (SELECT n.expires_on FROM contract_end n WHERE n.contact_id = k.contact_id AND n.kind = k.kind
                       ORDER BY n.noted_at DESC LIMIT 1) last ON true
    WHERE k.contact_id > :after AND k.contact_id <= :until AND last.expires_on IS DISTINCT FROM k.expires_on
    ON CONFLICT DO NOTHING
    """
)


async def read_features(
    session: AsyncSession, ids: Sequence[int], at: datetime, zone: str
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Ids of the contacts known at a time, their features as in NAMES, their rules' score then (NaN: none)."""
    values = {"ids": list(ids), "at": at, "zone": zone, "won": list(WON), "lost": list(LOST), "asked": list(ASKED)}
    rows = (await session.execute(FEATURES, values)).all()
    if not rows:
        return np.array([], dtype=np.int64), np.empty((0, len(NAMES))), np.array([])
    ids_rules = np.array([[to_float(value) for value in row[:2]] for row in rows])
    read = np.array([[to_float(value) for value in row[4:]] for row in rows])
    for number, name in enumerate(READ_NAMES):
        if name.startswith("days_"):
            read[:, number] = np.floor(read[:, number])
    rhythm = np.array([describe_purchases(row.ago or (), row.spent or ()) for row in rows])
    return ids_rules[:, 0].astype(np.int64), np.hstack([read, rhythm]), ids_rules[:, 1]


async def note_ends(session: AsyncSession, after: int, until: int, now: datetime) -> None:
    """Notes contract ends that are new or changed, of contacts with ids after one up to another."""
    await session.execute(NOTE_ENDS, {"after": after, "until": until, "now": now})


def to_float(value: Any) -> float:
    return float("nan") if value is None else float(value)
