from __future__ import annotations

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.tables import Contact, Event, Link
from offers.links import track_link

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile"}
OFFER = "https://example.com/offer?a=1"


@pytest_asyncio.fixture
async def token(client: httpx.AsyncClient, session: AsyncSession) -> str:
    """A link of Ana's that leads to OFFER."""
    contact = Contact(token="ana", phone="+390200000001")
    session.add(contact)
    await session.flush()
    token = await track_link(session, contact.id, OFFER, clock.now(), "CODE-1")
    await session.commit()
    return token


async def test_a_click_leads_on_and_is_noted(client: httpx.AsyncClient, session: AsyncSession, token: str) -> None:
    answer = await client.get(f"/l/{token}", headers=PHONE)
    assert (answer.status_code, answer.headers["location"]) == (302, OFFER)
    event = (await session.scalars(select(Event))).one()
    assert (event.kind, event.data["offer_code"]) == ("offer_click", "CODE-1")
    assert await session.scalar(select(Contact.score_stale_at)) is not None


async def test_taps_within_one_minute_are_one_click(
    client: httpx.AsyncClient, session: AsyncSession, token: str
) -> None:
    for _ in range(3):
        assert (await client.get(f"/l/{token}", headers=PHONE)).status_code == 302
    clicks = (await session.scalars(select(Event.at))).all()
    assert len(clicks) == len({at.replace(second=0, microsecond=0) for at in clicks})  # a minute may end in between


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "WhatsApp/2.25.1 A"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "Googlebot/2.1"},
        PHONE | {"Sec-Purpose": "prefetch;prerender"},
    ],
)
async def test_a_preview_is_no_click(
    client: httpx.AsyncClient, session: AsyncSession, token: str, headers: dict[str, str]
) -> None:
    assert (await client.get(f"/l/{token}", headers=headers)).status_code == 302
    assert (await session.scalars(select(Event))).all() == []


async def test_a_head_request_is_no_click(client: httpx.AsyncClient, session: AsyncSession, token: str) -> None:
    assert (await client.head(f"/l/{token}", headers=PHONE)).status_code == 302
    assert (await session.scalars(select(Event))).all() == []


async def test_an_unknown_link_says_so_in_three_languages(client: httpx.AsyncClient) -> None:
    answer = await client.get("/l/unknown", headers=PHONE)
    assert answer.status_code == 404
    assert all(f'lang="{language}"' in answer.text for language in ("it", "de", "en"))


async def test_a_link_never_leads_where_the_caller_says(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get(f"/l/{token}?url=https://evil.example", headers=PHONE)
    assert answer.headers["location"] == OFFER


async def test_a_contact_gets_the_same_link_each_time(session: AsyncSession, token: str) -> None:
    contact_id = (await session.scalars(select(Contact.id))).one()
    assert await track_link(session, contact_id, OFFER, clock.now()) == token
    assert (await session.scalars(select(Link.offer_code))).all() == ["CODE-1"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "file:///etc/passwd", "https:///x"])
async def test_only_web_addresses_become_links(session: AsyncSession, url: str) -> None:
    with pytest.raises(ValueError, match="not a web address"):
        await track_link(session, 1, url, clock.now())
