"""A message counts the days of the contract it is about."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.templates import PLACEHOLDER, load_templates
from campaigns.values import read_values
from core.tables import Contact, Contract
from core.types import AddressForm


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


def test_a_message_that_counts_days_names_its_contract() -> None:
    for address in AddressForm:
        for name, definition in load_templates(address).items():
            counts = any("days" in PLACEHOLDER.findall(wording.body) for wording in definition.texts.values())
            assert bool(definition.contract) is counts, name
