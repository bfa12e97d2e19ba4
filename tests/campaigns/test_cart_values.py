from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.cart_values import write_cart
from campaigns.templates.definitions import MissingValueError, fill_template, load_templates
from core.tables import Contact, Event
from core.types import AddressForm, Language
from offers.cart import load_cart

ITEMS = {"items": [{"name": "Scarpe rosse"}, {"name": "Calze"}]}


@pytest.fixture(autouse=True)
def in_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's facts are the sample's."""
    monkeypatch.setenv("PRONTO_DEMO", "1")


async def leave_cart(session: AsyncSession, now: datetime, *kinds: str) -> int:
    """A contact with a cart, and what came after it."""
    contact = Contact(token="ada", phone="+393331234567", name="Ada")
    session.add(contact)
    await session.flush()
    session.add(Event(contact_id=contact.id, kind="cart_abandoned", at=now, data=ITEMS))
    session.add_all([Event(contact_id=contact.id, kind=kind, at=now + timedelta(hours=1), data={}) for kind in kinds])
    await session.flush()
    return contact.id


async def read_cart_values(session: AsyncSession, contact_id: int) -> dict[str, str]:
    """What is told of one contact's cart."""
    found = await load_cart(session, contact_id, Language.IT)
    return write_cart(found) if found else {}


async def test_the_reminder_names_what_is_in_the_cart(session: AsyncSession, now: datetime) -> None:
    values = await read_cart_values(session, await leave_cart(session, now))
    wording = load_templates(AddressForm.INFORMAL)["cart_reminder"].texts[Language.IT]
    text = fill_template("cart_reminder", Language.IT, wording, {"name": "Ada"} | values).text
    assert text.startswith("Ciao Ada, hai lasciato nel carrello: Scarpe rosse, Calze.")


@pytest.mark.parametrize("kind", ["purchase", "cart_declined"])
async def test_what_was_bought_or_declined_is_not_reminded_of(session: AsyncSession, now: datetime, kind: str) -> None:
    values = await read_cart_values(session, await leave_cart(session, now, kind))
    wording = load_templates(AddressForm.INFORMAL)["cart_reminder"].texts[Language.IT]
    with pytest.raises(MissingValueError):
        fill_template("cart_reminder", Language.IT, wording, {"name": "Ada"} | values)
