"""On which day a trigger fires that means a day: allowed weekdays, late catching up, never behind a deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.journeys.triggers import Daily

CATCH_UP = timedelta(days=3)  # a day missed by more than this is not made up for any more
WEEK = 7
NIGHT_FROM = time(20)  # what is late waits for the next morning from then on
DAY = timedelta(days=1)
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class FireDay:
    """target: the day that is meant; fire_on: the allowed day for it; last_on: until when it still makes sense.

    days: of a deadline, how far from it the target is.
    """

    target: date
    fire_on: date
    last_on: date
    days: int = 0


def choose_day(target: date, weekdays: Iterable[str], latest: date | None = None) -> date:
    """The target if that weekday is allowed, else the next allowed day; if that is behind `latest`, the one before."""
    allowed = {NAMES.index(name) for name in weekdays}
    near: list[date] = [target + DAY * shift for shift in (*range(WEEK), *range(-1, -WEEK, -1))]
    days = [day for day in near if day.weekday() in allowed]
    return next(day for day in days if latest is None or day <= latest)


def list_days(trigger: Daily, today: date) -> list[FireDay]:
    """Every day a trigger may mean whose time is near. today: in UTC; contacts are up to a day before or behind it."""
    days = (FireDay(day, fire := choose_day(day, trigger.weekdays), fire + CATCH_UP) for day in list_targets(today))
    return [day for day in days if is_near(day, today)]


def list_deadlines(trigger: Daily, offsets: Sequence[int], today: date) -> list[FireDay]:
    """The same for days before (-30) and behind (7) the end of a contract; a later one makes an earlier one void."""
    return [
        day
        for offset in offsets
        for target in list_targets(today)
        for day in plan_end(trigger, sorted(offsets), target - DAY * offset)
        if day.target == target and day.days == offset and is_near(day, today)
    ]


def plan_end(trigger: Daily, offsets: Sequence[int], expires_on: date) -> Iterator[FireDay]:
    """All days of one contract's end. offsets: in order."""
    next_on: date | None = None
    for offset in reversed(offsets):
        target = expires_on + DAY * offset
        latest = expires_on if offset <= 0 else None
        fire_on = choose_day(target, trigger.weekdays, latest)
        last_on = min(day for day in (fire_on + CATCH_UP, latest, next_on and next_on - DAY) if day)
        if last_on >= fire_on:
            next_on = fire_on
            yield FireDay(target, fire_on, last_on, offset)


def list_targets(today: date) -> list[date]:
    """Days that may fire about now, moved by the weekday rule or late."""
    first = today - DAY - CATCH_UP - DAY * WEEK
    return [first + DAY * number for number in range((today + DAY * (2 + WEEK) - first).days + 1)]


def is_near(day: FireDay, today: date) -> bool:
    """Whether it is over, due or about to be: planned a day ahead, anywhere on earth."""
    return day.last_on >= today - DAY and day.fire_on <= today + 2 * DAY


def find_delivery(now: datetime, zone: str, at: time, weekdays: Iterable[str]) -> datetime:
    """Now, if it is a good moment on the contact's clock, else the next one: an allowed day at `at`."""
    local = now.astimezone(ZoneInfo(zone))
    allowed = set(weekdays)
    night = NIGHT_FROM if at < NIGHT_FROM else time.max
    if NAMES[local.weekday()] in allowed and at <= local.time() < night:
        return now
    first = local.date() if local.time() < at else local.date() + DAY
    return datetime.combine(choose_day(first, allowed), at, ZoneInfo(zone))
