"""How fast messages may leave, per number and per customer: the generic cell rate algorithm (GCRA).

`tat` is the theoretical arrival time of the next message; a burst lets it run ahead of the clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta


def size_burst(rate: float) -> int:
    """How many messages may leave at once: 50 ms worth, so that a second never sees noticeably more than `rate`."""
    return max(1, round(rate / 20))


def take_slots(tat: datetime | None, now: datetime, step: timedelta, burst: int, wanted: int) -> int:
    """How many of the wanted messages may leave now. step: time between two messages in the long run."""
    ahead = max(tat - now, timedelta()) if tat else timedelta()
    return max(0, min(wanted, (burst * step - ahead) // step))


def advance_tat(tat: datetime | None, now: datetime, step: timedelta, taken: int) -> datetime:
    """The tat after so many messages left."""
    return max(tat or now, now) + taken * step


def next_slot(tat: datetime | None, now: datetime, step: timedelta, burst: int) -> datetime:
    """When the next message may leave, at the earliest now."""
    return max(now, tat - (burst - 1) * step) if tat else now
