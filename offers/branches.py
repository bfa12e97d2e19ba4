"""Where to go and when: the nearest branch, its hours, whether it is open, the way there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays
from sqlalchemy.ext.asyncio import AsyncSession

from offers.facts import WEEKDAYS, Branch, Opening, Span
from offers.places import Place, find_places

EARTH_KM = 6371.0
AHEAD_DAYS = 60  # how far the next change of a branch is looked for
NEWS_DAYS = 14  # how far ahead other hours than usual are told

DAYS = {
    "it": ("lun", "mar", "mer", "gio", "ven", "sab", "dom"),
    "de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
CLOSED = {"it": "chiuso", "de": "geschlossen", "en": "closed"}
DATES = {"it": "{day}/{month}", "de": "{day}.{month}.", "en": "{day}/{month}"}


@dataclass(frozen=True)
class NearBranch:
    """A branch and the way to it as the crow flies, to 100 m."""

    branch: Branch
    distance_km: float


@dataclass(frozen=True)
class OpenState:
    """Whether a branch is open, and when that changes, in its own time; None if not within two months."""

    open: bool
    changes_at: datetime | None


def nearest_branches(
    branches: Sequence[Branch], latitude: float, longitude: float, kind: str | None = None, limit: int = 1
) -> list[NearBranch]:
    """The nearest branches that serve a kind (gym, shop, insurance, energy; None: any), nearest first."""
    near = [
        NearBranch(branch, round(measure_km(latitude, longitude, branch.latitude, branch.longitude), 1))
        for branch in branches
        if kind is None or kind in branch.kinds
    ]
    return sorted(near, key=lambda it: (it.distance_km, it.branch.id))[:limit]


async def branch_for_postcode(
    session: AsyncSession,
    branches: Sequence[Branch],
    postcode: str,
    country: str,
    kind: str | None = None,
    limit: int = 1,
) -> list[NearBranch]:
    """The branches nearest to a postcode; empty if it does not exist in the country."""
    return branches_near_places(branches, await find_places(session, postcode, country), kind, limit)


def branches_near_places(
    branches: Sequence[Branch], places: Sequence[Place], kind: str | None = None, limit: int = 1
) -> list[NearBranch]:
    """The branches nearest to the first of a postcode's places, its main one, that has coordinates."""
    for place in places:
        if place.latitude is not None and place.longitude is not None:
            return nearest_branches(branches, place.latitude, place.longitude, kind, limit)
    return []


def measure_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """The distance of two points on the globe (haversine)."""
    north, east = radians(to_latitude - latitude), radians(to_longitude - longitude)
    part = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(to_latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(part)))


def directions_url(branch: Branch, latitude: float | None = None, longitude: float | None = None) -> str:
    """The way to a branch, from where the customer is if that is known.

    An https link to OpenStreetMap: WhatsApp does not make geo: addresses tappable and iPhones do not open them, while
    links to Google's or Apple's maps choose the customer's map for them. The location pin, which should go with it,
    opens the map the customer prefers.
    """
    start = f"from={latitude},{longitude}&" if latitude is not None and longitude is not None else ""
    return f"https://www.openstreetmap.org/directions?{start}to={branch.latitude},{branch.longitude}"


def hours_on(branch: Opening, day: date) -> tuple[Span, ...]:
    """The opening hours of a day. A full date goes before a yearly one, other hours before closed, holidays last."""
    for written in (day.isoformat(), day.strftime("%m-%d")):
        for special in branch.special_days:
            if special.on == written:
                return special.hours
        if written in branch.closed_on:
            return ()
    if branch.public_holidays and is_holiday(branch.public_holidays, day):
        return ()
    return usual_hours(branch, day)


def is_holiday(where: str, day: date) -> bool:
    """Whether it is a public holiday in a country, or in its region: IT, DE-BY."""
    return day in find_holidays(where)


@cache
def find_holidays(where: str) -> HolidayBase:
    country, _, region = where.partition("-")
    return country_holidays(country, subdiv=region or None)


def usual_hours(branch: Opening, day: date) -> tuple[Span, ...]:
    hours: tuple[Span, ...] = getattr(branch.hours, WEEKDAYS[day.weekday()])
    return hours


def is_open(branch: Opening, moment: datetime) -> OpenState:
    """Whether it is open at a moment, and until or from when; hours that meet at midnight count as one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    zone = ZoneInfo(branch.timezone)
    now, today = moment.astimezone(UTC), moment.astimezone(zone).date()
    closes: datetime | None = None
    for ahead in range(AHEAD_DAYS):
        for start, end in periods_on(branch, today + timedelta(days=ahead), zone):
            if closes is not None:
                if start > closes:
                    return OpenState(True, closes.astimezone(zone))
                closes = end
            elif end > now:
                if start > now:
                    return OpenState(False, start.astimezone(zone))
                closes = end
    if closes is None:
        return OpenState(False, None)
    horizon = to_utc(today + timedelta(days=AHEAD_DAYS), time(0), zone)
    return OpenState(True, closes.astimezone(zone) if closes < horizon else None)


def periods_on(branch: Opening, day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The hours of a day in UTC, which knows no change of clocks."""
    periods = []
    for span in hours_on(branch, day):
        start = to_utc(day, span.start, zone)
        end = to_utc(day, span.end, zone) if span.end else to_utc(day + timedelta(days=1), time(0), zone)
        if start < end:  # not so for 2:30 to 3:00 in the night summer time begins
            periods.append((start, end))
    return periods


def measure_open(opening: Opening, start: datetime, end: datetime) -> timedelta:
    """How much of a span of time somebody was there."""
    zone, found = ZoneInfo(opening.timezone), timedelta()
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        for opens, closes in periods_on(opening, day, zone):
            found += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return found


def to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def opening_hours_text(branch: Branch, language: str, today: date) -> str:
    """The week as a table, days with the same hours together, and what differs within two weeks from today.

    today: the branch's calendar day. Lines like "lun–ven 9:00–13:00, 15:00–19:00".
    """
    words = language if language in DAYS else "en"
    lines = []
    week = [(number, getattr(branch.hours, name)) for number, name in enumerate(WEEKDAYS)]
    for hours, group in groupby(week, key=lambda it: it[1]):
        numbers = [number for number, _ in group]
        first, last = DAYS[words][numbers[0]], DAYS[words][numbers[-1]]
        lines.append(f"{first if first == last else f'{first}–{last}'} {write_spans(hours, words)}")
    for ahead in range(NEWS_DAYS):
        day = today + timedelta(days=ahead)
        if hours_on(branch, day) != usual_hours(branch, day):
            written = DATES[words].format(day=day.day, month=day.month)
            lines.append(f"{DAYS[words][day.weekday()]} {written} {write_spans(hours_on(branch, day), words)}")
    return "\n".join(lines)


def write_spans(spans: tuple[Span, ...], language: str) -> str:
    """9:00–13:00, 15:00–19:00, or closed."""
    if not spans:
        return CLOSED[language]
    return ", ".join(f"{write_time(span.start)}–{write_time(span.end)}" for span in spans)


def write_time(at: time | None) -> str:
    return f"{at.hour}:{at.minute:02}" if at else "24:00"
