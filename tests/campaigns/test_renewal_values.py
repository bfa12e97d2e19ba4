from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.renewal_values import write_renewal
from campaigns.templates.definitions import fill_template, load_templates
from core.tables import Contact, Contract, Event
from core.types import AddressForm, EventKind, Language
from offers.member import load_member

NAMES = {"name": "Giulia"}


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's facts are the shipped ones."""
    monkeypatch.setenv("PRONTO_DEMO", "1")


async def join(session: AsyncSession, ends_on: date) -> int:
    contact = Contact(token="ada", phone="+393331234567", name="Ada")
    session.add(contact)
    await session.flush()
    session.add(Contract(contact_id=contact.id, kind="gym", expires_on=ends_on, source="api"))
    await session.flush()
    return contact.id


async def read_renewal(session: AsyncSession, contact_id: int, now: datetime, language: Language) -> dict[str, str]:
    """The values of one member."""
    member = await load_member(session, contact_id, now)
    assert member
    return write_renewal(member, now, "Europe/Rome", language)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (Language.IT, "scade tra 12 giorni. Se rinnovi entro il 22.11.2026: 2 mesi + 1 gratis, 79,80 EUR in tutto"),
        (Language.DE, "endet in 12 Tagen. Wenn du bis 22.11.2026 verlängerst: 2 Monate + 1 gratis, 79,80 EUR"),
        (Language.EN, "ends in 12 days. If you renew by 22 November 2026: 2 months + 1 free, 79.80 EUR in total"),
    ],
)
async def test_the_template_tells_the_offer_with_price_and_last_day(
    session: AsyncSession, now: datetime, language: Language, told: str
) -> None:
    contact_id = await join(session, date(2026, 12, 3))
    values = await read_renewal(session, contact_id, now, language)
    wording = load_templates(AddressForm.INFORMAL)["membership_renewal"].texts[language]
    assert told in fill_template("membership_renewal", language, wording, NAMES | values).text


async def test_a_deadline_told_before_does_not_move_on(session: AsyncSession, now: datetime) -> None:
    contact_id = await join(session, date(2026, 12, 30))
    session.add(Event(contact_id=contact_id, kind=EventKind.RENEWAL_OFFERED, at=now - timedelta(days=8), key="k"))
    await session.flush()
    values = await read_renewal(session, contact_id, now, Language.EN)
    assert values["offer"] == "One year"


async def test_an_end_of_tomorrow_stops_the_message(session: AsyncSession, now: datetime) -> None:
    contact_id = await join(session, date(2026, 11, 22))
    assert "membership_days" not in await read_renewal(session, contact_id, now, Language.EN)
