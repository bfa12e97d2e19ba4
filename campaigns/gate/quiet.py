"""When it is too late, too early or a holiday where the contact lives. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from campaigns.gate.limits import Quiet
from core.types import HoldReason

if TYPE_CHECKING:
    from holidays import HolidayBase

ON_THE_WAY = timedelta(minutes=2)  # a message needs time to arrive: it leaves so much before the quiet begins
LONGEST = 31  # days of quiet in a row nobody has
SOUTH_TYROL = "39"  # postcodes that begin with it


@dataclass(frozen=True)
class Home:
    """Where a contact lives. zone: an IANA name; region and place: as the table of places names them."""

    zone: str
    country: str | None = None
    region: str | None = None
    postcode: str | None = None
    place: str | None = None


def find_quiet(rule: Quiet, home: Home, now: datetime) -> tuple[HoldReason, datetime] | None:
    """Why nothing may leave now, and when it may again; None if it may."""
    zone = read_zone(home.zone)
    local = now.astimezone(zone)
    if is_off(rule, home, local.date()):
        return HoldReason.HOLIDAY, next_open(rule, home, now)
    late = (now + ON_THE_WAY).astimezone(zone)
    if is_quiet(rule, local.time()) or is_quiet(rule, late.time()):
        return HoldReason.QUIET_HOURS, next_open(rule, home, now)
    return None


def next_open(rule: Quiet, home: Home, at: datetime) -> datetime:
    """The first moment from `at` on at which a message may leave, in UTC."""
    zone = read_zone(home.zone)
    local = at.astimezone(zone)
    late = (at + ON_THE_WAY).astimezone(zone)
    if not (is_off(rule, home, local.date()) or is_quiet(rule, local.time()) or is_quiet(rule, late.time())):
        return at.astimezone(UTC)
    opens = time.fromisoformat(rule.end)
    for days in range(LONGEST):
        day = local.date() + timedelta(days=days)
        moment = datetime.combine(day, opens, zone)
        if moment > at and not is_off(rule, home, day):
            return moment.astimezone(UTC)
    return at.astimezone(UTC) + timedelta(days=LONGEST)


def close_at(rule: Quiet, home: Home, now: datetime) -> datetime | None:
    """When the quiet begins next, of a moment that is not quiet; None: never. What has not left by then is late."""
    zone = read_zone(home.zone)
    today = now.astimezone(zone).date()
    ends = []
    if rule.start != rule.end:
        start = time.fromisoformat(rule.start)
        ends += [datetime.combine(today + timedelta(days=days), start, zone) for days in (0, 1)]
    if is_off(rule, home, today + timedelta(days=1)):
        ends.append(datetime.combine(today + timedelta(days=1), time(), zone))
    later = [moment for moment in ends if moment > now]
    return min(later).astimezone(UTC) if later else None


def is_quiet(rule: Quiet, at: time) -> bool:
    """Whether a time of day lies in the quiet hours; from 20:00 to 09:00 they lie around midnight."""
    start, end = time.fromisoformat(rule.start), time.fromisoformat(rule.end)
    return start <= at < end if start <= end else at >= start or at < end


def is_off(rule: Quiet, home: Home, day: date) -> bool:
    """Whether nothing leaves on this day."""
    if rule.sundays and day.weekday() == 6:
        return True
    return rule.holidays and home.country is not None and is_holiday(home.country, find_subdivision(home), day)


@cache
def is_holiday(country: str, subdivision: str | None, day: date) -> bool:
    """Whether it is a public holiday there; countries nothing is known about have none."""
    found = list_holidays(country, subdivision)
    return found is not None and day in found


@cache
def list_holidays(country: str, subdivision: str | None) -> HolidayBase | None:
    import holidays  # noqa: PLC0415  (takes a second, which programs that never ask should not wait)

    try:
        return holidays.country_holidays(country, subdivision)
    except NotImplementedError:
        return None


def find_subdivision(home: Home) -> str | None:
    """The part of the country with holidays of its own, as the package `holidays` calls it."""
    return name_subdivision(home.country, home.region, home.postcode, home.place)


@cache
def name_subdivision(country: str | None, region: str | None, postcode: str | None, place: str | None) -> str | None:
    """In Italy South Tyrol, and towns that keep their patron's day; elsewhere the Land or canton."""
    known = list_subdivisions(country or "")
    if country == "IT":
        return "BZ" if (postcode or "").startswith(SOUTH_TYROL) else known.get(place or "")
    words = (region or "").split()
    return known.get(region or "") or (known.get(words[-1]) if words else None)  # Kanton Zürich


@cache
def list_subdivisions(country: str) -> dict[str, str]:
    """Name to code."""
    import holidays  # noqa: PLC0415  (as above)

    aliases: dict[str, str] = getattr(getattr(holidays, country, None), "subdivisions_aliases", {})
    return aliases


@cache
def read_zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
