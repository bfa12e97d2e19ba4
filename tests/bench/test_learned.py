"""The public tables: read without hindsight, and good for what the page says, in a reduced form."""

import numpy as np

from bench.learned import bank, retail
from scoring.learned.defection import find_limit
from scoring.learned.model import fit_model
from scoring.learned.validate import measure_figure


def test_the_recent_success_knows_no_later_call() -> None:
    won = np.array([1.0, 0.0, 1.0, 1.0])
    assert np.array_equal(bank.read_recent(won, 2, 0), [np.nan, 1, 0.5, 0.5], equal_nan=True)
    assert np.array_equal(bank.read_recent(won, 2, 1), [np.nan, np.nan, 1, 0.5], equal_nan=True)


def test_one_model_of_the_first_half_beats_chance_on_the_next_calls() -> None:
    rows = bank.read_rows()
    assert "duration" not in rows.names
    model = fit_model(rows.pick(np.arange(15_000, 20_000)))
    later = rows.pick(np.arange(20_000, 22_000))
    found = measure_figure(later.won, model.read_chances(later.values))
    assert found["auc"] is not None
    assert found["auc"] > 0.5


def test_the_shops_limit_is_its_own() -> None:
    gaps = list(retail.read_gaps())
    limit = find_limit([days for _, days, _ in gaps], [ended for _, _, ended in gaps])
    assert limit is not None
    assert (limit.days, limit.support, limit.waiting) == (56, 27_229, 5_878)
