"""Triggers that mean a day: ends of contracts, new offers, silence after an offer, inactivity.

They are planned a day ahead and again and again, for each occasion counts once. Whether an occasion is still one is
asked anew when it fires: HOLDS gives the plans of which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.triggers import Daily, Deadline, Inactivity, NewOffer, Silence
from campaigns.triggers.calendar import FireDay, list_days, list_deadlines
from campaigns.triggers.occasions import DAYS, FORESEE, PLAN, describe_days

LIVING = "c.erased_at IS NULL AND c.erase_at IS NULL"
ZONE = "coalesce(c.timezone, CAST(:zone AS text))"

ENDS = f"""
    SELECT k.contact_id, {ZONE} AS zone, d.fire_on, d.last_on,
           'deadline:' || k.kind || ':' || k.expires_on || ':' || d.days AS occasion,
           jsonb_build_object('contract', k.kind, 'expires_on', k.expires_on, 'days', d.days) AS data
    FROM days d JOIN contract k ON k.expires_on = d.target - d.days AND k.kind = :contract
    JOIN contact c ON c.id = k.contact_id WHERE {LIVING}
"""  # noqa: S608  (our own words, as below)
# Neither an answer nor a click since the offer came, and it is the last one. What this campaign itself sent does not
# count: it would go on for ever.
UNANSWERED = """
    NOT EXISTS (SELECT 1 FROM message m WHERE m.contact_id = o.contact_id AND m.sent_at > o.delivered_at
                AND m.kind <> 'system')
    AND NOT EXISTS (SELECT 1 FROM event e WHERE e.contact_id = o.contact_id AND e.kind = 'offer_click'
                    AND e.at > o.delivered_at)
    AND NOT EXISTS (SELECT 1 FROM outbox later WHERE later.contact_id = o.contact_id AND later.id > o.id
                    AND later.kind = 'template' AND later.purpose = 'marketing' AND later.delivered_at IS NOT NULL)
"""
SILENT = f"""
    SELECT o.contact_id, {ZONE} AS zone, d.fire_on, d.last_on,
           'silence:' || o.id || ':' || CAST(:count AS int) AS occasion, jsonb_build_object('outbox_id', o.id) AS data
    FROM outbox o JOIN contact c ON c.id = o.contact_id
    JOIN days d ON d.target = CAST(timezone({ZONE}, o.delivered_at) AS date) + CAST(:count AS int)
    WHERE o.kind = 'template' AND o.purpose = 'marketing' AND {LIVING}
      AND o.delivered_at > :since AND o.delivered_at < :before AND {UNANSWERED}
      AND NOT EXISTS (SELECT 1 FROM send_decision s WHERE s.outbox_id = o.id AND s.campaign = :campaign)
"""  # noqa: S608  (our own words, as below)
LAST_SIGN = """
    greatest(st.replied_on, st.clicked_on, st.quoted_on, st.visited_on, st.form_on, st.cart_on, st.bought_on,
             st.engaged_days[1], st.created_on)
"""
INACTIVE = f"""
    SELECT st.contact_id, {ZONE} AS zone, d.fire_on, d.last_on,
           'inactivity:' || {LAST_SIGN} || ':' || CAST(:count AS int) AS occasion,
           jsonb_build_object('last_on', {LAST_SIGN}) AS data
    FROM contact_stat st JOIN contact c ON c.id = st.contact_id
    JOIN days d ON d.target = {LAST_SIGN} + CAST(:count AS int) WHERE {LIVING}
"""  # noqa: S608  (our own words, as below)
STARTED = "greatest(o.valid_from_on, CAST(timezone(CAST(:zone AS text), o.added_at) AS date))"
# The best offer of this very contact is a new one, and saves more than what the contact was told before.
PROFILE = f"""
    SELECT n.contact_id, {ZONE} AS zone, d.fire_on, least(d.last_on, n.valid_until_on) AS last_on,
           'offer:' || n.offer_code AS occasion,
           jsonb_build_object('offer_code', n.offer_code, 'yearly_saving', n.yearly_saving) AS data
    FROM offer o JOIN days d ON d.target = {STARTED} JOIN next_offer n ON n.offer_code = o.code
    JOIN contact c ON c.id = n.contact_id WHERE {LIVING}
      AND NOT EXISTS (SELECT 1 FROM link l WHERE l.contact_id = n.contact_id AND l.offer_code = n.offer_code)
      AND NOT EXISTS (SELECT 1 FROM event e WHERE e.contact_id = n.contact_id AND e.kind = 'offer_chosen'
            AND jsonb_typeof(e.data -> 'saving') = 'number' AND CAST(e.data ->> 'saving' AS numeric) >= n.yearly_saving)
      AND NOT EXISTS (SELECT 1 FROM plan p WHERE p.contact_id = n.contact_id AND p.occasion LIKE 'offer:%'
            AND p.outcome = 'entered' AND CAST(p.data ->> 'yearly_saving' AS numeric) >= n.yearly_saving)
"""  # noqa: S608  (our own words, as below)
# Something new can be signed where the contact lives; what starts on one day is one occasion.
AREA = f"""
    SELECT k.contact_id, {ZONE} AS zone, d.fire_on, d.last_on,
           'area:' || o.kind || ':' || d.target AS occasion,
           jsonb_build_object('kind', o.kind, 'codes', jsonb_agg(DISTINCT o.code)) AS data
    FROM offer o JOIN days d ON d.target = {STARTED}
    JOIN contact c ON c.country = o.country AND {LIVING} JOIN contract k ON k.contact_id = c.id AND k.kind = o.kind
    WHERE o.region IS NULL AND o.province IS NULL AND o.municipality IS NULL
       OR EXISTS (SELECT 1 FROM place p WHERE p.country = o.country AND p.postcode = c.postcode
            AND (p.region_code = ANY (string_to_array(o.region, ';'))
                 OR p.province_code = ANY (string_to_array(o.province, ';'))
                 OR p.municipality_code = ANY (string_to_array(o.municipality, ';'))))
    GROUP BY k.contact_id, zone, d.fire_on, d.last_on, o.kind, d.target
"""  # noqa: S608  (our own words, as below)
SOURCES = {"deadline": ENDS, "silence": SILENT, "inactivity": INACTIVE, "profile": PROFILE, "area": AREA}
PLANS = {name: text(f"WITH {DAYS}, found AS ({source})" + PLAN) for name, source in SOURCES.items()}
FORESEEN = {name: text(f"WITH {DAYS}, found AS ({source})" + FORESEE) for name, source in SOURCES.items()}

OF_PLANS = "p.id = ANY(CAST(:ids AS bigint[]))"
HOLDS = {
    "deadline": text(
        f"""
        SELECT p.id FROM plan p JOIN contract k ON k.contact_id = p.contact_id AND k.kind = p.data ->> 'contract'
        WHERE {OF_PLANS} AND k.expires_on = CAST(p.data ->> 'expires_on' AS date)
        """  # noqa: S608  (our own words)
    ),
    "silence": text(
        f"""
        SELECT p.id FROM plan p JOIN outbox o ON o.id = CAST(p.data ->> 'outbox_id' AS bigint)
        WHERE {OF_PLANS} AND {UNANSWERED}
        """  # noqa: S608
    ),
    "inactivity": text(
        f"""
        SELECT p.id FROM plan p JOIN contact_stat st ON st.contact_id = p.contact_id
        WHERE {OF_PLANS} AND {LAST_SIGN} = CAST(p.data ->> 'last_on' AS date)
          AND NOT EXISTS (SELECT 1 FROM message m WHERE m.contact_id = p.contact_id AND m.sent_at > p.created_at)
        """  # noqa: S608
    ),
    "new_offer": text(
        f"""
        SELECT p.id FROM plan p WHERE {OF_PLANS} AND CASE WHEN p.data ? 'offer_code'
          THEN EXISTS (SELECT 1 FROM next_offer n WHERE n.contact_id = p.contact_id
                       AND n.offer_code = p.data ->> 'offer_code')
          ELSE EXISTS (SELECT 1 FROM offer o WHERE p.data -> 'codes' ? o.code
                       AND (o.valid_until_on IS NULL OR o.valid_until_on >= CAST(CAST(:now AS timestamptz) AS date)))
          END
        """  # noqa: S608
    ),
}


@dataclass(frozen=True)
class Asked:
    """A statement and its parameters: who is meant by a trigger."""

    source: str
    values: dict[str, Any]

    @property
    def plans(self) -> TextClause:
        return PLANS[self.source]


def ask(trigger: Daily, campaign: str, zone: str, now: datetime, on: date | None = None) -> Asked:
    """What to ask the store for a trigger. on: only for what fires on that day."""
    today = now.date()
    values: dict[str, Any] = {"campaign": campaign, "zone": zone, "now": now}
    days: list[FireDay] = list_days(trigger, today)
    own: dict[str, Any] = {}
    match trigger:
        case Deadline():
            days = list_deadlines(trigger, trigger.days, today)
            source, own = "deadline", {"contract": trigger.contract}
        case Silence():
            span = timedelta(days=trigger.days)
            targets = [datetime.combine(day.target, now.timetz()) for day in days] or [now]
            since, before = min(targets) - span - timedelta(days=2), max(targets) - span + timedelta(days=2)
            source, own = "silence", {"count": trigger.days, "since": since, "before": before}
        case Inactivity():
            source, own = "inactivity", {"count": trigger.days}
        case NewOffer():
            source = trigger.by
        case _:
            raise TypeError(f"{trigger!r} means no day")
    return Asked(source, values | own | describe_days(trigger, days, on))


async def plan_daily(session: AsyncSession, trigger: Daily, campaign: str, zone: str, now: datetime) -> int:
    """Plans what a trigger means for everyone; how many plans are new."""
    asked = ask(trigger, campaign, zone, now)
    return int(await session.scalar(asked.plans, asked.values) or 0)


async def foresee_daily(
    session: AsyncSession, trigger: Daily, campaign: str, zone: str, now: datetime, on: date
) -> list[Row[Any]]:
    """Whom a trigger means on a day, as the store is now: contact_id, occasion, data, due_at. Nothing is written."""
    asked = ask(trigger, campaign, zone, now, on)
    own = FORESEEN[asked.source]
    used = own.compile().params
    return list((await session.execute(own, {name: asked.values[name] for name in used})).all())
