"""What a contact's purchases say, by hand."""

import math

import pytest

from scoring.learned.rhythm import NAMES, describe_purchases


def read(ago: list[int], spent: list[float]) -> dict[str, float]:
    return dict(zip(NAMES, describe_purchases(ago, spent), strict=True))


def test_a_rhythm_is_read_from_the_purchases() -> None:
    seen = read([200, 150, 90, 60], [10, 20, 30, 40])
    assert (seen["days_since_purchase"], seen["days_customer"], seen["orders"]) == (60, 200, 4)
    assert [seen[f"orders_{days}"] for days in (30, 90, 180, 365)] == [0, 2, 3, 4]
    assert (seen["usual_gap"], seen["last_gap"], seen["longest_gap"]) == (50, 30, 60)
    assert (seen["overdue"], seen["overdue_longest"]) == (1.2, 1)
    assert seen["month_share"] == pytest.approx(4 / 7)
    assert (seen["spent"], seen["spent_90"], seen["spent_365"]) == (100, 70, 100)
    assert (seen["usual_spent"], seen["last_spent"]) == (25, 40)
    assert seen["fading_orders"] == pytest.approx(sum(0.5 ** (day / 45) for day in (200, 150, 90, 60)))


def test_who_came_back_from_such_pauses_before_is_expected_back() -> None:
    back = read([200, 150, 100, 40], [0] * 4)["back_share"]  # three pauses of 50, 50, 60 days, 40 waited
    gone = read([200, 150, 100, 70], [0] * 4)["back_share"]  # 70 is longer than any pause before
    assert back == pytest.approx(4 / 7)
    assert gone == pytest.approx(1 / 4)


def test_one_purchase_has_no_rhythm_and_none_says_nothing() -> None:
    once, never = read([12], [5]), read([], [])
    assert once["orders"] == 1
    assert math.isnan(once["usual_gap"])
    assert math.isnan(once["overdue"])
    assert never["orders"] == never["spent"] == 0
    assert math.isnan(never["days_since_purchase"])


def test_a_purchase_today_is_read_too() -> None:
    assert read([30, 0], [1, 1])["overdue"] == 0
