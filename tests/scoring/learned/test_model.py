"""The model on made-up rows whose truth is known."""

import json

import numpy as np
import pytest

from scoring.learned.model import Rows, choose_edges, fit_model, read_model
from scoring.learned.validate import (
    Rolling,
    compare_figures,
    fit_before,
    measure_calibration,
    measure_figure,
    roll_forward,
)


def make_rows(number: int = 4000, periods: int = 8) -> Rows:
    """Won depends on the first feature only, and the second is noise; a tenth of the first is unknown."""
    chance = np.random.default_rng(7)
    clicks = chance.integers(0, 30, number).astype(float)
    clicks[chance.random(number) < 0.1] = np.nan
    truth = 1 / (1 + np.exp(-(np.nan_to_num(clicks, nan=0.0) / 6 - 3.5)))
    won = (chance.random(number) < truth).astype(float)
    return Rows(
        ("clicks", "noise"),
        np.column_stack([clicks, chance.normal(size=number)]),
        won,
        np.sort(np.arange(number) % periods),
    )


def test_it_finds_what_decides_and_leaves_noise_alone() -> None:
    rows = make_rows()
    moved = np.abs(fit_model(rows).read_weights(rows.values)).mean(axis=0)
    assert moved[0] > 10 * moved[1]


def test_reasons_add_up_to_the_chance() -> None:
    rows = make_rows()
    model = fit_model(rows)
    total = model.base + model.read_weights(rows.values).sum(axis=1)
    assert np.allclose(1 / (1 + np.exp(-total)), model.read_chances(rows.values))


def test_a_stored_model_says_the_same() -> None:
    rows = make_rows()
    model = fit_model(rows)
    again = read_model(json.loads(json.dumps(model.as_json())))
    assert again == model
    assert np.array_equal(again.read_chances(rows.values), model.read_chances(rows.values))


def test_learning_twice_gives_the_same_model() -> None:
    assert fit_model(make_rows()) == fit_model(make_rows())


def test_unknown_and_unseen_values_have_a_chance_too() -> None:
    model = fit_model(make_rows())
    chances = model.read_chances(np.array([[np.nan, np.nan], [1e9, -1e9]]))
    assert ((chances > 0) & (chances < 1)).all()


@pytest.mark.parametrize("column", [[], [np.nan, np.nan], [3.0, 3.0]])
def test_a_feature_without_any_difference_is_not_cut(column: list[float]) -> None:
    assert choose_edges(np.array(column), 8) == ()


def test_validation_never_sees_the_period_it_predicts() -> None:
    rows = make_rows()
    plan = Rolling(first=4, gap=1)
    chances = roll_forward(rows, plan)
    assert np.isnan(chances[rows.period < 4]).all()
    lies = Rows(rows.names, rows.values, np.where(rows.period >= 5, 1 - rows.won, rows.won), rows.period)
    changed = roll_forward(lies, plan)
    early = (rows.period == 4) | (rows.period == 5) | (rows.period == 6)  # period 5 is known from period 7 on
    assert np.array_equal(chances[early], changed[early])
    assert not np.array_equal(chances[rows.period == 7], changed[rows.period == 7])


def test_there_is_no_model_before_both_outcomes_were_seen() -> None:
    rows = make_rows()
    never = Rows(rows.names, rows.values, np.zeros(len(rows.won)), rows.period)
    assert fit_before(never, 5, Rolling(first=1)) is None
    assert np.isnan(roll_forward(never, Rolling(first=1))).all()


def test_chances_come_true_as_often_as_they_say() -> None:
    rows = make_rows(8000)
    chances = roll_forward(rows, Rolling(first=4, boost=True))
    seen = ~np.isnan(chances)
    assert measure_calibration(rows.won[seen], chances[seen])[1] < 0.03


def test_champion_and_challenger_are_compared_on_the_same_rows() -> None:
    rows = make_rows()
    chances = roll_forward(rows, Rolling(first=4))
    rules = np.where(np.arange(len(rows.won)) % 2 == 0, rows.values[:, 1], np.nan)
    report = compare_figures(rows, chances, rules)
    compared = report["compared"]
    assert compared["learned"]["rows"] == compared["rules"]["rows"] == (~np.isnan(chances) & ~np.isnan(rules)).sum()
    assert compared["learned"]["auc"] > 0.75 > 0.6 > compared["rules"]["auc"]
    assert compared["learned"]["lift"] > 1.5
    assert [period["period"] for period in report["periods"]] == [4, 5, 6, 7]
    json.dumps(report)


def test_one_outcome_alone_measures_nothing() -> None:
    assert measure_figure(np.zeros(5), np.arange(5.0))["auc"] is None
    assert measure_figure(np.array([]), np.array([]))["auc"] is None
