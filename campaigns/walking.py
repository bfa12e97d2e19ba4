"""Moves those on a journey on: whose time has come, or to whom something happened."""

from __future__ import annotations

from datetime import datetime

from core.db import Sessions
from core.settings import Settings


async def walk_due(sessions: Sessions, settings: Settings, now: datetime, limit: int = 500) -> int:
    """Moves up to `limit` enrollments of running campaigns on; how many, 0: nothing is due.

    Also wakes those to whom something happened. Any number of workers may do this at the same time.
    """
    return 0
