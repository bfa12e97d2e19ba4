"""Whether the score lets a commercial message go to a contact today, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from scoring.editions import read_edition
from scoring.explain import explain_gate
from scoring.refresh import FACTS, ZONE
from scoring.rollup import read_facts
from scoring.score import score_contact


@dataclass(frozen=True)
class GateAnswer:
    """unmet: what stands against the message, as in table score; nothing: it may go. points: today's score.

    days_left: until the contract that ends first ends, 0 on its last day. saving_percent: of the next best offer.
    """

    points: int
    unmet: tuple[dict[str, Any], ...]
    days_left: int | None = None
    saving_percent: int | None = None

    @property
    def open(self) -> bool:
        return not self.unmet

    def words(self, language: str) -> list[str]:
        """The reasons in it, de or en."""
        return [explain_gate(one, language) for one in self.unmet]


async def read_gate(session: AsyncSession, contact_id: int, now: datetime, zone: str = ZONE) -> GateAnswer | None:
    """The gate on the contact's own today, also if the stored score is of yesterday; None before the first score."""
    return (await read_gates(session, [contact_id], now, zone)).get(contact_id)


async def read_gates(
    session: AsyncSession, contact_ids: Sequence[int], now: datetime, zone: str = ZONE
) -> dict[int, GateAnswer]:
    """The gates of many; contacts without a score are left out."""
    book = await read_edition(session)
    rows = (await session.execute(FACTS, {"ids": list(contact_ids), "now": now, "zone": zone})).all()
    found = {}
    for row in rows:
        facts = read_facts(row)
        result = score_contact(facts, book, row.today)
        left = (facts.expires_on - row.today).days if facts.expires_on else None
        found[row.contact_id] = GateAnswer(result.points, result.gate, left, facts.saving_percent)
    return found
