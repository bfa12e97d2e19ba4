"""`python -m bench.learned` measures the learned score on public data and writes docs/learned-score.md's tables.

The pictures need the development packages. Everything is learned on one thread and always the same.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
from rich.console import Console
from threadpoolctl import threadpool_limits

from bench.learned import bank, retail
from bench.learned.pictures import draw_calibration, draw_survival
from scoring.learned.defection import DEFECTING, HORIZON, find_limit
from scoring.learned.model import Floats, Rows
from scoring.learned.validate import compare_periods, measure_calibration, measure_figure, roll_forward

PAGE = Path("docs/learned-score.md")
PICTURES = Path("docs/pictures")


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.learned", description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="of bank, retail, loss, limits (default: all)")
    chosen = parser.parse_args().tables or ["bank", "retail", "loss", "limits"]
    makers = {"bank": make_bank, "retail": make_retail, "loss": make_loss, "limits": make_limits}
    if unknown := set(chosen) - set(makers):
        parser.error(f"no table {', '.join(sorted(unknown))}; there are {', '.join(makers)}")
    for table in chosen:
        with threadpool_limits(1):
            lines = makers[table]()
        Console(highlight=False).print("\n".join(lines), markup=False)
        write_table(table, lines)


def make_bank() -> list[str]:
    """The yardstick is the recent success alone: known call by call, and a hundred calls late."""
    rows, lines = bank.read_rows(), head_table("Bank marketing, 37,188 later calls")
    chances = roll_forward(rows, bank.ROLLING)
    later = ~np.isnan(chances)
    for words, lag in (("known after each call", 0), ("known 100 calls late", 100)):
        naive = np.nan_to_num(bank.read_recent(rows.won, 100, lag))
        lines.append(tell_line(f"success among the last 100 calls, {words}", rows, naive, later, None))
    draw_calibration(PICTURES / "bank-calibration.png", *pick_later(rows, chances), "Bank marketing")
    return [*lines, tell_line("**learned**, outcomes known after each call", rows, chances, later, chances)]


def make_retail() -> list[str]:
    """All earlier customers pooled, the same for parts of them, by month; then asked after each purchase."""
    rows = retail.read_rows()
    chances = roll_forward(rows, retail.ROLLING)
    later = ~np.isnan(chances)
    lines = head_table("Online Retail II, purchase within 30 days")
    lines += [
        tell_line("all earlier customers: who bought last, buys first", rows, retail.read_naive(rows), later, None),
        tell_line("all earlier customers: **learned**", rows, chances, later, chances),
    ]
    parts = retail.list_parts(rows)
    lines += [tell_line(f"of these, {words}", rows, chances, later & part, chances) for words, part in parts.items()]
    draw_calibration(PICTURES / "retail-calibration.png", *pick_later(rows, chances), "Online Retail II")
    months = [period["learned"]["auc"] for period in compare_periods(rows, chances, chances, later)]
    after = retail.read_rows_after_purchase()
    expected = roll_forward(after, retail.ROLLING_AFTER)
    lines.append(tell_line("asked after each purchase: learned", after, expected, ~np.isnan(expected), expected))
    by_month = ", ".join(f"{auc:.3f}" for auc in months)
    return [*lines, "", f"All earlier customers by month: {by_month}; on average {np.mean(months):.3f}."]


def make_loss() -> list[str]:
    """Who is lost, of those who are not inactive by the limits that could be known before the first later month."""
    gaps = list(retail.read_gaps(until=retail.WARM_UP + retail.ROLLING_LOSS.first * retail.STEP))
    inactive = {}
    for segment in ("first_buyer", "repeat_buyer"):
        own = [(days, ended) for name, days, ended in gaps if name == segment]
        if limit := find_limit([days for days, _ in own], [ended for _, ended in own]):
            inactive[segment] = limit.inactive_days
    rows = retail.read_rows_of_loss(inactive)
    chances = roll_forward(rows, retail.ROLLING_LOSS)
    later = ~np.isnan(chances)
    return [
        *head_table("Online Retail II, no purchase within 90 days"),
        tell_line("who is away longest, is lost first", rows, -retail.read_naive(rows), later, None),
        tell_line("**learned**", rows, chances, later, chances),
        "",
        f"Inactive: {inactive['first_buyer']} days after a first purchase, {inactive['repeat_buyer']} after later ones",
    ]


def make_limits() -> list[str]:
    """The defection limit of all, of first and of repeat buyers."""
    gaps = list(retail.read_gaps())
    lines = ["| customers | defecting after | inactive after | gaps that ended | still open |", "|---|---|---|---|---|"]
    curves = {}
    for segment in ("all", "first_buyer", "repeat_buyer"):
        own = [(days, ended) for name, days, ended in gaps if segment in ("all", name)]
        limit = find_limit([days for days, _ in own], [ended for _, ended in own])
        if limit:
            curves[segment] = limit
            lines.append(
                f"| {segment.replace('_', ' ')} | {limit.days} days | {limit.inactive_days} days"
                f" | {limit.support:,} | {limit.waiting:,} |"
            )
    draw_survival(PICTURES / "defection.png", curves, HORIZON, DEFECTING)
    return lines


def head_table(title: str) -> list[str]:
    return [f"| {title} | rows | rate | AUC | best tenth | calibration error |", "|---|---|---|---|---|---|"]


def tell_line(words: str, rows: Rows, figure: Floats, later: np.ndarray, chances: Floats | None) -> str:
    """A line of a table; a figure that is no chance has no calibration."""
    found = measure_figure(rows.won[later], figure[later])
    error = "-" if chances is None else f"{measure_calibration(rows.won[later], chances[later])[1] * 100:.1f} %"
    size = f"{found['rows']:,} | {found['rate'] * 100:.1f} %"
    return f"| {words} | {size} | {found['auc']:.3f} | {found['lift']:.2f} times | {error} |"


def pick_later(rows: Rows, chances: Floats) -> tuple[Floats, Floats]:
    later = ~np.isnan(chances)
    return rows.won[later], chances[later]


def write_table(name: str, lines: list[str]) -> None:
    """Replaces what stands between the page's marks."""
    page = PAGE.read_text(encoding="utf-8")
    marks = re.compile(f"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    filled = "\n".join(lines) + "\n"
    PAGE.write_text(marks.sub(lambda found: found[1] + filled + found[2], page), encoding="utf-8")


if __name__ == "__main__":
    main()
