"""What a campaign adds to what would come by itself: the difference to the control group, with its uncertainty.

The interval is Miettinen's and Nurminen's (1985): 95 % of them hold the truth, also at small rates and one to nine.
The verdict is Robbins' delayed-start boundary (1970): from the minimum on anyone may look every day, for years, and a
campaign without effect is called effective in 5 % at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import acos, copysign, cos, exp, log, pi, sqrt
from statistics import NormalDist

NORMAL = NormalDist()
ALPHA = 0.05
POWER = 0.8
Z95 = NORMAL.inv_cdf(1 - ALPHA / 2)
HALVINGS = 60


class Verdict(StrEnum):
    """What may be said of an arm."""

    TOO_EARLY = "too_early"  # the minimum is not reached: nothing
    UNDECIDED = "undecided"
    EFFECTIVE = "effective"
    HARMFUL = "harmful"


@dataclass(frozen=True)
class Sample:
    """One arm's contacts whose time to convert is over. paid: their revenue in all; squares: of each, summed up."""

    contacts: int
    converted: int
    paid: float = 0.0
    squares: float = 0.0

    @property
    def rate(self) -> float:
        return self.converted / self.contacts if self.contacts else 0.0


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Minimum:
    """Before this nothing is said: contacts in each of the two arms, days since the first entered."""

    contacts: int
    days: float


def compare_rates(arm: Sample, control: Sample, z: float = Z95) -> Interval | None:
    """The difference of the conversion rates (0.01: one point of a hundred); None if an arm is empty."""
    if not arm.contacts or not control.contacts:
        return None
    value = arm.rate - control.rate
    low = halve(lambda delta: score_z(arm, control, delta) > z, -1.0, value)
    high = halve(lambda delta: score_z(arm, control, delta) >= -z, value, 1.0)
    return Interval(value, low, high)


def halve(holds_left: Callable[[float], bool], left: float, right: float) -> float:
    """Where a condition that holds on the left ends."""
    for _ in range(HALVINGS):
        middle = (left + right) / 2
        left, right = (middle, right) if holds_left(middle) else (left, middle)
    return (left + right) / 2


def score_z(arm: Sample, control: Sample, delta: float = 0.0) -> float:
    """How many standard errors the difference is from delta, the error being that of rates that differ by delta."""
    n1, n0 = arm.contacts, control.contacts
    base = fit_base(arm, control, delta)
    other = min(max(base + delta, 0.0), 1.0)
    whole = n1 + n0
    variance = (other * (1 - other) / n1 + base * (1 - base) / n0) * whole / (whole - 1)
    away = arm.rate - control.rate - delta
    if variance <= 0:
        return 0.0 if away == 0 else copysign(float("inf"), away)
    return away / sqrt(variance)


def fit_base(arm: Sample, control: Sample, delta: float) -> float:
    """The likeliest rate of the control group if the arm's is delta higher: a root of a cubic, in closed form."""
    n1, n0, converted = arm.contacts, control.contacts, arm.converted + control.converted
    whole = n1 + n0
    if delta == 0:
        return converted / whole
    second = (n1 + 2 * n0) * delta - whole - converted
    first = (n0 * delta - whole - 2 * control.converted) * delta + converted
    last = control.converted * delta * (1 - delta)
    third = second / (3 * whole)
    q = third**3 - first * second / (6 * whole**2) + last / (2 * whole)
    p = copysign(sqrt(max(third**2 - first / (3 * whole), 0.0)), q)
    if p == 0:
        return min(max(-third, 0.0), 1.0)
    angle = (pi + acos(min(max(q / p**3, -1.0), 1.0))) / 3
    return min(max(2 * p * cos(angle) - third, 0.0), 1.0)


def compare_revenue(arm: Sample, control: Sample, z: float = Z95) -> Interval | None:
    """The difference of revenue per contact; None as long as nobody paid.

    Purchases are rare and differ much, so that a small group's own spread is a poor guess exactly where its mean is
    off: the spread is taken from the amounts of both groups together, and from the rates that fit the difference.
    """
    converted = arm.converted + control.converted
    if not arm.contacts or not control.contacts or not converted or arm.paid + control.paid <= 0:
        return None
    amount, square = (arm.paid + control.paid) / converted, (arm.squares + control.squares) / converted
    value = arm.paid / arm.contacts - control.paid / control.contacts

    def count_errors(delta: float) -> float:
        apart = min(max(delta / amount, -1.0), 1.0)
        base = fit_base(arm, control, apart)
        rates = ((min(max(base + apart, 0.0), 1.0), arm.contacts), (base, control.contacts))
        variance = sum((rate * square - (rate * amount) ** 2) / contacts for rate, contacts in rates)
        return (value - delta) / sqrt(variance) if variance > 0 else copysign(float("inf"), value - delta)

    low = halve(lambda delta: count_errors(delta) > z, min(-amount, value), value)
    high = halve(lambda delta: count_errors(delta) >= -z, value, max(amount, value))
    return Interval(value, low, high)


def judge(arm: Sample, control: Sample, days: float, minimum: Minimum, comparisons: int = 1) -> Verdict:
    """The verdict on one of several arms that are compared with the same control group."""
    if min(arm.contacts, control.contacts) < max(minimum.contacts, 1) or days < minimum.days:
        return Verdict.TOO_EARLY
    z = score_z(arm, control)
    if abs(z) < find_boundary(arm.contacts, control.contacts, minimum.contacts, comparisons):
        return Verdict.UNDECIDED
    return Verdict.EFFECTIVE if z > 0 else Verdict.HARMFUL


def find_boundary(arm: float, control: float, minimum: int, comparisons: int = 1) -> float:
    """The standard errors a difference needs; it grows with the logarithm of what was looked at since the minimum."""
    grown = 2 * arm * control / (arm + control) / max(minimum, 1)
    return sqrt(start_boundary(ALPHA / comparisons) ** 2 + log(max(grown, 1.0)))


@cache
def start_boundary(alpha: float) -> float:
    """The a for which a random walk, watched for ever from time 1 on, crosses sqrt(t (a² + ln t)) this often."""

    def crosses(a: float) -> float:
        return 2 * (1 - NORMAL.cdf(a) + a * exp(-a * a / 2) / sqrt(2 * pi))

    return halve(lambda a: crosses(a) > alpha, 0.0, 10.0)


def size_sample(base: float, effect: float, share: float, control_share: float, minimum: int) -> int:
    """Contacts that have to enter so that an effect of this size is found in 8 of 10 cases.

    base: conversion rate without the campaign; effect: what it should add; shares: of the arm and of control, of 1.
    """
    rate = base + effect
    if not 0 < base < 1 or not 0 < rate < 1 or effect == 0:
        raise ValueError("the base rate and the rate hoped for lie between 0 and 100 %, and differ")
    if share <= 0 or control_share <= 0:
        raise ValueError("without a control group nothing can be said of the effect: set control above 0 %")
    pooled = (rate * share + base * control_share) / (share + control_share)
    without = sqrt(pooled * (1 - pooled) * (1 / share + 1 / control_share))  # the errors a verdict counts in
    truly = sqrt(rate * (1 - rate) / share + base * (1 - base) / control_share)
    found = least = minimum / min(share, control_share)
    for _ in range(50):  # the boundary grows with the sample, slowly: this settles at once
        boundary = find_boundary(found * share, found * control_share, minimum)
        found = max(least, ((boundary * without + NORMAL.inv_cdf(POWER) * truly) / effect) ** 2)
    return int(found) + 1
