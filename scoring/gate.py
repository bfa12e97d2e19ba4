"""Whether the score lets a commercial message go to a contact today, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from scoring.editions import read_edition
from scoring.explain import explain_gate
from scoring.refresh import ZONE, load_facts
from scoring.score import score_contact


@dataclass(frozen=True)
class GateAnswer:
    """unmet: what stands against the message, as in table score; nothing: it may go. points: today's score."""

    points: int
    unmet: tuple[dict[str, Any], ...]

    @property
    def open(self) -> bool:
        return not self.unmet

    def words(self, language: str) -> list[str]:
        """The reasons in it, de or en."""
        return [explain_gate(one, language) for one in self.unmet]


async def read_gate(session: AsyncSession, contact_id: int, now: datetime, zone: str = ZONE) -> GateAnswer | None:
    """The gate on the contact's own today, also if the stored score is of yesterday; None before the first score."""
    found = await load_facts(session, contact_id, now, zone)
    if found is None:
        return None
    facts, today = found
    result = score_contact(facts, await read_edition(session), today)
    return GateAnswer(result.points, result.gate)
