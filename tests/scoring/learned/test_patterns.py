"""Patterns are found where there are some, and only there."""

import numpy as np

from scoring.learned.model import Rows
from scoring.learned.patterns import find_patterns
from scoring.learned.words import explain_pattern

HOURS = 1  # column


def make_rows(truth: bool, seed: int = 5, number: int = 6000) -> tuple[Rows, np.ndarray]:
    """Asking after 21:00 wins more often if a message came the next morning; nothing else matters."""
    chance = np.random.default_rng(seed)
    hour, morning = chance.integers(8, 24, number), chance.integers(0, 2, number)
    other = chance.normal(size=(number, 2))
    late = (hour >= 21) & (morning == 1)
    won = chance.random(number) < (np.where(late, 0.45, 0.15) if truth else 0.2)
    values = np.column_stack([other[:, 0], hour, morning, other[:, 1]])
    rows = Rows(("spent", "asked_hour", "next_morning", "trend"), values, won.astype(float), np.arange(number) // 1000)
    return rows, np.arange(number)


def test_the_pattern_that_is_there_is_found() -> None:
    patterns = find_patterns(*make_rows(truth=True))
    best = patterns[0]
    assert {one["feature"] for one in best["conditions"]} == {"asked_hour", "next_morning"}
    assert next(one["above"] for one in best["conditions"] if one["feature"] == "asked_hour") >= 18
    assert best["late"]["with"] > 1.5 * best["late"]["without"]
    assert best["late"]["chance"] < 0.05
    assert "o'clock" in explain_pattern(best, "en")


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert [find_patterns(*make_rows(truth=False, seed=seed)) for seed in range(10)] == [[]] * 10


def test_a_pattern_that_did_not_last_is_dropped() -> None:
    rows, contacts = make_rows(truth=True)
    flat = np.random.default_rng(9).random(len(rows.won)) < 0.2
    faded = Rows(rows.names, rows.values, np.where(rows.period < 4, rows.won, flat), rows.period)
    assert find_patterns(faded, contacts) == []


def test_a_contact_counts_once_however_many_months_it_has() -> None:
    rows, contacts = make_rows(truth=True, number=1200)
    twenty = Rows(rows.names, np.tile(rows.values, (20, 1)), np.tile(rows.won, 20), np.repeat(np.arange(20), 1200))
    once = find_patterns(twenty, np.tile(contacts % 60, 20))
    assert once == []  # sixty people are too few for anything
