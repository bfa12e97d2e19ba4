"""What the store holds, counted in one pass: how complete, how fresh, how reachable, how consistent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import EventKind, Language

SETTLING = timedelta(days=1)  # a message younger than this may still arrive, a clock elsewhere may be ahead so far
OUTCOMES = [EventKind.PURCHASE, EventKind.OFFER_CHOSEN, EventKind.RENEWAL_ACCEPTED, EventKind.CANCELLED]
LONGEST_CONTRACT = timedelta(days=30 * 365)  # an end farther away than this is a slip

# What makes a profile: somebody to reach, in a language, at a place, with an occasion to write.
FIELDS = {
    "address": "c.phone IS NOT NULL OR c.user_id IS NOT NULL",
    "name": "c.name IS NOT NULL",
    "language": "c.language IS NOT NULL",
    "country": "c.country IS NOT NULL",
    "postcode": "c.postcode IS NOT NULL",
    "occasion": "k.has_end OR e.purchases > 0",
}
PROBLEMS = {
    "no_phone": "c.phone IS NULL",
    "no_address": "c.phone IS NULL AND c.user_id IS NULL",
    "bad_phone": "c.phone !~ '^[+][1-9][0-9]{6,14}$'",
    "bad_language": "c.language <> ALL (:languages)",
    "bad_postcode": "c.postcode IS NOT NULL AND wrong.postcode IS NOT NULL",
    "expired_contract": "k.ended",
    "bad_contract_end": "k.odd",
    "bad_date": "e.ahead OR c.last_inbound_at > :soon OR c.created_at > :soon",
    "undeliverable": "o.sent > 0 AND o.arrived = 0",
    "same_name": "twin.id IS NOT NULL",
    "same_external_id": "double.id IS NOT NULL",
    "similar_phone": "near.id IS NOT NULL",
    "not_current": "NOT coalesce(greatest(c.updated_at, k.at, e.last_at, m.last_at) > :fresh_since, false)",
}
# Whoever has one of these should be left out until it is settled: 5,000 clean contacts beat 15,000 bad ones (S2-31).
UNCLEAN = ("no_address", "bad_phone", "bad_postcode", "undeliverable", "same_name", "same_external_id", "similar_phone")


def count_true(facts: Mapping[str, str], prefix: str) -> str:
    """SQL that counts the contacts for which each fact holds."""
    return ", ".join(f"count(*) FILTER (WHERE {sql}) AS {prefix}_{name}" for name, sql in facts.items())


def find_twins(key: str, condition: str) -> str:
    """SQL for the contacts that share a key with another one."""
    return (
        f"SELECT id FROM (SELECT id, count(*) OVER (PARTITION BY {key}) AS number"  # noqa: S608  (our own SQL)
        f" FROM contact WHERE erased_at IS NULL AND {condition}) counted WHERE number > 1"
    )


# The same words in another order are the same name; a number with a zero behind the country is the one without.
NAME_KEY = (
    "country, postcode, (SELECT string_agg(word, ' ' ORDER BY word)"
    " FROM regexp_split_to_table(lower(name), '\\W+') AS word WHERE word <> '')"
)
EXTERNAL_KEY = "ltrim(regexp_replace(lower(external_id), '[^a-z0-9]', '', 'g'), '0')"
PHONE_KEY = "regexp_replace(phone, '^([+][0-9]{1,3}?)0', '\\1')"
CLEAN = " AND ".join(f"NOT coalesce({PROBLEMS[name]}, false)" for name in UNCLEAN)
FIGURES = text(
    f"""
    WITH k AS (
        SELECT contact_id, max(updated_at) AS at, count(expires_on) > 0 AS has_end, max(expires_on) < :today AS ended,
               bool_or(expires_on NOT BETWEEN DATE '2000-01-01' AND CAST(:latest AS date)) AS odd
        FROM contract GROUP BY contact_id
    ), e AS (
        SELECT contact_id, min(at) AS first_at, max(at) FILTER (WHERE at <= :soon) AS last_at,
               count(*) FILTER (WHERE kind = 'purchase') AS purchases,
               min(at) FILTER (WHERE kind = 'purchase') AS bought_first_at,
               max(at) FILTER (WHERE kind = 'purchase' AND at <= :soon) AS bought_last_at,
               bool_or(kind = ANY (:outcomes)) AS has_outcome, bool_or(at > :soon) AS ahead
        FROM event GROUP BY contact_id
    ), m AS (
        SELECT contact_id, min(sent_at) AS first_at, max(sent_at) AS last_at FROM message GROUP BY contact_id
    ), o AS (
        SELECT contact_id, count(*) AS sent, count(*) FILTER (WHERE delivered_at IS NOT NULL OR read_at IS NOT NULL)
               AS arrived
        FROM outbox WHERE coalesce(accepted_at, failed_at) BETWEEN :fresh_since AND :settled
          AND state IN ('accepted', 'held_for_quality_assessment', 'sent', 'delivered', 'read', 'failed', 'expired')
        GROUP BY contact_id
    ), agreed AS (
        SELECT DISTINCT ON (contact_id) contact_id, given FROM consent WHERE purpose = 'marketing'
        ORDER BY contact_id, at DESC, given, id DESC
    ), switch AS (
        SELECT DISTINCT ON (contact_id) contact_id, value FROM platform_preference
        ORDER BY contact_id, at DESC, value = 'stop' DESC
    ), wrong AS (
        SELECT DISTINCT c.country, c.postcode FROM contact c WHERE c.country IN (SELECT DISTINCT country FROM place)
          AND NOT EXISTS (SELECT 1 FROM place p WHERE p.postcode = trim(c.postcode) AND p.country = c.country)
    ), twin AS ({find_twins(NAME_KEY, "name ~ '\\w' AND postcode IS NOT NULL")}),
    double AS ({find_twins(EXTERNAL_KEY, "external_id ~* '[a-z1-9]'")}),
    near AS ({find_twins(PHONE_KEY, "phone IS NOT NULL")})
    SELECT count(*) AS contacts, {count_true(FIELDS, "has")}, {count_true(PROBLEMS, "is")},
           count(*) FILTER (WHERE {" AND ".join(f"({sql})" for sql in FIELDS.values())}) AS complete,
           count(*) FILTER (WHERE c.external_id IS NOT NULL) AS has_external_id,
           count(*) FILTER (WHERE {CLEAN}) AS clean,
           count(*) FILTER (WHERE greatest(e.last_at, m.last_at) > :fresh_since) AS active,
           count(*) FILTER (WHERE agreed.given) AS agreed, count(*) FILTER (WHERE NOT agreed.given) AS refused,
           count(*) FILTER (WHERE agreed.given AND coalesce(switch.value, '') <> 'stop'
                            AND (c.phone IS NOT NULL OR c.user_id IS NOT NULL)) AS reachable,
           CAST(coalesce(sum(o.sent), 0) AS bigint) AS sent,
           CAST(coalesce(sum(o.arrived), 0) AS bigint) AS arrived,
           count(*) FILTER (WHERE o.sent > 0) AS written_to,
           count(*) FILTER (WHERE e.purchases > 0) AS buyers, count(*) FILTER (WHERE e.has_outcome) AS with_outcome,
           CAST(coalesce(sum(e.purchases - 1) FILTER (WHERE e.purchases > 1), 0) AS bigint) AS gaps,
           min(least(e.first_at, m.first_at)) AS first_at, max(greatest(e.last_at, m.last_at)) AS last_at,
           min(e.bought_first_at) AS bought_first_at, max(e.bought_last_at) AS bought_last_at
    FROM contact c
    LEFT JOIN k ON k.contact_id = c.id LEFT JOIN e ON e.contact_id = c.id LEFT JOIN m ON m.contact_id = c.id
    LEFT JOIN o ON o.contact_id = c.id LEFT JOIN agreed ON agreed.contact_id = c.id
    LEFT JOIN switch ON switch.contact_id = c.id
    LEFT JOIN wrong ON wrong.country = c.country AND wrong.postcode = c.postcode
    LEFT JOIN twin ON twin.id = c.id LEFT JOIN double ON double.id = c.id LEFT JOIN near ON near.id = c.id
    WHERE c.erased_at IS NULL
    """  # noqa: S608  (our own SQL)
)

type Figures = Mapping[str, Any]


async def read_figures(session: AsyncSession, now: datetime, zone: str, current_months: int) -> Figures:
    """All counts of one moment, without those who were erased. has_: fields, is_: problems, as named above."""
    today = now.astimezone(ZoneInfo(zone)).date()
    values = {
        "today": today,
        "latest": today + LONGEST_CONTRACT,
        "soon": now + SETTLING,
        "settled": now - SETTLING,
        "fresh_since": now - timedelta(days=current_months * 365.25 / 12),
        "outcomes": [kind.value for kind in OUTCOMES],
        "languages": [language.value for language in Language],
    }
    return dict((await session.execute(FIGURES, values)).mappings().one())
