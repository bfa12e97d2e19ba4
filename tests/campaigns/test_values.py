"""A message counts the days of the contract it is about."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.reading import read_deadlines, read_people
from campaigns.values import Needed, read_values
from core.settings import Settings
from core.tables import Contact, Contract
from core.types import Language


@pytest.mark.parametrize(("kind", "days"), [("insurance", "25"), ("electricity", "9"), ("gym", None), (None, None)])
async def test_the_days_are_those_of_the_messages_own_contract(
    session: AsyncSession, settings: Settings, now: datetime, kind: str | None, days: str | None
) -> None:
    contact = Contact(token="ada", phone="+393331234567", name="Ada")
    session.add(contact)
    await session.flush()
    for own, left in (("insurance", 25), ("electricity", 9)):
        ends_on = (now + timedelta(days=left)).date()
        session.add(Contract(contact_id=contact.id, kind=own, expires_on=ends_on, source="api"))
    await session.flush()
    people = await read_people(session, [contact.id], now, settings.timezone)
    deadlines = await read_deadlines(session, [contact.id], [kind or ""], now, settings.timezone)
    one = Needed(people[contact.id].row, Language.EN, frozenset({"days"}), deadlines.get((contact.id, kind or "")))
    (values,) = await read_values(session, settings, [one], now)
    assert values.get("days") == days
