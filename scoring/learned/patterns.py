"""Patterns nobody asked about: one or two conditions under which more (or fewer) contacts are won.

Found in the earlier periods with a bound for the number of conditions tried (Bonferroni), and kept only if the later
periods say the same. One row per contact and part, because a contact's months are not independent of each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.learned.model import Floats, Rows, choose_edges, spread_ranges

RANGES = 4
SUPPORT = 50  # contacts on each side of the split, in the earlier and in the later part
CHANCE = 0.01  # that any pattern at all is found where there is none
LATER = 0.05  # the same for a pattern found, on the later rows
MOST = 5


def find_patterns(rows: Rows, contacts: NDArray[np.int64], most: int = MOST) -> list[dict[str, Any]]:
    """The strongest patterns: conditions [{"feature", "above", "up_to"}], rates with and without, support, by part."""
    middle = np.unique(rows.period)[len(np.unique(rows.period)) * 2 // 3]
    early = keep_last(rows, contacts, rows.period < middle)
    late = keep_last(rows, contacts, rows.period >= middle)
    edges = [choose_edges(rows.values[early][:, at], RANGES) for at in range(len(rows.names))]
    first, names = list_conditions(rows, early, edges)
    second, _ = list_conditions(rows, late, edges)
    before, after = rows.won[early], rows.won[late]
    pairs = first.T @ first  # how many rows fulfil both conditions; the diagonal holds single ones
    wins = first.T @ (first * before[:, None])
    found = judge_pairs(pairs, wins, before)
    chosen: list[dict[str, Any]] = []
    for one, other in found:
        if len(chosen) == most:
            break
        pattern = describe(names, one, other)
        if any(overlap(pattern, known) for known in chosen):
            continue
        here = compare(first[:, one] * first[:, other] > 0, before)
        there = compare(second[:, one] * second[:, other] > 0, after)
        if (
            there
            and here
            and there["chance"] < LATER
            and (there["with"] > there["without"]) == (here["with"] > here["without"])
        ):
            chosen.append({"conditions": pattern, "early": here, "late": there})
    return chosen


def keep_last(rows: Rows, contacts: NDArray[np.int64], part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The last row of each contact in a part."""
    places = np.flatnonzero(part)[::-1]
    _, newest = np.unique(contacts[places], return_index=True)
    return np.sort(places[newest])


def list_conditions(
    rows: Rows, chosen: NDArray[np.int64], edges: list[tuple[float, ...]]
) -> tuple[Floats, list[tuple[str, float | None, float | None, bool]]]:
    """rows × conditions as 0 and 1, and what each column means: (feature, above, up to, unknown)."""
    cells, names = [], []
    for at, name in enumerate(rows.names):
        cells.append(spread_ranges(rows.values[chosen][:, at], edges[at]))
        cuts = [None, *edges[at], None]
        names += [(name, low, high, False) for low, high in pairwise(cuts)]
        names.append((name, None, None, True))
    return np.hstack(cells), names


def judge_pairs(pairs: Floats, wins: Floats, won: Floats) -> Iterator[tuple[int, int]]:
    """Pairs (one condition twice: a single one) that are no chance, the surest first.

    Two conditions together must say more than each alone, else the simpler one stands.
    """
    total, all_wins = len(won), float(won.sum())
    sure = find_sureness(pairs, wins, total, all_wins)
    tried = len(pairs) * (len(pairs) + 1) / 2
    bound = NormalDist().inv_cdf(1 - CHANCE / tried / 2)
    alone = np.diag(sure)
    order = np.argsort(-np.abs(sure), axis=None, kind="stable")
    for flat in order:
        one, other = divmod(int(flat), len(pairs))
        if abs(sure[one, other]) < bound:
            return
        if one < other and abs(sure[one, other]) <= max(abs(alone[one]), abs(alone[other])) * 1.1:
            continue
        if one <= other:
            yield one, other


def find_sureness(pairs: Floats, wins: Floats, total: int, all_wins: float) -> Floats:
    """z of the difference between the rates with and without; 0 where there is too little on either side."""
    rest = total - pairs
    enough = (pairs >= SUPPORT) & (rest >= SUPPORT)
    inside, outside = np.where(enough, pairs, 1), np.where(enough, rest, 1)
    rate = all_wins / total
    error = np.sqrt(max(rate * (1 - rate), 1e-12) * (1 / inside + 1 / outside))
    sure: Floats = np.where(enough, (wins / inside - (all_wins - wins) / outside) / error, 0.0)
    return sure


def compare(inside: NDArray[np.bool_], won: Floats) -> dict[str, float] | None:
    """Rates with and without, support, and the chance of such a difference by accident; None if too few."""
    number, rest = int(inside.sum()), int((~inside).sum())
    if min(number, rest) < SUPPORT:
        return None
    own, other, rate = float(won[inside].mean()), float(won[~inside].mean()), float(won.mean())
    error = float(np.sqrt(max(rate * (1 - rate), 1e-12) * (1 / number + 1 / rest)))
    chance = math.erfc(abs(own - other) / error / math.sqrt(2))
    return {"with": own, "without": other, "support": number, "chance": chance}


def describe(names: list[tuple[str, float | None, float | None, bool]], one: int, other: int) -> list[dict[str, Any]]:
    """The conditions of a pattern as JSON."""
    return [
        {"feature": name, "above": low, "up_to": high, "unknown": unknown}
        for name, low, high, unknown in (names[at] for at in dict.fromkeys((one, other)))
    ]


def overlap(pattern: list[dict[str, Any]], known: dict[str, Any]) -> bool:
    """Whether a stronger pattern looks at one of the same features already."""
    return bool({one["feature"] for one in pattern} & {one["feature"] for one in known["conditions"]})
