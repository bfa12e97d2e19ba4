"""Each arm beside those left alone: only contacts whose days to convert are over, each once, in its first arm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.arms import CONTROL
from campaigns.journeys.versions import read_versions
from campaigns.results.read import BY, bound
from campaigns.results.uplift import Interval, Minimum, Sample, Verdict, compare_rates, compare_revenue, judge
from core.settings import Settings

VERSIONS = text("SELECT DISTINCT version_id FROM enrollment WHERE campaign = :campaign")
# After a promotion arms are drawn in other shares: those who entered before do not compare with those after.
SINCE = text("SELECT promoted_at FROM campaign WHERE name = :campaign")
READ = text("""
    WITH days AS (
        SELECT * FROM unnest(CAST(:versions AS bigint[]), CAST(:days AS bigint[])) AS t (version_id, days)),
    own AS (
        SELECT n.contact_id, min(n.entered_at) AS entered_at,
               (array_agg(n.arm ORDER BY n.entered_at, n.id))[1] AS arm,
               (array_agg(coalesce(n.segment, '') ORDER BY n.entered_at, n.id))[1] AS segment,
               (array_agg(coalesce(n.language, '') ORDER BY n.entered_at, n.id))[1] AS language,
               bool_or(n.converted_at IS NOT NULL) AS converted, coalesce(sum(n.revenue), 0) AS paid
        FROM enrollment n JOIN days d ON d.version_id = n.version_id
        WHERE n.campaign = :campaign AND n.entered_at >= :since AND n.entered_at < :until
          AND n.entered_at + d.days * interval '1 day' <= :now
        GROUP BY n.contact_id)
    SELECT arm, segment, language, GROUPING(arm, segment, language) AS grouped, count(*) AS contacts,
           count(*) FILTER (WHERE converted) AS converted, sum(paid) AS paid, sum(paid * paid) AS squares,
           min(entered_at) AS began
    FROM own GROUP BY GROUPING SETS ((arm), (arm, segment), (arm, language)) ORDER BY grouped DESC, arm
""")


@dataclass(frozen=True)
class Effect:
    """An arm beside another one: the control group, or the first arm where nobody is left alone.

    rate: what it adds to the conversion rate (0.01: one point of a hundred); revenue: per contact.
    """

    arm: str
    beside: str
    segment: str
    language: str
    by: str
    sample: Sample
    control: Sample
    rate: Interval | None
    revenue: Interval | None
    verdict: Verdict


async def read_effects(
    session: AsyncSession,
    settings: Settings,
    campaign: str,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Effect]:
    """What every arm adds: over all, then per segment, then per language."""
    versions = list(await session.scalars(VERSIONS, {"campaign": campaign}))
    journeys = await read_versions(session, versions)
    if since is None:
        since = await session.scalar(SINCE, {"campaign": campaign})
    values = bound(campaign, since, until) | {
        "now": now,
        "versions": versions,
        "days": [journeys[version].conversion.within_days for version in versions],
    }
    rows = (await session.execute(READ, values)).all()
    minimum = Minimum(settings.campaign_minimum_contacts, 7 * settings.campaign_minimum_weeks)
    return list(compare_all(rows, now, minimum))


def compare_all(rows: Iterable[Row[Any]], now: datetime, minimum: Minimum) -> Iterator[Effect]:
    """Effects of rows of READ. The more is compared in one go, the more each verdict needs."""
    groups: dict[tuple[int, str, str], dict[str, Row[Any]]] = {}
    for row in rows:
        groups.setdefault((row.grouped, row.segment or "", row.language or ""), {})[row.arm] = row
    pairs = [
        (key, arm, beside)
        for key, arms in groups.items()
        if (beside := CONTROL if CONTROL in arms else min(arms))
        for arm in sorted(arms)
        if arm != beside
    ]
    for key, arm, beside in pairs:
        grouped, segment, language = key
        one, other = groups[key][arm], groups[key][beside]
        sample, control = make_sample(one), make_sample(other)
        days = (now - min(one.began, other.began)).total_seconds() / 86_400
        comparisons = sum(others[0] == grouped for others, _, _ in pairs)
        yield Effect(
            arm,
            beside,
            segment,
            language,
            BY[grouped].replace("arm", "all"),
            sample,
            control,
            compare_rates(sample, control),
            compare_revenue(sample, control),
            judge(sample, control, days, minimum, comparisons),
        )


def make_sample(row: Row[Any]) -> Sample:
    return Sample(int(row.contacts), int(row.converted), float(row.paid), float(row.squares))
