"""Contacts with scores, as scoring writes them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Contact, ContactStat, Score, ScoreChange, Task

RULES_V3 = {"pack": "energy", "version": "v3"}


def line(rule: str, points: int, signal: str, on: date, **fact: Any) -> dict[str, Any]:
    return {"rule": rule, "points": points, "fact": {"signal": signal, **fact}, "on": on.isoformat()}


async def add_contact(
    session: AsyncSession,
    token: str,
    receipt: list[dict[str, Any]],
    now: datetime,
    *,
    name: str | None = None,
    phone: str | None = None,
    expires_on: date | None = None,
    pack: str = "energy",
    gate: list[dict[str, Any]] | None = None,
) -> int:
    """A contact with roll-up, score and the change that brought it, a day ago; its id."""
    contact = Contact(token=token, name=name, phone=phone, created_at=now, updated_at=now)
    session.add(contact)
    await session.flush()
    points = sum(one["points"] for one in receipt)
    band = "high" if points > 70 else "middle" if points > 40 else "low"
    known = {"version": "v3", "pack": pack, "points": points, "band": band, "receipt": receipt}
    session.add(
        ContactStat(
            contact_id=contact.id,
            contract_kind="electricity" if expires_on else None,
            expires_on=expires_on,
            created_on=now.date(),
            rolled_at=now,
        )
    )
    session.add(Score(contact_id=contact.id, gate=gate or [], computed_at=now, **known))
    session.add(ScoreChange(contact_id=contact.id, at=now - timedelta(days=1), points_before=None, **known))
    await session.flush()
    return contact.id


async def add_change(
    session: AsyncSession, contact_id: int, at: datetime, before: int, receipt: list[dict[str, Any]]
) -> None:
    points = sum(one["points"] for one in receipt)
    band = "middle" if points > 40 else "low"
    known = {"points": points, "band": band, "points_before": before, "band_before": "low", "receipt": receipt}
    session.add(ScoreChange(contact_id=contact_id, at=at, **RULES_V3, **known))
    await session.flush()


async def add_task(session: AsyncSession, contact_id: int, now: datetime, due_on: date) -> int:
    facts = {"band": "high", "before": "middle", "points": 88, "pack": "energy"}
    task = Task(
        contact_id=contact_id, kind="band_crossed", facts=facts, key=f"k{contact_id}", created_at=now, due_on=due_on
    )
    session.add(task)
    await session.flush()
    return task.id
