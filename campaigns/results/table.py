"""Results as a CSV file: one line per group, with what an arm adds where it can be told."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from campaigns.results.effect import Effect
from campaigns.results.read import NUMBERS, Group

HEADINGS = (
    *("by", "arm", "segment", "language"),
    *NUMBERS,
    "median_hours_to_convert",
    *("uplift_contacts", "uplift_beside", "uplift_points", "uplift_low", "uplift_high"),
    *("uplift_revenue_per_contact", "uplift_revenue_low", "uplift_revenue_high", "verdict"),
)


def write_csv(groups: Iterable[Group], effects: Iterable[Effect]) -> str:
    """Comma, a heading, points of decimals; uplift in points of a hundred."""
    known = {(one.arm, one.segment, one.language): one for one in effects}
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADINGS)
    for group in groups:
        effect = known.get((group.arm, group.segment, group.language)) if group.by != "all" else None
        hours = "" if group.close is None else f"{group.close.total_seconds() / 3600:.1f}"
        row = [group.by, group.arm, group.segment, group.language, *(getattr(group, name) for name in NUMBERS), hours]
        writer.writerow([*row, *describe_effect(effect)])
    return file.getvalue()


def describe_effect(effect: Effect | None) -> list[str | int]:
    """The last columns; empty where there is nothing to compare."""
    if effect is None:
        return [""] * 9
    rate, revenue = effect.rate, effect.revenue
    points = [f"{100 * one:.3f}" for one in (rate.value, rate.low, rate.high)] if rate else [""] * 3
    money = [f"{one:.2f}" for one in (revenue.value, revenue.low, revenue.high)] if revenue else [""] * 3
    return [effect.sample.contacts, effect.beside, *points, *money, effect.verdict.value]
