"""A contact's learned chance as it is stored. Reading it needs nothing of what learning needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

READ = text(
    """
    SELECT l.chance, l.reasons, l.model_id, l.computed_at, m.horizon_days, m.promoted_at FROM learned_score l
    JOIN learned_model m ON m.id = l.model_id WHERE l.contact_id = :id
    """
)


@dataclass(frozen=True)
class Chance:
    """A contact's stored chance. promoted: a person trusts the model; else it only stands beside the rules."""

    chance: float
    reasons: list[dict[str, Any]]
    horizon_days: int
    computed_at: datetime
    model_id: int
    promoted: bool


async def read_chance(session: AsyncSession, contact_id: int) -> Chance | None:
    """The stored chance of a contact, None if there is none."""
    row = (await session.execute(READ, {"id": contact_id})).one_or_none()
    if row is None:
        return None
    return Chance(row.chance, row.reasons, row.horizon_days, row.computed_at, row.model_id, row.promoted_at is not None)
