"""A model that adds up: every feature is cut into ranges and every range has a weight, so reasons are exact.

It is stored as JSON, numbers only; nothing that is loaded can run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]

FEW = 15  # distinct values up to which each is a range of its own
PENALTY = 0.05  # sklearn's C: small, because neighbouring ranges of few contacts should not shout


@dataclass(frozen=True)
class Rows:
    """What a model learns from: one row per subject and period, in the order of time; NaN where a value is unknown."""

    names: tuple[str, ...]
    values: Floats  # rows × features
    won: Floats  # 1 where the outcome came, else 0
    period: NDArray[np.int64]

    def pick(self, chosen: NDArray[Any]) -> Rows:
        """Some of the rows, by mask or by index."""
        return Rows(self.names, self.values[chosen], self.won[chosen], self.period[chosen])


@dataclass(frozen=True)
class Model:
    """edges[f] cuts feature f into ranges, the last weight is for unknown. Weights are log-odds against the average."""

    names: tuple[str, ...]
    edges: tuple[tuple[float, ...], ...]
    weights: tuple[tuple[float, ...], ...]
    base: float

    def read_weights(self, values: Floats) -> Floats:
        """rows × features: what each value adds to the log-odds."""
        columns = [
            np.asarray(weights)[find_ranges(values[:, at], edges)]
            for at, (edges, weights) in enumerate(zip(self.edges, self.weights, strict=True))
        ]
        return np.column_stack(columns)

    def read_chances(self, values: Floats) -> Floats:
        """The chance of the outcome, 0 to 1, per row."""
        return to_chance(self.base + self.read_weights(values).sum(axis=1))

    def as_json(self) -> dict[str, Any]:
        return {
            "base": self.base,
            "features": [
                {"name": name, "edges": list(edges), "weights": list(weights)}
                for name, edges, weights in zip(self.names, self.edges, self.weights, strict=True)
            ],
        }


def read_model(stored: dict[str, Any]) -> Model:
    """The model that as_json wrote."""
    features = stored["features"]
    return Model(
        tuple(feature["name"] for feature in features),
        tuple(tuple(feature["edges"]) for feature in features),
        tuple(tuple(feature["weights"]) for feature in features),
        stored["base"],
    )


def fit_model(rows: Rows, ranges: int = 8, ages: Floats | None = None, half_life: float | None = None) -> Model:
    """Learns from rows in which both outcomes occur. With ages and half_life, older rows count less."""
    edges = tuple(choose_edges(rows.values[:, at], ranges) for at in range(len(rows.names)))
    cells = np.hstack([spread_ranges(rows.values[:, at], own) for at, own in enumerate(edges)])
    trust = None if half_life is None or ages is None else 0.5 ** (ages / half_life)
    learner = LogisticRegression(C=PENALTY, solver="newton-cholesky", max_iter=50)
    learner.fit(cells, rows.won, sample_weight=trust)
    common = np.average(cells, axis=0, weights=trust)
    weights, base, start = [], float(learner.intercept_[0]), 0
    for own in edges:
        part = slice(start, start + len(own) + 2)
        average = float(learner.coef_[0, part] @ common[part])
        weights.append(tuple(float(weight) - average for weight in learner.coef_[0, part]))
        base, start = base + average, part.stop
    return Model(rows.names, edges, tuple(weights), base)


def choose_edges(column: Floats, ranges: int) -> tuple[float, ...]:
    """Where a feature is cut: between all values if there are few, else so that the ranges hold equally many rows."""
    known = column[~np.isnan(column)]
    values = np.unique(known)
    if len(values) <= FEW:
        middles = (values[1:] + values[:-1]) / 2
    else:
        middles = np.unique(np.quantile(known, np.linspace(0, 1, ranges + 1)[1:-1]))
    return tuple(float(middle) for middle in middles)


def find_ranges(column: Floats, edges: Sequence[float]) -> NDArray[np.int64]:
    """Which range each value lies in; the one after the last is for unknown."""
    found = np.searchsorted(np.asarray(edges), column, side="left").astype(np.int64)
    found[np.isnan(column)] = len(edges) + 1
    return found


def spread_ranges(column: Floats, edges: Sequence[float]) -> Floats:
    """rows × ranges: 1 where the value lies."""
    cells = np.zeros((len(column), len(edges) + 2))
    cells[np.arange(len(column)), find_ranges(column, edges)] = 1
    return cells


def to_chance(log_odds: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-log_odds))
    return chance


def to_log_odds(chance: float) -> float:
    inside = min(max(chance, 1e-6), 1 - 1e-6)
    return float(np.log(inside / (1 - inside)))
