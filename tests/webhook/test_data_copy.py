"""The private link to a customer's own data, and what an erasure means for what other systems send."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.consent import may_market
from contacts.erase import erase_contact
from contacts.export import VALID, link_copy
from core import clock
from core.tables import Contact

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile"}


@pytest_asyncio.fixture
async def ana(client: httpx.AsyncClient, session: AsyncSession) -> int:
    contact = Contact(token="ana", phone="+390200000001", name="Ana")
    session.add(contact)
    await session.commit()
    return contact.id


async def test_the_link_gives_a_file_nobody_keeps(client: httpx.AsyncClient, session: AsyncSession, ana: int) -> None:
    token = await link_copy(session, ana, "t1", clock.now())
    await session.commit()
    answer = await client.get(f"/d/{token}", headers=PHONE)
    assert answer.json()["profile"]["name"] == "Ana"
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/json", "no-store")


@pytest.mark.parametrize("agent", ["WhatsApp/2.25.1 A", "facebookexternalhit/1.1"])
async def test_a_preview_sees_nothing(client: httpx.AsyncClient, session: AsyncSession, ana: int, agent: str) -> None:
    token = await link_copy(session, ana, "t1", clock.now())
    await session.commit()
    answer = await client.get(f"/d/{token}", headers={"User-Agent": agent})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_an_old_link_gives_nothing(client: httpx.AsyncClient, session: AsyncSession, ana: int) -> None:
    token = await link_copy(session, ana, "t1", clock.now() - VALID)
    await session.commit()
    for unknown in (token, "guessed", "%00"):
        assert (await client.get(f"/d/{unknown}", headers=PHONE)).status_code == 404


async def test_an_erased_person_stays_refused_until_a_later_consent(
    client: httpx.AsyncClient, session: AsyncSession, ana: int
) -> None:
    now = clock.now()
    await erase_contact(session, ana, now, "demo")
    await session.commit()
    consent = {"purpose": "marketing", "given": True, "wording": "ok", "at": (now - timedelta(days=1)).isoformat()}
    body = {"phone": "+390200000001", "consent": consent}
    assert (await client.put("/api/contacts", json=body)).status_code == 200
    new = (await session.scalars(select(Contact.id).where(Contact.phone == "+390200000001"))).one()
    assert new != ana
    assert not await may_market(session, new)
    body["consent"] = consent | {"at": (now + timedelta(seconds=1)).isoformat()}
    assert (await client.put("/api/contacts", json=body)).status_code == 200
    assert await may_market(session, new)
