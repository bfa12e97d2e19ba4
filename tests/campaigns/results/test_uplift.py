"""The uplift's interval holds the truth as often as it says, and its verdict survives being looked at every day."""

from __future__ import annotations

import numpy as np
import pytest

from campaigns.results.uplift import (
    Minimum,
    Sample,
    Verdict,
    compare_rates,
    compare_revenue,
    find_boundary,
    judge,
    size_sample,
)

MINIMUM = Minimum(1000, 28)
RUNS = 1000


@pytest.mark.parametrize(
    ("arm", "control", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), method 5
        (Sample(70, 56), Sample(80, 48), 0.0528, 0.3382),
        (Sample(10, 9), Sample(10, 3), 0.1700, 0.8406),
    ],
)
def test_the_interval_is_the_one_in_the_books(arm: Sample, control: Sample, low: float, high: float) -> None:
    found = compare_rates(arm, control)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.0002)


@pytest.mark.parametrize(("contacts", "controls", "rate", "base"), [(9000, 1000, 0.005, 0.005), (900, 100, 0.08, 0.05)])
def test_the_interval_holds_the_truth_in_95_of_100_runs(contacts: int, controls: int, rate: float, base: float) -> None:
    chance = np.random.default_rng(3)
    inside = 0
    for arm, control in zip(chance.binomial(contacts, rate, RUNS), chance.binomial(controls, base, RUNS), strict=True):
        found = compare_rates(Sample(contacts, int(arm)), Sample(controls, int(control)))
        assert found is not None
        inside += found.low <= rate - base <= found.high
    assert 0.93 * RUNS <= inside <= 0.97 * RUNS


def test_the_interval_of_revenue_holds_the_truth_too() -> None:
    chance = np.random.default_rng(4)
    inside, true = 0, (0.03 - 0.02) * np.exp(4 + 0.8**2 / 2)
    for _ in range(RUNS):
        arm, control = (draw_revenue(chance, n, rate) for n, rate in ((9000, 0.03), (1000, 0.02)))
        found = compare_revenue(arm, control)
        assert found is not None
        inside += found.low <= true <= found.high
    assert 0.93 * RUNS <= inside <= 0.97 * RUNS


def draw_revenue(chance: np.random.Generator, contacts: int, rate: float) -> Sample:
    paid = chance.lognormal(4, 0.8, chance.binomial(contacts, rate))
    return Sample(contacts, len(paid), float(paid.sum()), float((paid * paid).sum()))


def test_a_campaign_without_effect_is_called_effective_in_5_of_100_at_most_by_whoever_looks_daily() -> None:
    chance = np.random.default_rng(5)
    called = sum(look_daily(chance, 360, 40, 0.02, 120) is not Verdict.UNDECIDED for _ in range(300))
    assert called <= 0.05 * 300  # 1,000 campaigns over a year each: python -m bench uplift


def look_daily(chance: np.random.Generator, arms: int, controls: int, rate: float, days: int) -> Verdict:
    """The first verdict there is, by someone who looks every day."""
    arm, control = (chance.binomial(daily, rate, days).cumsum() for daily in (arms, controls))
    for day in range(days):
        shown = Sample(arms * (day + 1), int(arm[day])), Sample(controls * (day + 1), int(control[day]))
        verdict = judge(*shown, day + 1, MINIMUM)
        if verdict in (Verdict.EFFECTIVE, Verdict.HARMFUL):
            return verdict
    return Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("arm", "control", "days", "verdict"),
    [
        (Sample(999, 500), Sample(1000, 10), 400, Verdict.TOO_EARLY),
        (Sample(1000, 500), Sample(999, 10), 400, Verdict.TOO_EARLY),
        (Sample(1000, 500), Sample(1000, 10), 27.9, Verdict.TOO_EARLY),
        (Sample(1000, 500), Sample(1000, 10), 28, Verdict.EFFECTIVE),
        (Sample(1000, 10), Sample(1000, 500), 28, Verdict.HARMFUL),
        (Sample(1000, 20), Sample(1000, 10), 28, Verdict.UNDECIDED),
        (Sample(1000, 0), Sample(1000, 0), 28, Verdict.UNDECIDED),
    ],
)
def test_no_verdict_before_the_minimum(arm: Sample, control: Sample, days: float, verdict: Verdict) -> None:
    assert judge(arm, control, days, MINIMUM) is verdict


def test_empty_arms_have_no_interval() -> None:
    assert compare_rates(Sample(0, 0), Sample(10, 1)) is None
    assert compare_revenue(Sample(10, 0), Sample(10, 0)) is None


def test_more_looks_and_more_arms_ask_for_more() -> None:
    assert find_boundary(1000, 1000, 1000) == pytest.approx(2.795, abs=0.001)
    assert find_boundary(100_000, 100_000, 1000) > find_boundary(1000, 1000, 1000)
    assert find_boundary(1000, 1000, 1000, comparisons=3) > find_boundary(1000, 1000, 1000)


@pytest.mark.parametrize(("base", "effect", "share", "control"), [(0.05, 0.02, 0.9, 0.1), (0.1, 0.015, 0.5, 0.5)])
def test_the_sample_asked_for_finds_the_effect_in_8_of_10_runs(
    base: float, effect: float, share: float, control: float
) -> None:
    contacts = size_sample(base, effect, share, control, MINIMUM.contacts)
    chance = np.random.default_rng(6)
    sizes = round(contacts * share), round(contacts * control)
    drawn = zip(chance.binomial(sizes[0], base + effect, RUNS), chance.binomial(sizes[1], base, RUNS), strict=True)
    found = [judge(Sample(sizes[0], int(a)), Sample(sizes[1], int(c)), 30, MINIMUM) for a, c in drawn]
    assert found.count(Verdict.EFFECTIVE) / RUNS == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(
    ("base", "effect", "control", "problem"),
    [(0.05, 0.0, 0.1, "differ"), (0.0, 0.1, 0.1, "base rate"), (0.99, 0.1, 0.1, "base"), (0.1, 0.1, 0, "control")],
)
def test_a_sample_that_says_nothing_is_refused(base: float, effect: float, control: float, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        size_sample(base, effect, 1 - control, control, 1000)
