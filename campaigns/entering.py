"""Lets contacts whose plan is due into a journey, if its entry conditions hold; says of each plan what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings


@dataclass(frozen=True)
class DuePlan:
    """A row of plan whose time has come; the caller holds its lock."""

    id: int
    campaign: str
    contact_id: int
    occasion: str
    data: Mapping[str, Any] = field(default_factory=dict)


async def enter(session: AsyncSession, settings: Settings, plans: Sequence[DuePlan], now: datetime) -> None:
    """Enrolls those who may enter and closes every plan: due_at empty, done_at, outcome (PlanOutcome).

    Of plans that are not let in, data gets `unmet`: the name of the entry condition that does not hold.
    """


async def check_entries(
    session: AsyncSession, settings: Settings, version_id: int, contact_ids: Sequence[int], now: datetime
) -> dict[int, str | None]:
    """Per contact why it may not enter this version of a journey now, None if it may: nothing is written (dry run).

    The words are those of PlanOutcome; entry conditions that do not hold are `entry:<name>`, such as entry:score.
    """
    return dict.fromkeys(contact_ids)
