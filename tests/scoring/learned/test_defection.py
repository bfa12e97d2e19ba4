"""The defection limit, by hand and on customers whose habit is known."""

import numpy as np
import pytest

from scoring.learned.defection import Stage, find_limit, tell_stage, trace_curve


def test_the_curve_is_kaplan_and_meiers() -> None:
    # Textbook: 1, 2 and 4 days ended, one watched for 2 and one for 3 days without an end.
    curve = trace_curve(np.array([1, 2, 2, 3, 4]), np.array([True, True, False, False, True]))
    assert curve.away == pytest.approx([1, 4 / 5, 4 / 5 * 3 / 4, 4 / 5 * 3 / 4, 0])
    assert curve.watched.tolist() == [5, 5, 4, 2, 1]


def make_gaps(monthly: int = 2000, gone: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Customers who come every 20 to 40 days, and some who never come back."""
    chance = np.random.default_rng(3)
    back = chance.integers(20, 41, monthly)
    away = chance.integers(100, 400, gone)
    return np.concatenate([back, away]), np.arange(monthly + gone) < monthly


def test_the_limit_comes_from_the_customers_own_rhythm() -> None:
    gaps, ended = make_gaps()
    limit = find_limit(gaps, ended)
    assert limit is not None
    assert 36 <= limit.days <= 40  # who did not come by then hardly ever does: not 90 days, not 30
    assert limit.days <= limit.inactive_days <= 41
    assert (limit.support, limit.waiting) == (2000, 600)


def test_open_gaps_count() -> None:
    gaps, ended = make_gaps(gone=150)
    more, still = make_gaps(gone=4000)
    few, many = find_limit(gaps, ended), find_limit(more, still)
    assert few is not None
    assert many is not None
    assert many.days < few.days  # the more never return, the sooner silence means something


@pytest.mark.parametrize(("monthly", "gone"), [(50, 500), (500, 50), (0, 0)])
def test_too_few_gaps_give_no_limit(monthly: int, gone: int) -> None:
    assert find_limit(*make_gaps(monthly, gone)) is None


def test_customers_who_always_come_back_have_no_limit() -> None:
    gaps = np.concatenate([np.full(500, 30), np.full(200, 10)])
    assert find_limit(gaps, np.arange(700) < 500) is None


@pytest.mark.parametrize(
    ("orders", "days", "stage"),
    [
        (0, None, Stage.LEAD),
        (1, 10, Stage.FIRST_BUYER),
        (2, 47, Stage.ACTIVE),
        (2, 48, Stage.DEFECTING),
        (1, 120, Stage.DEFECTING),
        (7, 121, Stage.INACTIVE),
    ],
)
def test_the_life_cycle_follows_the_limit(orders: int, days: int | None, stage: Stage) -> None:
    assert tell_stage(orders, days, defecting=47, inactive=120) == stage
