"""Rate limits as WhatsApp keeps them: a steady rate with a burst that is paid back (generic cell rate algorithm)."""

from __future__ import annotations


class Pace:
    """One limit for many keys. seconds: per message in the long run; burst: how many may come at once."""

    def __init__(self) -> None:
        self.free_at: dict[str, float] = {}  # when the key's debt is paid

    def allows(self, key: str, now: float, seconds: float, burst: float) -> bool:
        """Whether one more message fits now; does not count it."""
        return max(self.free_at.get(key, 0.0), now) - now <= seconds * (burst - 1) + 1e-9

    def take(self, key: str, now: float, seconds: float) -> None:
        """Counts one message."""
        self.free_at[key] = max(self.free_at.get(key, 0.0), now) + seconds
