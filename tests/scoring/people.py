"""Contacts and what happens to them, for the tests of the score."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Contact, Contract, DefectionLimit, Event, Message


async def add_contact(session: AsyncSession, **known: Any) -> Contact:
    number = await session.scalar(text("SELECT count(*) FROM contact"))
    contact = Contact(**{"token": f"t{number}", "phone": f"+39000{number}"} | known)
    session.add(contact)
    await session.flush()
    return contact


def write_message(contact: Contact, at: datetime, kind: str = "text") -> Message:
    wamid = f"in.{contact.id}.{at.timestamp()}"
    return Message(
        contact_id=contact.id, wamid=wamid, phone_number_id="900", kind=kind, text="x", payload={}, sent_at=at
    )


def end_contract(contact: Contact, day: date, kind: str = "electricity") -> Contract:
    return Contract(contact_id=contact.id, kind=kind, expires_on=day, source="test")


def happen(contact: Contact, kind: str, at: datetime, **data: Any) -> Event:
    return Event(contact_id=contact.id, kind=kind, at=at, data=data)


async def set_limits(session: AsyncSession, now: datetime, **days: int) -> None:
    """The limits as they would be learned, days by segment; what stood there goes."""
    await session.execute(text("DELETE FROM defection_limit"))
    for segment, number in days.items():
        limit = DefectionLimit(
            segment=segment,
            days=number,
            inactive_days=number * 2,
            horizon_days=30,
            share=0.25,
            support=100,
            waiting=100,
            curve=[],
            computed_at=now,
        )
        session.add(limit)
    await session.flush()
