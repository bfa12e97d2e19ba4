"""What a measurement says: pure arithmetic and the one row of the table it becomes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

type Number = float | int


@dataclass(frozen=True)
class Plan:
    """How thorough to be. rounds: Pronto and yardstick in turns; seconds: of a round; epochs: of the stock training.

    every: both learn from every so-manieth example only, as the stock pipeline takes hours for all of them.
    people: sizes of the store that is scored, and of the people of the scripted year; days: its length.
    """

    rounds: int = 3
    seconds: float = 5
    epochs: int = 100
    people: tuple[int, ...] = (10_000, 100_000)
    days: int = 365
    every: int = 1


@dataclass(frozen=True)
class Figure:
    """One line of the table. goal: words for people; met: whether it holds, None where there is no goal.

    ratio: Pronto over yardstick, the median over the rounds, because a machine's speed changes from minute to minute.
    """

    what: str
    pronto: float
    unit: str
    yardstick: float | None = None
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


def compare(
    what: str,
    pronto: Sequence[Number],
    yardstick: Sequence[Number],
    unit: str,
    *,
    at_least: float | None = None,
) -> Figure:
    """A line from interleaved rounds: medians of both, and the median of each round's ratio."""
    ratio = median(ours / theirs for ours, theirs in zip(pronto, yardstick, strict=True))
    goal = "" if at_least is None else f"at least {at_least:g} times"
    met = None if at_least is None else ratio >= at_least
    return Figure(what, median(pronto), unit, median(yardstick), ratio, goal, met)


def bound(what: str, value: float, unit: str, *, below: float | None = None, above: float | None = None) -> Figure:
    """A line whose goal is an absolute bound."""
    if below is not None:
        return Figure(what, value, unit, goal=f"under {below:g} {unit}", met=value < below)
    if above is not None:
        return Figure(what, value, unit, goal=f"at least {above:g} {unit}", met=value >= above)
    return Figure(what, value, unit)


def percentile(values: Sequence[Number], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values, no percentile")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
