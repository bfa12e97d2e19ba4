"""A contact's learned chances as they are stored. Reading them needs nothing of what learning needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.learned.outcomes import Outcome

READ = text(
    """
    SELECT l.outcome, l.chance, l.reasons, l.model_id, l.computed_at, m.horizon_days, m.promoted_at FROM learned_score l
    JOIN learned_model m ON m.id = l.model_id WHERE l.contact_id = :id
    ORDER BY l.outcome DESC
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


async def read_chances(session: AsyncSession, contact_id: int) -> dict[Outcome, Chance]:
    """The stored chances of a contact, by what is expected; of what nothing is stored is left out."""
    rows = (await session.execute(READ, {"id": contact_id})).all()
    return {
        Outcome(row.outcome): Chance(
            row.chance, row.reasons, row.horizon_days, row.computed_at, row.model_id, row.promoted_at is not None
        )
        for row in rows
    }
