from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from offers.branches import (
    branch_for_postcode,
    directions_url,
    hours_on,
    is_open,
    measure_km,
    nearest_branches,
    opening_hours_text,
)
from offers.company import read_company
from offers.facts import Branch

BRANCHES = read_company().branches
MILANO, BOLOGNA, BOZEN, MUENCHEN, BERLIN, ROMA = BRANCHES
ROME_TIME = ZoneInfo("Europe/Rome")


def at(text: str, branch: Branch = MILANO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(branch.timezone))


def change(branch: Branch, **fields: object) -> Branch:
    return Branch.model_validate(
        {**branch.model_dump(exclude={"hours", "special_days"}), "hours": branch.hours, "special_days": (), **fields}
    )


def open_daily(spans: list[str]) -> Branch:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return change(MILANO, hours=dict.fromkeys(days, spans), closed_on=[])


def test_the_nearest_branch_serves_what_is_asked() -> None:
    brixen = (46.7167, 11.6500)
    assert [near.branch for near in nearest_branches(BRANCHES, *brixen)] == [BOZEN]
    assert [near.branch for near in nearest_branches(BRANCHES, *brixen, kind="shop", limit=2)] == [MUENCHEN, MILANO]
    assert nearest_branches(BRANCHES, *brixen, kind="bakery") == []


def test_distances_are_right() -> None:
    near = nearest_branches([ROMA], MILANO.latitude, MILANO.longitude)[0]
    assert near.distance_km == pytest.approx(478, abs=3)
    assert nearest_branches([ROMA], ROMA.latitude, ROMA.longitude)[0].distance_km == 0


coordinates = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(coordinates, coordinates)
def test_a_distance_is_the_same_both_ways_and_stays_on_the_globe(
    here: tuple[float, float], there: tuple[float, float]
) -> None:
    assert 0 <= measure_km(*here, *there) <= 20016
    assert measure_km(*here, *there) == pytest.approx(measure_km(*there, *here), abs=1e-6)


async def test_a_postcode_finds_its_branch(catalogue: AsyncSession) -> None:
    (near,) = await branch_for_postcode(catalogue, BRANCHES, "39042", "IT")
    assert near.branch == BOZEN
    assert 25 < near.distance_km < 45
    (near,) = await branch_for_postcode(catalogue, BRANCHES, "20123", "IT", "gym")
    assert (near.branch, near.distance_km < 5) == (MILANO, True)
    (near,) = await branch_for_postcode(catalogue, BRANCHES, "10117", "DE")
    assert near.branch == BERLIN


async def test_an_unknown_postcode_finds_none(catalogue: AsyncSession) -> None:
    assert await branch_for_postcode(catalogue, BRANCHES, "00000", "IT") == []


def test_the_way_is_a_link_any_phone_opens() -> None:
    assert directions_url(ROMA) == "https://www.openstreetmap.org/directions?to=41.9,12.492"
    assert directions_url(ROMA, 41.8, 12.5) == "https://www.openstreetmap.org/directions?from=41.8,12.5&to=41.9,12.492"


@pytest.mark.parametrize(
    ("branch", "moment", "is_it", "changes_at"),
    [
        (BOLOGNA, "2026-11-23T08:59", False, "2026-11-23T09:00"),
        (BOLOGNA, "2026-11-23T09:00", True, "2026-11-23T13:00"),
        (BOLOGNA, "2026-11-23T13:00", False, "2026-11-23T15:00"),
        (BOLOGNA, "2026-11-23T18:59", True, "2026-11-23T19:00"),
        (BOLOGNA, "2026-11-28T13:00", False, "2026-11-30T09:00"),  # Saturday to Monday
        (BOLOGNA, "2026-12-24T12:00", True, "2026-12-24T13:00"),  # shorter that day
        (BOLOGNA, "2026-12-24T15:30", False, "2026-12-28T09:00"),  # holidays, then a Sunday
        (MILANO, "2026-12-07T10:00", False, "2026-12-09T07:00"),  # the city's own holiday
        (MUENCHEN, "2027-03-26T12:00", False, "2027-03-27T09:30"),  # Good Friday, this year only
        (MUENCHEN, "2028-03-27T12:00", True, "2028-03-27T20:00"),
        (BERLIN, "2026-11-23T03:00", True, "2026-11-28T22:00"),  # open round the clock until Saturday
        (BERLIN, "2026-11-29T22:30", False, "2026-11-30T00:00"),
    ],
)
def test_open_or_closed_and_until_when(branch: Branch, moment: str, is_it: bool, changes_at: str) -> None:
    state = is_open(branch, at(moment, branch))
    assert (state.open, state.changes_at) == (is_it, at(changes_at, branch))


def test_the_branch_decides_whose_clock_counts() -> None:
    assert is_open(MILANO, datetime(2026, 11, 23, 6, 0, tzinfo=UTC)).open
    assert not is_open(MILANO, datetime(2026, 11, 23, 5, 59, tzinfo=UTC)).open
    assert is_open(MILANO, datetime(2026, 7, 6, 5, 0, tzinfo=UTC)).open  # summer time


def test_a_night_of_changing_clocks_is_counted_right() -> None:
    night = open_daily(["00:00-04:00"])
    for day in ("2027-03-28", "2027-10-31"):
        closes = is_open(night, at(f"{day}T00:30")).changes_at
        assert closes == at(f"{day}T04:00")
    opened = at("2027-03-28T00:00").astimezone(UTC)
    assert is_open(night, opened + timedelta(hours=2, minutes=59)).open
    assert not is_open(night, opened + timedelta(hours=3)).open  # the night has three hours, not four


def test_hours_the_change_of_clocks_swallows_do_not_exist() -> None:
    night = open_daily(["02:30-03:00"])
    for minutes in range(0, 180, 15):
        assert not is_open(night, datetime(2027, 3, 28, tzinfo=UTC) + timedelta(minutes=minutes)).open


def test_always_open_and_never_open_have_no_change() -> None:
    always, never = open_daily(["00:00-24:00"]), open_daily([])
    moment = at("2026-11-22T12:00")
    assert (is_open(always, moment).open, is_open(always, moment).changes_at) == (True, None)
    assert (is_open(never, moment).open, is_open(never, moment).changes_at) == (False, None)


def test_a_full_date_goes_before_a_yearly_one() -> None:
    branch = change(MILANO, closed_on=["12-24"], special_days=[{"on": "2026-12-24", "hours": "10:00-12:00"}])
    assert len(hours_on(branch, date(2026, 12, 24))) == 1
    assert hours_on(branch, date(2027, 12, 24)) == ()


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        is_open(MILANO, datetime(2026, 11, 22))  # noqa: DTZ001


@given(
    st.sampled_from(BRANCHES),
    st.integers(0, 3 * 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
)
def test_the_next_change_is_one(branch: Branch, moment: datetime) -> None:
    state = is_open(branch, moment)
    assert state.changes_at is not None
    assert state.changes_at > moment
    assert is_open(branch, state.changes_at).open is not state.open
    assert is_open(branch, state.changes_at - timedelta(seconds=1)).open is state.open


def test_hours_are_told_as_a_table() -> None:
    today = date(2026, 11, 22)
    assert opening_hours_text(BOLOGNA, "it", today) == "lun–ven 9:00–13:00, 15:00–19:00\nsab 9:00–13:00\ndom chiuso"
    assert opening_hours_text(MUENCHEN, "de", today) == "Mo–Sa 9:30–20:00\nSo geschlossen"
    assert opening_hours_text(BERLIN, "en", today).splitlines()[0] == "Mon–Fri 0:00–24:00"


def test_what_differs_soon_is_told_and_what_does_not_is_not() -> None:
    lines = opening_hours_text(BOLOGNA, "de", date(2026, 12, 20)).splitlines()
    assert lines[3:] == [
        "Do 24.12. 9:00–13:00",
        "Fr 25.12. geschlossen",
        "Sa 26.12. geschlossen",
        "Fr 1.1. geschlossen",
    ]
    lines = opening_hours_text(MUENCHEN, "it", date(2027, 10, 1)).splitlines()
    assert lines[2:] == []  # 3 October 2027 is a Sunday, closed anyway
