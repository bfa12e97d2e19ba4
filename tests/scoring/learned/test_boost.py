"""Boosting on made-up rows whose truth is known: it must stay a sum."""

import json

import numpy as np

from scoring.learned.boost import boost_model, choose_rounds, make_learner, place_rows, read_sum
from scoring.learned.model import Rows, choose_edges, read_model
from scoring.learned.validate import Rolling, measure_figure, roll_forward
from tests.scoring.learned.test_model import make_rows


def test_the_sum_says_what_the_trees_say() -> None:
    rows = make_rows()
    timed = np.column_stack([rows.values, rows.period])
    edges = tuple(choose_edges(timed[:, at], 32) for at in range(3))
    cells = place_rows(timed, edges)
    learner = make_learner(30).fit(cells, rows.won)
    model = read_sum(learner, rows.names, edges, cells)
    newest = cells.copy()
    newest[:, -1] = len(edges[-1])
    odds = model.base + model.read_weights(rows.values).sum(axis=1)
    assert np.allclose(odds, learner.decision_function(newest))


def test_it_finds_what_decides_and_is_stored_like_any_model() -> None:
    rows = make_rows()
    model = boost_model(rows)
    moved = np.abs(model.read_weights(rows.values)).mean(axis=0)
    assert moved[0] > 5 * moved[1]
    again = read_model(json.loads(json.dumps(model.as_json())))
    assert np.array_equal(again.read_chances(rows.values), model.read_chances(rows.values))
    assert boost_model(rows) == model
    assert np.isfinite(model.read_chances(np.array([[np.nan, np.nan], [1e9, -1e9]]))).all()


def test_a_season_is_not_taken_for_a_feature_that_grows_with_time() -> None:
    """Everybody's age grows by a month each month, and the last months are good: age itself says nothing."""
    chance = np.random.default_rng(4)
    period = np.repeat(np.arange(8), 600)
    age = period * 30.0 + chance.integers(0, 90, len(period))
    won = (chance.random(len(period)) < np.where(period >= 5, 0.4, 0.1)).astype(float)
    rows = Rows(("age",), age[:, None], won, period)
    model = boost_model(rows)
    chances = model.read_chances(rows.values)
    assert abs(chances[period == 7].mean() - 0.4) < 0.06
    assert np.abs(model.read_weights(rows.values)).mean() < 0.15


def test_where_nothing_differs_the_chance_is_the_rate() -> None:
    won = (np.arange(300) % 3 == 0).astype(float)
    rows = Rows(("same",), np.ones((300, 1)), won, np.zeros(300, dtype=np.int64))
    assert np.allclose(boost_model(rows).read_chances(rows.values), 1 / 3)


def test_how_long_to_learn_is_chosen_without_later_months() -> None:
    rows = make_rows()
    edges = tuple(choose_edges(rows.values[:, at], 32) for at in range(2))
    cells = place_rows(rows.values, edges)
    assert choose_rounds(cells, rows) == choose_rounds(cells.copy(), rows)
    plan = Rolling(first=6, ranges=16, boost=True)
    lies = Rows(rows.names, rows.values, np.where(rows.period == 7, 1 - rows.won, rows.won), rows.period)
    one, other = roll_forward(rows, plan), roll_forward(lies, plan)
    assert np.array_equal(one, other, equal_nan=True)
    seen = ~np.isnan(one)
    assert measure_figure(rows.won[seen], one[seen])["auc"] > 0.7
