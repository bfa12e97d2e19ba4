from __future__ import annotations

import pytest

from bench.figures import bound, compare, percentile


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1, 100), (0.001, 1)])
def test_a_percentile_is_the_nearest_value_not_exceeded_by_the_share(share: float, expected: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    figure = compare("rate", [10, 200, 30], [10, 100, 10], "/s")
    assert (figure.pronto, figure.yardstick, figure.ratio) == (30, 10, 2)


@pytest.mark.parametrize(("at_least", "met"), [(None, None), (2, True), (2.1, False)])
def test_a_comparison_meets_its_goal_by_ratio(at_least: float | None, met: bool | None) -> None:
    assert compare("rate", [20], [10], "/s", at_least=at_least).met is met


def test_rounds_must_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="zip"):
        compare("rate", [1, 2], [1], "/s")


@pytest.mark.parametrize(
    ("bounds", "met"),
    [({"below": 15}, True), ({"below": 14}, False), ({"above": 14}, True), ({"above": 15}, False), ({}, None)],
)
def test_a_bound_says_whether_it_holds(bounds: dict[str, float], met: bool | None) -> None:
    assert bound("time", 14.0 if bounds.get("below", 15) == 14 else 14.5, "ms", **bounds).met is met
