"""Bank marketing (Moro, Cortez, Rita 2014): which call sells a deposit, learned again every hundred calls."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np

from scoring.learned.model import Floats, Rows
from scoring.learned.validate import Rolling

FILE = Path("docs/data/bank_marketing.csv.gz")
BLOCK = 100  # calls until the model is learned anew
# The first 4,000 calls are only learned from; 10,000 are looked back on, and a call 3,000 calls ago counts half.
ROLLING = Rolling(first=40, window=100, half_life=30)
NUMBERS = (
    *("age", "campaign", "pdays", "previous", "emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m"),
    "nr.employed",
)
WORDS = ("job", "marital", "education", "default", "housing", "loan", "contact", "month", "day_of_week", "poutcome")
RECENT = (25, 100, 500, 2000)  # calls over which the recent success is looked at


def read_rows(lag: int = 0, file: Path = FILE) -> Rows:
    """One row per call in the order of time, without `duration`, which is known only after the call.

    The recent success counts calls that ended before, the last `lag` left out (outcomes that are reported late).
    """
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        calls = list(csv.DictReader(stream, delimiter=";"))
    won = np.array([call["y"] == "yes" for call in calls], dtype=np.float64)
    columns = [np.array([float(call[name]) for call in calls]) for name in NUMBERS]
    columns[NUMBERS.index("pdays")][columns[NUMBERS.index("pdays")] == 999] = np.nan  # never called before
    for name in WORDS:
        known = {word: number for number, word in enumerate(sorted({call[name] for call in calls}))}
        columns.append(np.array([float(known[call[name]]) for call in calls]))
    columns += [read_recent(won, number, lag) for number in RECENT]
    names = (*NUMBERS, *WORDS, *(f"recent_{number}" for number in RECENT))
    return Rows(names, np.column_stack(columns), won, np.arange(len(won)) // BLOCK)


def read_recent(won: Floats, number: int, lag: int) -> Floats:
    """The share won among so many calls before each call."""
    until = np.maximum(np.arange(len(won)) - lag, 0)
    since = np.maximum(until - number, 0)
    sums = np.concatenate([[0.0], np.cumsum(won)])
    return np.where(until > since, (sums[until] - sums[since]) / np.maximum(until - since, 1), np.nan)
