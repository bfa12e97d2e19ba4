"""How good a model is on what came after the rows it learned from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from scoring.learned.boost import boost_model
from scoring.learned.model import Floats, Model, Rows, fit_model

TENTHS = 10


@dataclass(frozen=True)
class Rolling:
    """How validation walks through time: for each period a model that knows only what was known before it.

    first: the first period that is predicted. gap: periods until an outcome is known, which nobody may learn from yet.
    window: at most so many periods are learned from. half_life: in periods, after which a row counts half.
    boost: learned by boosting, else by regression.
    """

    first: int
    gap: int = 0
    window: int | None = None
    half_life: float | None = None
    ranges: int = 8
    boost: bool = False


def roll_forward(rows: Rows, rolling: Rolling, tell: Callable[[int], None] = lambda period: None) -> Floats:
    """Chances per row, each from a model of the rows before; NaN for rows too early to have one."""
    chances = np.full(len(rows.won), np.nan)
    for period in range(rolling.first, int(rows.period[-1]) + 1):
        now = rows.period == period
        model = fit_before(rows, period, rolling) if now.any() else None
        if model:
            chances[now] = model.read_chances(rows.values[now])
        tell(period)
    return chances


def fit_before(rows: Rows, period: int, rolling: Rolling) -> Model | None:
    """The model that could be had at the start of a period; None where both outcomes have not been seen yet."""
    last = period - 1 - rolling.gap  # the last period whose outcomes are known
    earliest = 0 if rolling.window is None else last - rolling.window + 1
    known = rows.pick((rows.period <= last) & (rows.period >= earliest))
    if len(np.unique(known.won)) < 2:
        return None
    if rolling.boost:
        return boost_model(known, rolling.ranges)
    return fit_model(known, rolling.ranges, (last - known.period).astype(np.float64), rolling.half_life)


def measure_figure(won: Floats, figure: Floats) -> dict[str, Any]:
    """How well a figure sorts: AUC and lift of the best tenth. None where only one outcome occurs."""
    rate = float(won.mean()) if len(won) else 0.0
    if not 0 < rate < 1:
        return {"rows": len(won), "rate": rate, "auc": None, "lift": None}
    return {
        "rows": len(won),
        "rate": rate,
        "auc": float(roc_auc_score(won, figure)),
        "lift": float(won[pick_best(figure, len(won) // TENTHS or 1)].mean()) / rate,
    }


def pick_best(figure: Floats, number: int) -> NDArray[np.int64]:
    """The rows with the highest figures; of equal ones the earlier row, so that the answer is always the same."""
    return np.argsort(-figure, kind="stable")[:number]


def measure_calibration(won: Floats, chances: Floats) -> tuple[list[dict[str, float]], float]:
    """Expected and observed rate in ten equal parts, and their average distance weighted by size."""
    parts = [part for part in np.array_split(np.argsort(chances, kind="stable"), TENTHS) if len(part)]
    table = [
        {"rows": len(part), "expected": float(chances[part].mean()), "observed": float(won[part].mean())}
        for part in parts
    ]
    distance = sum(row["rows"] * abs(row["expected"] - row["observed"]) for row in table) / max(len(won), 1)
    return table, distance


def compare_figures(rows: Rows, chances: Floats, rules: Floats) -> dict[str, Any]:
    """Champion and challenger on the same later rows; rules may be NaN where no score was stored at the time."""
    predicted = ~np.isnan(chances)
    both = predicted & ~np.isnan(rules)
    table, distance = measure_calibration(rows.won[predicted], chances[predicted])
    return {
        "learned": measure_figure(rows.won[predicted], chances[predicted]),
        "calibration": table,
        "calibration_error": distance,
        "compared": {
            "learned": measure_figure(rows.won[both], chances[both]),
            "rules": measure_figure(rows.won[both], rules[both]),
        },
        "periods": list(compare_periods(rows, chances, rules, predicted)),
    }


def compare_periods(
    rows: Rows, chances: Floats, rules: Floats, predicted: NDArray[np.bool_]
) -> Iterator[dict[str, Any]]:
    """The same by period, since an average can hide that a model fades."""
    for period in np.unique(rows.period[predicted]):
        now = predicted & (rows.period == period)
        scored = now & ~np.isnan(rules)
        yield {
            "period": int(period),
            "learned": measure_figure(rows.won[now], chances[now]),
            "rules": measure_figure(rows.won[scored], rules[scored]),
        }
