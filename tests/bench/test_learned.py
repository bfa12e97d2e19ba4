"""The public tables: read without hindsight, and good for what the page says, in a reduced form."""

import gzip
from datetime import date, timedelta
from pathlib import Path

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


def write_shop(file: Path) -> Path:
    """One customer who buys on days 0, 100, 120 (twice, once cancelled) and 160; another stretches the table."""
    rows = [(1, day, 10, False) for day in (0, 100, 120, 120, 160)]
    rows += [(1, 121, -10, True), (2, 0, 5, False), (2, 220, 5, False)]
    lines = ["customer_id,invoice_time,amount_gbp,is_cancel"]
    lines += [f"{who},{date(2010, 1, 1) + timedelta(days=day)},{amount},{back}" for who, day, amount, back in rows]
    with gzip.open(file, "wt", encoding="utf-8") as stream:
        stream.write("\n".join(lines))
    return file


def test_the_shop_is_asked_about_what_was_known_on_the_day(tmp_path: Path) -> None:
    rows = retail.read_rows(write_shop(tmp_path / "shop.csv.gz"))
    own = rows.pick(rows.values[:, rows.names.index("spent")] != 5)  # on days 90, 120, 150 and 180
    orders = own.values[:, rows.names.index("orders")]
    assert (orders[-3:].tolist(), own.won.tolist()[-3:]) == ([2, 3, 4], [1, 1, 0])
    assert own.values[-2, rows.names.index("days_since_cancelled")] == 29


def test_a_purchase_is_asked_about_on_the_morning_after_it(tmp_path: Path) -> None:
    rows = retail.read_rows_after_purchase(write_shop(tmp_path / "shop.csv.gz"))
    assert rows.values[:, rows.names.index("days_since_purchase")].tolist() == [1, 1, 1]
    assert rows.won.tolist() == [1, 0, 0]  # of days 100, 120, 160; what follows day 220 nobody knows
