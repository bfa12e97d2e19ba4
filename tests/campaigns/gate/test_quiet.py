"""Quiet hours, Sundays and public holidays where the contact lives, on its own clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from campaigns.gate.limits import Quiet
from campaigns.gate.quiet import Home, close_at, find_quiet, next_open
from core.types import HoldReason

RULE = Quiet.model_validate({"from": "20:00", "to": "09:00"})
ROME = Home("Europe/Rome", "IT")
BOLZANO = Home("Europe/Rome", "IT", "Trentino-Alto Adige", "39100", "Bolzano/Bozen")
MUNICH = Home("Europe/Berlin", "DE", "Bayern", "80331", "München")
BERLIN = Home("Europe/Berlin", "DE", "Berlin", "10115", "Berlin")
INNSBRUCK = Home("Europe/Vienna", "AT", "Tirol", "6020", "Innsbruck")
ZURICH = Home("Europe/Zurich", "CH", "Kanton Zürich", "8001", "Zürich")


def at(moment: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("home", "now", "again"),
    [
        (ROME, "2026-11-18 08:00", None),  # 9:00 in Rome
        (ROME, "2026-11-18 07:59", "2026-11-18 08:00"),
        (ROME, "2026-11-18 18:57", None),
        (ROME, "2026-11-18 18:58", "2026-11-19 08:00"),  # it would arrive in the quiet
        (ROME, "2026-11-18 23:30", "2026-11-19 08:00"),
        (ROME, "2026-07-15 07:00", None),  # summer time
        (ROME, "2026-07-15 06:59", "2026-07-15 07:00"),
        (Home("America/New_York", "US"), "2026-11-18 12:00", "2026-11-18 14:00"),
        (Home("Australia/Lord_Howe", "AU"), "2026-11-17 22:00", None),  # 9:00 there, half an hour beside the others
    ],
)
def test_nothing_leaves_in_the_quiet_hours(home: Home, now: str, again: str | None) -> None:
    expected = (HoldReason.QUIET_HOURS, at(again)) if again else None
    assert find_quiet(RULE, home, at(now)) == expected


@pytest.mark.parametrize(
    ("home", "day", "off"),
    [
        (ROME, "2026-06-02", True),  # Republic Day
        (ROME, "2026-05-25", False),
        (BOLZANO, "2026-05-25", True),  # Whit Monday is South Tyrol's
        (Home("Europe/Rome", "IT", "Lombardia", "20121", "Milano"), "2026-12-07", True),  # Sant'Ambrogio
        (MUNICH, "2026-01-06", True),
        (BERLIN, "2026-01-06", False),
        (BERLIN, "2026-03-08", True),  # Women's Day is Berlin's
        (MUNICH, "2026-03-08", False),  # a Sunday, and Sundays are not off here
        (INNSBRUCK, "2026-10-26", True),
        (ZURICH, "2026-08-01", True),
        (Home("Europe/Rome", None), "2026-12-25", False),  # nobody knows where
        (Home("Europe/Rome", "ZZ"), "2026-12-25", False),
    ],
)
def test_nothing_leaves_on_a_public_holiday_there(home: Home, day: str, off: bool) -> None:
    found = find_quiet(RULE, home, at(f"{day} 11:00"))
    assert (found is not None and found[0] is HoldReason.HOLIDAY) is off


def test_after_christmas_it_opens_on_the_first_working_day() -> None:
    assert next_open(RULE, ROME, at("2026-12-24 21:00")) == at("2026-12-27 08:00")


def test_sundays_may_be_off_too() -> None:
    rule = Quiet.model_validate({"from": "20:00", "to": "09:00", "sundays": "true"})
    assert find_quiet(rule, ROME, at("2026-11-22 11:00")) == (HoldReason.HOLIDAY, at("2026-11-23 08:00"))


@pytest.mark.parametrize(
    ("rule", "now", "ends"),
    [
        ({"from": "20:00", "to": "09:00"}, "2026-11-18 11:00", "2026-11-18 19:00"),
        ({"from": "00:00", "to": "00:00"}, "2026-12-24 11:00", "2026-12-24 23:00"),  # Christmas begins
        ({"from": "00:00", "to": "00:00"}, "2026-11-18 11:00", None),
        ({"from": "13:00", "to": "15:00"}, "2026-11-18 11:00", "2026-11-18 12:00"),
    ],
)
def test_what_waits_must_leave_before_the_next_quiet(rule: dict[str, Any], now: str, ends: str | None) -> None:
    assert close_at(Quiet.model_validate(rule), ROME, at(now)) == (at(ends) if ends else None)


def test_on_the_days_the_clock_is_changed_it_opens_at_nine() -> None:
    assert next_open(RULE, ROME, at("2026-03-28 22:00")) == at("2026-03-29 07:00")
    assert next_open(RULE, ROME, at("2026-10-24 22:00")) == at("2026-10-25 08:00")
