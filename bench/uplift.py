"""How often the uplift's interval holds the truth, and how often a campaign without effect is called effective."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.figures import Figure, Plan
from campaigns.results.uplift import Minimum, Sample, Verdict, compare_rates, compare_revenue, judge

RUNS = 1000
DAYS = 365
MINIMUM = Minimum(1000, 28)
CASES = (  # contacts, left alone, conversion rate with and without
    (9000, 1000, 0.005, 0.005),
    (9000, 1000, 0.03, 0.02),
    (1000, 1000, 0.01, 0.015),
    (900, 100, 0.08, 0.05),
    (90_000, 10_000, 0.02, 0.018),
)


def measure_uplift(plan: Plan) -> Iterator[Figure]:
    """1,000 simulated campaigns per line, with a fixed seed."""
    chance = np.random.default_rng(2026)
    for contacts, alone, rate, base in CASES:
        share = cover_rates(chance, contacts, alone, rate, base)
        what = f"interval holds the truth: {contacts:,} beside {alone:,}, {100 * rate:g} % and {100 * base:g} %"
        yield Figure(what, 100 * share, "%", goal="93 to 97 %", met=0.93 <= share <= 0.97)
    share = cover_revenue(chance)
    yield Figure("interval of revenue per contact", 100 * share, "%", goal="93 to 97 %", met=0.93 <= share <= 0.97)
    for alone in (40, 200):
        share = call_effective(chance, 400 - alone, alone)
        what = f"called effective or harmful without effect, looked at daily for a year, {alone / 4:g} % left alone"
        yield Figure(what, 100 * share, "%", goal="at most 5 %", met=share <= 0.05)


def cover_rates(chance: np.random.Generator, contacts: int, alone: int, rate: float, base: float) -> float:
    """The share of runs whose interval holds the difference."""
    pairs = zip(chance.binomial(contacts, rate, RUNS), chance.binomial(alone, base, RUNS), strict=True)
    found = [compare_rates(Sample(contacts, int(arm)), Sample(alone, int(control))) for arm, control in pairs]
    return sum(one is not None and one.low <= rate - base <= one.high for one in found) / RUNS


def cover_revenue(chance: np.random.Generator) -> float:
    """The same for revenue: 9,000 beside 1,000, 3 and 2 % buy, for amounts that differ a lot."""
    true = (0.03 - 0.02) * float(np.exp(4 + 0.8**2 / 2))
    inside = 0
    for _ in range(RUNS):
        arm, control = (draw_revenue(chance, contacts, rate) for contacts, rate in ((9000, 0.03), (1000, 0.02)))
        found = compare_revenue(arm, control)
        inside += found is not None and found.low <= true <= found.high
    return inside / RUNS


def draw_revenue(chance: np.random.Generator, contacts: int, rate: float) -> Sample:
    paid = chance.lognormal(4, 0.8, chance.binomial(contacts, rate))
    return Sample(contacts, len(paid), float(paid.sum()), float((paid * paid).sum()))


def call_effective(chance: np.random.Generator, contacts: int, alone: int, rate: float = 0.02) -> float:
    """The share of campaigns without effect that get a verdict on any day of a year. contacts, alone: per day."""
    called = 0
    for _ in range(RUNS):
        arm, control = (chance.binomial(daily, rate, DAYS).cumsum() for daily in (contacts, alone))
        called += any(
            judge(Sample(contacts * day, int(arm[day - 1])), Sample(alone * day, int(control[day - 1])), day, MINIMUM)
            in (Verdict.EFFECTIVE, Verdict.HARMFUL)
            for day in range(1, DAYS + 1)
        )
    return called / RUNS
