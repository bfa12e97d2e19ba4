"""The hour of the day at which a contact is likeliest to answer, learned from when it wrote so far.

Who wrote seldom is judged by everybody's hours, who wrote often by its own: PRIOR days of everybody's stand beside the
contact's own days (the mean of a Dirichlet prior). An hour takes part in its neighbours, as 18:55 says much of 19:10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.explain import choose_language, load_words
from scoring.refresh import ZONE
from scoring.rollup import write_array

PRIOR = 10.0  # days
LEAST = 50  # days of everybody together below which nothing is said
DAYTIME = range(9, 20)  # asked for where the caller names no hours; quiet hours are the gate's
NEIGHBOURS = ((-1, 0.25), (0, 0.5), (1, 0.25))
LOCAL = "timezone(coalesce(c.timezone, :zone), m.sent_at)"
# A day on which a contact wrote in an hour counts once, however much it wrote.
OWN = text(
    f"""
    SELECT m.contact_id, CAST(extract(hour FROM {LOCAL}) AS int) AS hour, count(DISTINCT CAST({LOCAL} AS date)) AS days
    FROM message m JOIN contact c ON c.id = m.contact_id
    WHERE m.contact_id = ANY (CAST(:ids AS bigint[])) AND m.kind <> 'system'
      AND m.sent_at BETWEEN CAST(:now AS timestamptz) - interval '365 days' AND :now GROUP BY 1, 2
    """  # noqa: S608  (a constant)
)
# The latest messages stand for everybody's: reading all of them would cost more than the answer is worth.
WHOLE = text(
    f"""
    SELECT hour, count(*) AS days FROM (
        SELECT DISTINCT m.contact_id, CAST({LOCAL} AS date) AS day, CAST(extract(hour FROM {LOCAL}) AS int) AS hour
        FROM (SELECT contact_id, sent_at FROM message WHERE kind <> 'system' ORDER BY id DESC LIMIT 20000) m
        JOIN contact c ON c.id = m.contact_id) written
    GROUP BY hour
    """  # noqa: S608  (a constant)
)

ZONES = text("SELECT id, coalesce(timezone, :zone) AS zone FROM contact WHERE id = ANY (CAST(:ids AS bigint[]))")


@dataclass(frozen=True)
class BestHour:
    """hour: in the contact's own time, 0 to 23. share: of its answers expected then; days: own ones learned from."""

    hour: int
    share: float
    days: int


def choose_hour(own: Mapping[int, int], whole: Mapping[int, int], hours: Iterable[int] = DAYTIME) -> BestHour | None:
    """The best of some hours, the earliest of equals, by days per hour; None if everybody's are too few."""
    days, everybody = sum(own.values()), sum(whole.values())
    if everybody < LEAST:
        return None

    def expect(hour: int) -> float:
        prior = PRIOR * spread(whole, hour) / everybody
        return (spread(own, hour) + prior) / (days + PRIOR)

    shares = {hour: expect(hour) for hour in sorted(hours)}
    best = max(shares, key=lambda hour: shares[hour])
    return BestHour(best, shares[best], days)


def spread(days: Mapping[int, int], hour: int) -> float:
    """Days of an hour and its neighbours; 23 and 0 are neighbours."""
    return sum(weight * days.get((hour + step) % 24, 0) for step, weight in NEIGHBOURS)


async def read_best_hours(
    session: AsyncSession, ids: Sequence[int], now: datetime, zone: str = ZONE, hours: Iterable[int] = DAYTIME
) -> dict[int, BestHour]:
    """The best hour of each contact, in two statements however many there are; empty while too few have written."""
    whole = {row.hour: row.days for row in await session.execute(WHOLE, {"zone": zone})}
    own: dict[int, dict[int, int]] = {contact_id: {} for contact_id in ids}
    asked: dict[str, Any] = {"ids": write_array(ids), "now": now, "zone": zone}
    for row in await session.execute(OWN, asked):
        own[row.contact_id][row.hour] = row.days
    allowed = list(hours)
    found = {contact_id: choose_hour(days, whole, allowed) for contact_id, days in own.items()}
    return {contact_id: best for contact_id, best in found.items() if best}


async def read_best_times(
    session: AsyncSession, ids: Sequence[int], now: datetime, zone: str = ZONE
) -> dict[int, datetime]:
    """When each contact's best hour comes next, in UTC; who has none yet is left out."""
    if not ids:
        return {}
    best = await read_best_hours(session, ids, now, zone)
    rows = await session.execute(ZONES, {"ids": write_array(ids), "zone": zone})
    return {row.id: find_next(best[row.id].hour, now, ZoneInfo(row.zone)) for row in rows if row.id in best}


def find_next(hour: int, now: datetime, zone: ZoneInfo) -> datetime:
    """When clocks there next show this hour, in UTC; now, if they do."""
    local = now.astimezone(zone)
    if local.hour == hour:
        return now
    day = local.date() + timedelta(days=local.hour > hour)
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


def explain_hour(best: BestHour, language: str) -> str:
    """In it, de or en, with what it was learned from."""
    words = load_words()["best_hour" if best.days else "best_hour_of_all"][choose_language(language)]
    return str(words.format(hour=f"{best.hour:02}:00", days=best.days))
