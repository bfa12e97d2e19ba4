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
from numpy.typing import NDArray

from scoring.learned.model import Floats, Rows
from scoring.learned.rhythm import NAMES as RHYTHM
from scoring.learned.rhythm import describe_purchases
from scoring.learned.validate import Rolling

FILE = Path("docs/data/online_retail_II.csv.gz")
HORIZON = 30
LOSS = 90  # days without a purchase that count as a loss
STEP = 30  # days between two reference days
WARM_UP = 90  # days before the first reference day, so that there is a past to look at
ROLLING = Rolling(first=8, ranges=32, boost=True)
ROLLING_AFTER = Rolling(first=8, gap=1, ranges=32, boost=True)  # a purchase late in a month is judged in the next one
ROLLING_LOSS = Rolling(first=8, gap=LOSS // STEP - 1, ranges=32, boost=True)
NAMES = (*RHYTHM, "days_since_cancelled")


@dataclass(frozen=True)
class Invoice:
    """One invoice; day counts from the first in the table."""

    day: int
    amount: float
    cancelled: bool


def read_invoices(file: Path = FILE) -> tuple[date, dict[int, list[Invoice]]]:
    """The first day and every customer's invoices in the order of time. Empty invoices are left out."""
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        rows = [(datetime.fromisoformat(row["invoice_time"]).date(), row) for row in csv.DictReader(stream)]
    start = min(day for day, _ in rows)
    customers: dict[int, list[Invoice]] = {}
    for day, row in sorted(rows, key=lambda pair: pair[0]):
        cancelled, amount = row["is_cancel"] == "True", float(row["amount_gbp"])
        if cancelled or amount > 0:
            customers.setdefault(int(row["customer_id"]), []).append(Invoice((day - start).days, amount, cancelled))
    return start, customers


def read_rows(file: Path = FILE) -> Rows:
    """One row per customer and reference day: what was known on the evening before, and whether they bought again.

    A day with several invoices is one purchase: the table has invoices of the same minute.
    """
    _, customers = read_invoices(file)
    last = find_last_day(customers)
    asked = [
        (number, day, invoices)
        for number, day in enumerate(range(WARM_UP, last - HORIZON + 2, STEP))
        for invoices in customers.values()
        if any(invoice.day < day and not invoice.cancelled for invoice in invoices)
    ]
    return make_rows(asked)


def read_rows_after_purchase(file: Path = FILE) -> Rows:
    """One row per day with a purchase, asked on the morning after it: is it followed by another within 30 days?"""
    _, customers = read_invoices(file)
    last = find_last_day(customers)
    asked = [
        ((day - WARM_UP) // STEP, day, invoices)
        for invoices in customers.values()
        for day in sorted({invoice.day + 1 for invoice in invoices if not invoice.cancelled})
        if WARM_UP <= day <= last - HORIZON + 1
    ]
    return make_rows(sorted(asked, key=lambda one: one[0]))


def read_rows_of_loss(inactive: dict[str, int], file: Path = FILE) -> Rows:
    """One row per reference day and customer who is not inactive yet: is nothing bought within 90 days?

    inactive: days after which first_buyer and repeat_buyer are.
    """
    _, customers = read_invoices(file)
    last = find_last_day(customers)
    asked = []
    for number, day in enumerate(range(WARM_UP, last - LOSS + 2, STEP)):
        for invoices in customers.values():
            days = {one.day for one in invoices if one.day < day and not one.cancelled}
            if days and day - max(days) <= inactive["repeat_buyer" if len(days) > 1 else "first_buyer"]:
                asked.append((number, day, invoices))
    rows = make_rows(asked, LOSS)
    return Rows(rows.names, rows.values, 1 - rows.won, rows.period)


def make_rows(asked: list[tuple[int, int, list[Invoice]]], horizon: int = HORIZON) -> Rows:
    """The rows of (period, day, invoices of the customer asked about)."""
    values = [describe_customer([one for one in invoices if one.day < day], day) for _, day, invoices in asked]
    won = [any(not one.cancelled and day <= one.day < day + horizon for one in own) for _, day, own in asked]
    period = [number for number, _, _ in asked]
    return Rows(NAMES, np.array(values), np.array(won, dtype=np.float64), np.array(period))


def find_last_day(customers: dict[int, list[Invoice]]) -> int:
    return max(invoice.day for invoices in customers.values() for invoice in invoices)


def describe_customer(before: list[Invoice], day: int) -> list[float]:
    """The features, in the order of NAMES: what the product knows of a contact that only buys."""
    spent: dict[int, float] = {}
    for invoice in before:
        if not invoice.cancelled:
            spent[day - invoice.day] = spent.get(day - invoice.day, 0.0) + invoice.amount
    back = [day - invoice.day for invoice in before if invoice.cancelled]
    return [*describe_purchases(list(spent), list(spent.values())), min(back, default=np.nan)]


def read_naive(rows: Rows) -> Floats:
    """The yardstick without learning: who bought last, buys first."""
    return -rows.values[:, NAMES.index("days_since_purchase")]


def list_parts(rows: Rows) -> dict[str, NDArray[np.bool_]]:
    """Groups of customers one could mean by "customers", each to be measured by itself."""
    waiting, known, orders = (
        rows.values[:, NAMES.index(name)] for name in ("days_since_purchase", "days_customer", "orders")
    )
    return {
        "from the thirteenth month on": rows.period >= 12,
        "customers for half a year": known >= 180,
        "both": (rows.period >= 12) & (known >= 180),
        "bought within half a year": waiting <= 180,
        "bought twice or more": orders >= 2,
        "bought once": orders == 1,
    }


def read_gaps(file: Path = FILE, until: int | None = None) -> Iterator[tuple[str, int, bool]]:
    """(segment, days, ended) of every gap between two purchase days, and of the one still open at the end.

    until: as they could be known on that day.
    """
    _, customers = read_invoices(file)
    last = find_last_day(customers) if until is None else until - 1
    for invoices in customers.values():
        days = sorted({invoice.day for invoice in invoices if not invoice.cancelled and invoice.day <= last})
        for number, (earlier, later) in enumerate(pairwise(days)):
            yield ("repeat_buyer" if number else "first_buyer"), later - earlier, True
        if days:
            yield ("repeat_buyer" if len(days) > 1 else "first_buyer"), last - days[-1], False
