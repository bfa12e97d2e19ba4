"""What a contact's own purchases say: how often, how much, in which rhythm, and how overdue the next one is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

NAMES = (
    *("days_since_purchase", "days_customer", "orders", "orders_30", "orders_90", "orders_180", "orders_365"),
    *("fading_orders", "month_share", "usual_gap", "last_gap", "longest_gap", "overdue", "overdue_longest"),
    *("back_share", "spent", "spent_90", "spent_365", "usual_spent", "last_spent"),
)
HORIZON = 30  # days within which the next purchase is asked about
HALF_LIFE = 45  # days after which an order counts half in fading_orders
UNKNOWN = float("nan")


def describe_purchases(ago: Sequence[int], spent: Sequence[float]) -> list[float]:
    """The features in the order of NAMES. ago: days since each day with a purchase, oldest first; spent: on it."""
    if not ago:
        return [0.0 if name.startswith(("orders", "spent", "fading")) else UNKNOWN for name in NAMES]
    now, first = ago[-1], ago[0]
    return [
        now,
        first,
        len(ago),
        *(sum(day <= window for day in ago) for window in (30, 90, 180, 365)),
        sum(0.5 ** (day / HALF_LIFE) for day in ago),
        len({(first - day) // 30 for day in ago}) / (first // 30 + 1),
        *describe_gaps([earlier - later for earlier, later in pairwise(ago)], now),
        sum(spent),
        *(sum(money for day, money in zip(ago, spent, strict=True) if day <= window) for window in (90, 365)),
        fmean(spent),
        spent[-1],
    ]


def describe_gaps(gaps: Sequence[int], waiting: int) -> list[float]:
    """usual_gap to back_share of NAMES: the days between purchases, and the wait since the last one beside them."""
    if not gaps:
        return [UNKNOWN] * 6
    usual, longest = median(gaps), max(gaps)
    return [usual, gaps[-1], longest, waiting / usual, waiting / longest, share_back(gaps, waiting)]


def share_back(gaps: Sequence[int], waiting: int) -> float:
    """How often who had waited so long came back within the horizon; few own gaps are mixed with a quarter."""
    as_long = [gap for gap in gaps if gap >= waiting]
    return (sum(gap < waiting + HORIZON for gap in as_long) + 1) / (len(as_long) + 4)
