"""Learns the same sum of ranges by boosting: many small corrections of one feature each (scikit-learn).

A tree of a single split looks at one feature, so a sum of such trees is again one weight per range, and reasons stay
exact. Each period has a level of its own while learning, else a feature that grows with time (days since the first
purchase) would take the season for its own doing; chances are then given at the newest period's level.
"""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from scoring.learned.model import Floats, Model, Rows, choose_edges, find_ranges, to_log_odds

ROUNDS = (15, 30, 60, 120)  # of which the newest known period chooses
RATE = 0.2  # how much of a correction is taken over
LEAF = 50  # rows on each side of a split, so that no few contacts are learned by heart
SHRINK = 10.0


def boost_model(rows: Rows, ranges: int = 32) -> Model:
    """Learns from rows in which both outcomes occur; how long is chosen on their newest period."""
    timed = Rows((*rows.names, "period"), np.column_stack([rows.values, rows.period]), rows.won, rows.period)
    edges = tuple(choose_edges(timed.values[:, at], ranges) for at in range(len(timed.names)))
    cells = place_rows(timed.values, edges)
    if (cells == cells[0]).all():  # nothing to tell contacts apart by
        weights = tuple((0.0,) * (len(own) + 2) for own in edges[:-1])
        return Model(rows.names, edges[:-1], weights, to_log_odds(float(rows.won.mean())))
    with threadpool_limits(1):  # threads that wait for each other are slow beside traffic, and add up differently
        learner = make_learner(choose_rounds(cells, rows)).fit(cells, rows.won)
        return read_sum(learner, rows.names, edges, cells)


def make_learner(rounds: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=rounds,
        learning_rate=RATE,
        max_leaf_nodes=2,
        min_samples_leaf=LEAF,
        l2_regularization=SHRINK,
        early_stopping=False,
        random_state=0,
    )


def choose_rounds(cells: Floats, rows: Rows) -> int:
    """As many rounds as sort the newest period best when only what was before is known; few where nothing can tell.

    How well it sorts, not how near the chances are: the newest period's level cannot be known before it.
    """
    newest = rows.period == rows.period.max()
    before, after = rows.won[~newest], rows.won[newest]
    if len(np.unique(before)) < 2 or len(np.unique(after)) < 2 or (cells[~newest] == cells[0]).all():
        return ROUNDS[1]
    learner = make_learner(ROUNDS[-1]).fit(cells[~newest], before)
    steps = list(learner.staged_decision_function(cells[newest]))
    return max(ROUNDS, key=lambda rounds: float(roc_auc_score(after, steps[rounds - 1])))


def read_sum(
    learner: HistGradientBoostingClassifier, names: tuple[str, ...], edges: tuple[tuple[float, ...], ...], cells: Floats
) -> Model:
    """The trees as one weight per range: what changes if one feature alone moves from its first range to another."""
    start = np.zeros(len(edges))
    start[-1] = len(edges[-1])  # the newest period
    moved = []
    for at, own in enumerate(edges[:-1]):
        part = np.tile(start, (len(own) + 2, 1))
        part[:, at] = np.arange(len(own) + 2)
        moved.append(part)
    odds = learner.decision_function(np.vstack([start, *moved]))
    base, weights, read = float(odds[0]), [], 1
    for at, own in enumerate(edges[:-1]):
        steps = odds[read : read + len(own) + 2] - odds[0]
        average = float(steps[cells[:, at].astype(np.int64)].mean())
        weights.append(tuple(float(step) - average for step in steps))
        base, read = base + average, read + len(own) + 2
    return Model(names, edges[:-1], tuple(weights), base)


def place_rows(values: Floats, edges: tuple[tuple[float, ...], ...]) -> Floats:
    """rows × features: the number of the range each value lies in; unknown comes after the highest."""
    return np.column_stack([find_ranges(values[:, at], own) for at, own in enumerate(edges)]).astype(np.float64)
