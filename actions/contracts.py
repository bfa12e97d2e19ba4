"""What a contact has today, and which day it is for them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from core.tables import Contact, Contract


async def load_contract(session: AsyncSession, contact: Contact, kind: str) -> Contract | None:
    """Today's contract of a kind, if we know it."""
    wanted = select(Contract).where(Contract.contact_id == contact.id, Contract.kind == kind)
    return (await session.scalars(wanted)).one_or_none()


def read_today(contact: Contact, now: datetime) -> date:
    """The date where the contact lives."""
    return now.astimezone(ZoneInfo(contact.timezone or store.get_settings().timezone)).date()
