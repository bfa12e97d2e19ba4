"""A message counts the days of the contract it is about."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.values import read_values
from core.tables import Contact, Contract


@pytest.mark.parametrize(("kind", "days"), [("insurance", "25"), ("electricity", "9"), ("gym", None), (None, None)])
async def test_the_days_are_those_of_the_messages_own_contract(
    session: AsyncSession, now: datetime, kind: str | None, days: str | None
) -> None:
    contact = Contact(token="ada", phone="+393331234567", name="Ada")
    session.add(contact)
    await session.flush()
    for own, left in (("insurance", 25), ("electricity", 9)):
        ends_on = (now + timedelta(days=left)).date()
        session.add(Contract(contact_id=contact.id, kind=own, expires_on=ends_on, source="api"))
    await session.flush()
    values = await read_values(session, contact.id, now, "Europe/Rome", kind)
    assert values.get("days") == days
