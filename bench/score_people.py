"""Contacts by the hundred thousand with ten events each, made inside PostgreSQL, the same every time."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.rules import age_points

DAY = "CAST(timezone('Europe/Rome', {}) AS date)"
FADE_15, FADE_10, FADE_FORM = (
    f"CAST('{{{','.join(map(str, age_points(points, half_life)))}}}' AS smallint[])"
    for points, half_life in ((15, 60), (10, 60), (10, 30))
)
TABLES = "contact, contract, message, outbox, event, contact_stat, score, score_change, score_run, task, next_offer"
# Spread by multiplication: on the disk rows lie in the order of time, as in life, and not by contact.
MAKE = (
    "INSERT INTO contact (id, token, phone, language, country, value, created_at) OVERRIDING SYSTEM VALUE"
    " SELECT i, 't' || i, '+39' || i, 'it', 'IT', i % 2000, CAST(:now AS timestamptz) - interval '200 days'"
    " FROM generate_series(1, :people) AS i",
    "INSERT INTO contract (contact_id, kind, expires_on, source)"
    " SELECT i, 'electricity', CAST(:now AS date) + CAST(i * 7919 % 365 AS int) - 30, 'bench'"
    " FROM generate_series(1, CAST(:people AS bigint)) AS i",
    "INSERT INTO message (contact_id, wamid, phone_number_id, kind, text, payload, sent_at)"
    " SELECT 1 + i * 104729 % :people, 'in' || i, '900', 'text', 'ok', '{}',"
    " CAST(:now AS timestamptz) - interval '120 days' + interval '120 days' * i / (:people * 2.0)"
    " FROM generate_series(1, CAST(:people AS bigint) * 2) AS i",
    "INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, state, due_at,"
    " created_at, delivered_at)"
    " SELECT 1 + i * 15485863 % :people, '900', 'k' || i, 'c' || i, 'template', 'marketing', '{}', 'x', 'delivered',"
    " at, at, CASE WHEN i % 10 > 0 THEN at END FROM (SELECT i, CAST(:now AS timestamptz) - interval '90 days'"
    " + interval '89 days' * i / (:people * 3.0) AS at FROM generate_series(1, CAST(:people AS bigint) * 3) AS i) made",
    "INSERT INTO event (contact_id, kind, at, key, data)"
    " SELECT 1 + i * 32452843 % :people,"
    " (ARRAY['page_visit', 'offer_click', 'page_visit', 'quote_request', 'form', 'page_visit', 'objection'])"
    " [1 + i * 13 % 7], CAST(:now AS timestamptz) - interval '90 days'"
    " + interval '90 days' * i / (:people * 4.0), 'e' || i,"
    " CASE WHEN i % 3 = 0 THEN CAST('{\"page\": \"price\"}' AS jsonb) ELSE CAST('{}' AS jsonb) END"
    " FROM generate_series(1, CAST(:people AS bigint) * 4) AS i",
)
IGNORED = """\
LEFT JOIN (SELECT o.contact_id, count(*) AS ignored FROM outbox o
           LEFT JOIN (SELECT contact_id, max(at) AS at FROM (
                          SELECT contact_id, sent_at AS at FROM message WHERE kind <> 'system' UNION ALL
                          SELECT contact_id, at FROM event WHERE kind = 'offer_click') acts GROUP BY contact_id) a
               ON a.contact_id = o.contact_id
           WHERE o.delivered_at <= CAST(:now AS timestamptz) - interval '24 hours'
             AND o.delivered_at > coalesce(a.at, '-infinity') GROUP BY o.contact_id) o ON o.contact_id = c.id"""
# The best we could write by hand for the plainest rules, version 1: one pass over each table, points alone.
BY_HAND_V1 = f"""
INSERT INTO bare_score (contact_id, points)
SELECT c.id, greatest(0, least(100,
    CASE WHEN k.ends BETWEEN day.today AND day.today + 60 THEN 40 ELSE 0 END
    + CASE WHEN m.last > CAST(:now AS timestamptz) - interval '30 days' THEN 20 ELSE 0 END
    + CASE WHEN e.clicked IS NOT NULL THEN 15 ELSE 0 END + CASE WHEN e.quoted IS NOT NULL THEN 10 ELSE 0 END
    - CASE WHEN o.ignored >= 5 THEN 20 ELSE 0 END))
FROM contact c
CROSS JOIN (SELECT CAST(timezone('Europe/Rome', CAST(:now AS timestamptz)) AS date) AS today) day
LEFT JOIN (SELECT contact_id, min(expires_on) AS ends FROM contract GROUP BY contact_id) k ON k.contact_id = c.id
LEFT JOIN (SELECT contact_id, max(sent_at) AS last FROM message WHERE kind <> 'system' GROUP BY contact_id) m
    ON m.contact_id = c.id
LEFT JOIN (SELECT contact_id, max(at) FILTER (WHERE kind = 'offer_click') AS clicked,
                  max(at) FILTER (WHERE kind = 'quote_request') AS quoted FROM event GROUP BY contact_id) e
    ON e.contact_id = c.id
{IGNORED}"""

# The same for the rules that count, version 3 of energy: what it must read is what Pronto reads when it begins anew.
BY_HAND = f"""
INSERT INTO bare_score (contact_id, points)
SELECT c.id, greatest(0, least(100,
    CASE WHEN k.ends - today BETWEEN 0 AND 30 THEN 50 WHEN k.ends - today BETWEEN 0 AND 60 THEN 40 ELSE 0 END
    + CASE WHEN today - replied_on BETWEEN 0 AND 30 THEN 20 ELSE 0 END
    + CASE WHEN r.quick AND today - replied_on BETWEEN 0 AND 90 THEN 5 ELSE 0 END
    + least(35, coalesce(({FADE_15})[today - clicked_on + 1], 0) + coalesce(({FADE_10})[today - quoted_on + 1], 0)
        + coalesce(({FADE_FORM})[today - form_on + 1], 0)
        + CASE WHEN today - priced_on BETWEEN 0 AND 14 THEN 5 ELSE 0 END)
    - CASE WHEN o.ignored >= 5 THEN 20 ELSE 0 END
    - CASE WHEN today - objected_on BETWEEN 0 AND 14 THEN 10 ELSE 0 END
    - CASE WHEN f.mood <= -1 AND today - felt_on BETWEEN 0 AND 30 THEN 15 ELSE 0 END
    + CASE WHEN n.saving_percent >= 7 THEN 10 ELSE 0 END + CASE WHEN c.value >= 1000 THEN 5 ELSE 0 END
    - CASE WHEN s.until_on >= today THEN 0 ELSE 40 END))
FROM contact c
CROSS JOIN (SELECT {DAY.format("CAST(:now AS timestamptz)")} AS today) day
LEFT JOIN (SELECT contact_id, min(expires_on) AS ends FROM contract GROUP BY contact_id) k ON k.contact_id = c.id
LEFT JOIN (SELECT contact_id, {DAY.format("max(sent_at)")} AS replied_on FROM message WHERE kind <> 'system'
           GROUP BY contact_id) m ON m.contact_id = c.id
LEFT JOIN (SELECT contact_id, {DAY.format("max(at) FILTER (WHERE kind = 'offer_click')")} AS clicked_on,
                  {DAY.format("max(at) FILTER (WHERE kind = 'quote_request')")} AS quoted_on,
                  {DAY.format("max(at) FILTER (WHERE kind = 'form')")} AS form_on,
                  {DAY.format("max(at) FILTER (WHERE kind = 'objection')")} AS objected_on,
                  {DAY.format("max(at) FILTER (WHERE kind = 'page_visit' AND data ->> 'page' = 'price')")} AS priced_on
           FROM event GROUP BY contact_id) e ON e.contact_id = c.id
{IGNORED}
LEFT JOIN (SELECT contact_id, count(*) FILTER (WHERE pause < interval '61 minutes') * 2 >= count(*) AS quick FROM (
               SELECT contact_id, pause, row_number() OVER (PARTITION BY contact_id ORDER BY at DESC) AS place FROM (
                   SELECT contact_id, at, ours, at - lag(at) OVER turns AS pause, lag(ours) OVER turns AS answered
                   FROM (SELECT contact_id, delivered_at AS at, true AS ours FROM outbox WHERE delivered_at IS NOT NULL
                         UNION ALL SELECT contact_id, sent_at, false FROM message WHERE kind <> 'system') both_ways
                   WINDOW turns AS (PARTITION BY contact_id ORDER BY at, ours DESC)) steps
               WHERE NOT ours AND answered AND pause <= interval '3 days') reactions
           WHERE place <= 5 GROUP BY contact_id) r ON r.contact_id = c.id
LEFT JOIN (SELECT contact_id, sum(mood) AS mood, {DAY.format("max(at)")} AS felt_on FROM (
               SELECT contact_id, at, mood, row_number() OVER (PARTITION BY contact_id ORDER BY at DESC, mood) AS place
               FROM (SELECT contact_id, at, CASE WHEN kind IN ('complaint', 'churn_reason') THEN -1 ELSE 1 END AS mood
                     FROM event WHERE kind IN ('complaint', 'churn_reason', 'return_accepted', 'renewal_accepted')
                    ) moods) latest
           WHERE place <= 3 GROUP BY contact_id) f ON f.contact_id = c.id
LEFT JOIN next_offer n ON n.contact_id = c.id
LEFT JOIN (SELECT country, max(coalesce(valid_until_on, 'infinity')) AS until_on FROM offer
           WHERE kind = 'electricity' AND region IS NULL GROUP BY country) s ON s.country = c.country
"""


async def make_people(session: AsyncSession, people: int, values: dict[str, object]) -> None:
    """Fills empty tables and lets PostgreSQL look at them."""
    await session.execute(text(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE"))
    await session.execute(text("DROP TABLE IF EXISTS bare_score"))
    await session.execute(text("CREATE TABLE bare_score (contact_id bigint PRIMARY KEY, points smallint NOT NULL)"))
    for statement in MAKE:
        asked = {name: value for name, value in (values | {"people": people}).items() if f":{name}" in statement}
        await session.execute(text(statement), asked)
    await session.commit()
    for table in ("contact", "contract", "message", "outbox", "event"):
        await session.execute(text(f"ANALYZE {table}"))
    await session.commit()
