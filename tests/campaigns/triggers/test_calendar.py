"""Days triggers fire on."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from campaigns.journeys.triggers import WORKDAYS, Deadline, Inactivity
from campaigns.triggers.calendar import choose_day, find_delivery, list_days, list_deadlines, plan_end

MONDAY = date(2026, 11, 23)
SATURDAY = date(2026, 11, 28)
ALL = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ENERGY = Deadline(on="deadline", contract="electricity")


@pytest.mark.parametrize(
    ("target", "latest", "fires"),
    [
        (MONDAY, None, MONDAY),
        (SATURDAY, None, date(2026, 11, 30)),
        (SATURDAY, date(2026, 11, 30), date(2026, 11, 30)),
        (SATURDAY, date(2026, 11, 29), date(2026, 11, 27)),  # never behind the deadline: the Friday before
        (SATURDAY, SATURDAY, date(2026, 11, 27)),
    ],
)
def test_a_weekend_is_moved_to_the_next_allowed_day_but_never_behind_the_deadline(
    target: date, latest: date | None, fires: date
) -> None:
    assert choose_day(target, WORKDAYS, latest) == fires


def test_day_45_is_planned_for_the_45th_day_before_the_end() -> None:
    days = list(plan_end(ENERGY, (-45, -30, -7), date(2027, 1, 11)))
    assert [(day.days, day.fire_on) for day in days] == [
        (-7, date(2027, 1, 4)),
        (-30, date(2026, 12, 14)),  # the 12th is a Saturday
        (-45, date(2026, 11, 27)),
    ]


def test_an_earlier_offset_is_void_once_the_next_one_has_its_day() -> None:
    near = Deadline(on="deadline", contract="gas", days=(-9, -8, -7))
    days = {day.days: day for day in plan_end(near, (-9, -8, -7), date(2026, 12, 7))}
    assert days.keys() == {-7}  # Saturday and Sunday would both come on the Monday of the third
    assert days[-7].fire_on == date(2026, 11, 30)


def test_nothing_is_relevant_behind_the_deadline() -> None:
    (day,) = plan_end(ENERGY, (-1,), date(2026, 11, 26))
    assert day.last_on == date(2026, 11, 26)


def test_an_offset_behind_the_end_may_fire_later() -> None:
    (day,) = plan_end(ENERGY, (7,), SATURDAY)
    assert day.fire_on == date(2026, 12, 7)  # the 5th is a Saturday


def test_every_end_of_a_contract_is_planned_on_some_day_and_only_one() -> None:
    trigger = Deadline(on="deadline", contract="gas", days=(-45, -30, -7), weekdays=ALL)
    seen: dict[tuple[date, int], set[date]] = {}
    for number in range(60):
        for day in list_deadlines(trigger, trigger.days, MONDAY + timedelta(days=number)):
            seen.setdefault((day.target, day.days), set()).add(day.fire_on)
    assert all(len(fires) == 1 for fires in seen.values())
    targets = [MONDAY + timedelta(days=number) for number in range(60)]
    assert {(target, days) for target in targets for days in trigger.days} <= seen.keys()


def test_days_are_listed_a_day_ahead_and_three_days_late() -> None:
    trigger = Inactivity(on="inactivity", weekdays=ALL)
    days = [day.fire_on for day in list_days(trigger, MONDAY)]
    assert min(days) == MONDAY - timedelta(days=4)
    assert max(days) == MONDAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("now", "fires"),
    [
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),  # 10 o'clock in Rome
        (datetime(2026, 11, 23, 22, 0, tzinfo=UTC), datetime(2026, 11, 24, 8, 30, tzinfo=UTC)),
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
        (datetime(2026, 11, 27, 22, 0, tzinfo=UTC), datetime(2026, 11, 30, 8, 30, tzinfo=UTC)),  # a Friday night
    ],
)
def test_what_is_late_waits_for_a_good_morning(now: datetime, fires: datetime) -> None:
    assert find_delivery(now, "Europe/Rome", time(9, 30), WORKDAYS) == fires
