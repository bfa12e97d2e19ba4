"""Online Retail II: who buys again within 30 days, and after how many days a customer is defecting."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from scoring.learned.model import Floats, Rows
from scoring.learned.validate import Rolling

FILE = Path("docs/data/online_retail_II.csv.gz")
HORIZON = 30
STEP = 30  # days between two reference days
WARM_UP = 90  # days before the first reference day, so that there is a past to look at
ROLLING = Rolling(first=8, calibrate=2)
NAMES = (
    "days_since_purchase",
    "purchases",
    "purchases_90",
    "purchases_365",
    "days_known",
    "usual_gap",
    "overdue",
    "last_gap",
    "monetary",
    "monetary_90",
    "largest",
    "lines",
    "cancelled",
    "days_since_cancelled",
    "abroad",
    "month",
    "rhythm",
)


@dataclass(frozen=True)
class Invoice:
    """One invoice; day counts from the first in the table."""

    day: int
    amount: float
    lines: int
    cancelled: bool
    abroad: bool


def read_invoices(file: Path = FILE) -> tuple[date, dict[int, list[Invoice]]]:
    """The first day and every customer's invoices in the order of time. Empty invoices are left out."""
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        rows = [(datetime.fromisoformat(row["invoice_time"]).date(), row) for row in csv.DictReader(stream)]
    start = min(day for day, _ in rows)
    customers: dict[int, list[Invoice]] = {}
    for day, row in sorted(rows, key=lambda pair: pair[0]):
        cancelled, amount = row["is_cancel"] == "True", float(row["amount_gbp"])
        if cancelled or amount > 0:
            invoice = Invoice(
                (day - start).days, amount, int(row["lines"]), cancelled, row["country"] != "United Kingdom"
            )
            customers.setdefault(int(row["customer_id"]), []).append(invoice)
    return start, customers


def read_rows(file: Path = FILE) -> Rows:
    """One row per customer and reference day: what was known on the evening before, and whether they bought again.

    A day with several invoices is one purchase: the table has invoices of the same minute.
    """
    start, customers = read_invoices(file)
    last = max(invoice.day for invoices in customers.values() for invoice in invoices)
    values, won, period = [], [], []
    for number, day in enumerate(range(WARM_UP, last - HORIZON + 2, STEP)):
        month = date.fromordinal(start.toordinal() + day).month
        for invoices in customers.values():
            before = [invoice for invoice in invoices if invoice.day < day]
            if any(not invoice.cancelled for invoice in before):
                values.append(describe_customer(before, day, month))
                won.append(any(not i.cancelled and day <= i.day < day + HORIZON for i in invoices))
                period.append(number)
    return Rows(NAMES, np.array(values), np.array(won, dtype=np.float64), np.array(period))


def describe_customer(before: list[Invoice], day: int, month: int) -> list[float]:
    """The features, in the order of NAMES."""
    bought = [invoice for invoice in before if not invoice.cancelled]
    back = [invoice for invoice in before if invoice.cancelled]
    days = sorted({invoice.day for invoice in bought})
    gaps = [later - earlier for earlier, later in pairwise(days)]
    usual = float(np.median(gaps)) if gaps else np.nan
    recent = [invoice for invoice in bought if invoice.day >= day - 90]
    former = len({d for d in days if day - 180 <= d < day - 90})
    return [
        day - days[-1],
        len(days),
        len({invoice.day for invoice in recent}),
        sum(d >= day - 365 for d in days),
        day - days[0],
        usual,
        (day - days[-1]) / usual if gaps else np.nan,
        gaps[-1] if gaps else np.nan,
        sum(invoice.amount for invoice in bought),
        sum(invoice.amount for invoice in recent),
        max(invoice.amount for invoice in bought),
        float(np.mean([invoice.lines for invoice in bought])),
        len(back),
        day - back[-1].day if back else np.nan,
        float(bought[-1].abroad),
        month,
        len({invoice.day for invoice in recent}) - former,
    ]


def read_naive(rows: Rows) -> Floats:
    """The yardstick without learning: who bought last, buys first."""
    return -rows.values[:, NAMES.index("days_since_purchase")]


def read_gaps(file: Path = FILE) -> Iterator[tuple[str, int, bool]]:
    """(segment, days, ended) of every gap between two purchase days, and of the one still open at the end."""
    _, customers = read_invoices(file)
    last = max(invoice.day for invoices in customers.values() for invoice in invoices)
    for invoices in customers.values():
        days = sorted({invoice.day for invoice in invoices if not invoice.cancelled})
        for number, (earlier, later) in enumerate(pairwise(days)):
            yield ("repeat_buyer" if number else "first_buyer"), later - earlier, True
        if days:
            yield ("repeat_buyer" if len(days) > 1 else "first_buyer"), last - days[-1], False
