"""After how many days without a purchase a customer counts as defecting: from the customers' own gaps.

The limit is the first day on which the chance that a still absent customer buys within the next `horizon` days has
fallen below `share`. Gaps that have not ended count as long as they were watched (Kaplan and Meier 1958); leaving
them out would make customers look more faithful than they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

HORIZON = 30  # days within which a return is hoped for
DEFECTING = 0.25  # below this chance of a return within the horizon a customer is defecting
INACTIVE = 0.10  # below this one inactive
GAPS_NEEDED = 100  # gaps of each sort, ended or not, below which a segment gets no limit of its own


class Stage(StrEnum):
    """Where a customer stands in the life cycle."""

    LEAD = "lead"
    FIRST_BUYER = "first_buyer"
    ACTIVE = "active"
    DEFECTING = "defecting"
    INACTIVE = "inactive"


@dataclass(frozen=True)
class Curve:
    """away[d]: share of gaps that last longer than d days. watched[d]: gaps watched for at least d days."""

    away: NDArray[np.float64]
    watched: NDArray[np.int64]

    def chance_back(self, days: int, horizon: int) -> float | None:
        """The chance to buy within the next horizon days after so many without; None beyond what was watched."""
        if days + horizon >= len(self.away) or self.watched[days + horizon] < GAPS_NEEDED // 2:
            return None
        return float(1 - self.away[days + horizon] / self.away[days]) if self.away[days] else None


@dataclass(frozen=True)
class Limit:
    """Days after which a customer is defecting, and inactive, with how many gaps say so."""

    days: int
    inactive_days: int
    support: int
    waiting: int
    curve: Curve


def trace_curve(gaps: NDArray[np.int64], ended: NDArray[np.bool_]) -> Curve:
    """Kaplan and Meier's curve over whole days; ended is False for gaps that are still open (watched so long)."""
    longest = int(gaps.max()) if len(gaps) else 0
    returns = np.bincount(gaps[ended], minlength=longest + 1)
    total = np.bincount(gaps, minlength=longest + 1)
    watched = total[::-1].cumsum()[::-1]
    stay = 1 - returns / np.maximum(watched, 1)
    return Curve(np.cumprod(stay), watched.astype(np.int64))


def find_limit(
    gaps: Sequence[int] | NDArray[np.int64],
    ended: Sequence[bool] | NDArray[np.bool_],
    horizon: int = HORIZON,
    defecting: float = DEFECTING,
    inactive: float = INACTIVE,
) -> Limit | None:
    """The limit of one segment; None where there are too few gaps, or people never stay away long enough to tell."""
    days, done = np.asarray(gaps, dtype=np.int64), np.asarray(ended, dtype=np.bool_)
    support, waiting = int(done.sum()), int((~done).sum())
    if min(support, waiting) < GAPS_NEEDED:
        return None
    curve = trace_curve(days, done)
    first = find_day(curve, horizon, defecting)
    if first is None:
        return None
    second = find_day(curve, horizon, inactive)
    return Limit(first, second if second is not None else last_watched(curve), support, waiting, curve)


def find_day(curve: Curve, horizon: int, share: float) -> int | None:
    """The first day from which on the chance of a return stays below a share for as long as it is known."""
    found = None
    for day in range(len(curve.away)):
        chance = curve.chance_back(day, horizon)
        if chance is None:
            break
        if chance >= share:
            found = None
        elif found is None:
            found = day
    return found


def last_watched(curve: Curve) -> int:
    """The last day on which enough customers were still watched to say anything."""
    return int(np.flatnonzero(curve.watched >= GAPS_NEEDED // 2)[-1])


def tell_stage(orders: int, days_since_purchase: int | None, defecting: int, inactive: int) -> Stage:
    """The life cycle from the number of purchase days and the learned limits."""
    if not orders or days_since_purchase is None:
        return Stage.LEAD
    if days_since_purchase > inactive:
        return Stage.INACTIVE
    if days_since_purchase > defecting:
        return Stage.DEFECTING
    return Stage.FIRST_BUYER if orders == 1 else Stage.ACTIVE
