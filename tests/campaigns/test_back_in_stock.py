"""Who asked to be told hears it once, by day, when the product is really there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from campaigns.back_in_stock import tell_back_in_stock
from core.db import Sessions
from core.settings import Settings
from core.tables import Consent, Contact, Event, Handoff
from offers.company import SHIPPED, read_company
from offers.stock import UnknownStockError, count_stock, store_stock
from whatsapp.claim import claim_messages

type Wish = Callable[..., Awaitable[int]]
PRODUCTS = read_company(SHIPPED).products


@pytest.fixture
def noon(now: datetime) -> datetime:
    return now.replace(hour=11)


@pytest_asyncio.fixture
async def wish(sessions: Sessions, noon: datetime) -> Wish:
    """A contact who wants to be told, and agreed to just that."""

    async def wish(sku: str = "MAT-01", size: str | None = None, days: int = 3, **known: Any) -> int:
        async with sessions.begin() as session:
            contact = Contact(token=f"c{sku}{size}{days}", phone=f"+39020000{days:04}", **{"language": "it"} | known)
            session.add(contact)
            await session.flush()
            at = noon - timedelta(days=days)
            session.add(Event(contact_id=contact.id, kind="restock_wanted", at=at, data={"sku": sku, "size": size}))
            agreed = {"purpose": "back_in_stock", "given": True, "channel": "whatsapp", "wording": "sì", "proof": "w"}
            session.add(Consent(contact_id=contact.id, at=at, **agreed))
            return contact.id

    return wish


async def restock(sessions: Sessions, now: datetime, sku: str = "MAT-01", **pieces: int) -> None:
    async with sessions.begin() as session:
        await store_stock(session, PRODUCTS, {sku: pieces or {"one": 3}}, now)


async def read_outbox(sessions: Sessions) -> list[Any]:
    async with sessions() as session:
        return list((await session.execute(text("SELECT text, purpose, body, state FROM outbox ORDER BY id"))).all())


async def test_nothing_is_told_while_it_is_sold_out(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime
) -> None:
    await wish()
    assert await tell_back_in_stock(sessions, settings, noon) == 0


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("it", "Di nuovo disponibile: Tappetino yoga. Pezzi rimasti in questo momento: 3."),
        ("de", "Wieder da: Yogamatte. Im Moment noch 3 Stück."),
        ("en", "Back in stock: Yoga mat. Only 3 left right now."),
    ],
)
async def test_who_waits_is_told_in_their_language_with_a_link(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime, language: str, told: str
) -> None:
    await wish(language=language)
    await restock(sessions, noon)
    assert await tell_back_in_stock(sessions, settings, noon) == 1
    (message,) = await read_outbox(sessions)
    assert message.text.startswith(told)
    assert f"{settings.public_url}/l/" in message.text
    assert message.body["template"]["name"] == "back_in_stock_few"


async def test_how_many_are_left_is_told_only_if_they_are_few(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime
) -> None:
    await wish()
    await restock(sessions, noon, one=40)
    await tell_back_in_stock(sessions, settings, noon)
    (message,) = await read_outbox(sessions)
    assert message.text.startswith("Di nuovo disponibile: Tappetino yoga. Ecco il link")
    assert "40" not in message.text


async def test_two_workers_and_a_restart_tell_it_once(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime
) -> None:
    for days in range(1, 6):
        await wish(days=days)
    await restock(sessions, noon)
    await asyncio.gather(*(tell_back_in_stock(sessions, settings, noon) for _ in range(3)))
    await tell_back_in_stock(sessions, settings, noon + timedelta(days=1))
    assert len(await read_outbox(sessions)) == 5


async def test_only_the_size_that_is_back_is_told(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime
) -> None:
    await wish("RUN-01", "41")
    await wish("RUN-01", "44", days=4)
    await restock(sessions, noon, "RUN-01", **{"41": 1})
    assert await tell_back_in_stock(sessions, settings, noon) == 1
    (message,) = await read_outbox(sessions)
    assert "Scarpe da corsa Brezza (41)" in message.text


@pytest.mark.parametrize(("hour", "zone"), [(3, None), (20, None), (7, "Europe/London"), (12, "America/New_York")])
async def test_nobody_is_told_at_night(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime, hour: int, zone: str | None
) -> None:
    await wish(timezone=zone)
    await restock(sessions, noon)
    assert await tell_back_in_stock(sessions, settings, noon.replace(hour=hour)) == 0
    assert await tell_back_in_stock(sessions, settings, noon.replace(hour=15)) == 1


async def test_who_has_bought_it_is_not_told(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime
) -> None:
    one, other = await wish(days=2), await wish(days=3)
    await restock(sessions, noon)
    async with sessions.begin() as session:
        session.add(Event(contact_id=one, kind="purchase", at=noon, data={"sku": "MAT-01"}))
        session.add(Event(contact_id=other, kind="purchase", at=noon, data={"items": [{"sku": "MAT-01"}]}))
    assert await tell_back_in_stock(sessions, settings, noon) == 0


async def test_with_whom_a_person_talks_is_told_afterwards(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime
) -> None:
    contact_id = await wish()
    await restock(sessions, noon)
    async with sessions.begin() as session:
        session.add(Handoff(contact_id=contact_id, reason="wish", turn_key="t1", card={}, opened_at=noon))
    assert await tell_back_in_stock(sessions, settings, noon) == 0
    async with sessions.begin() as session:
        await session.execute(text("UPDATE handoff SET closed_at = :now"), {"now": noon})
    assert await tell_back_in_stock(sessions, settings, noon) == 1


@pytest.mark.parametrize(("given", "state"), [(True, "sending"), (False, "blocked")])
async def test_the_wish_is_consent_to_this_message_until_it_is_taken_back(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime, given: bool, state: str
) -> None:
    contact_id = await wish()
    await restock(sessions, noon)
    await tell_back_in_stock(sessions, settings, noon)
    async with sessions.begin() as session:
        said = {"channel": "whatsapp", "wording": "stop", "proof": "w2"}
        session.add(Consent(contact_id=contact_id, purpose="back_in_stock", given=given, at=noon, **said))
    async with sessions.begin() as session:
        await claim_messages(session, settings, 1, 10, noon)
    assert [row.state for row in await read_outbox(sessions)] == [state]


async def test_an_old_wish_is_forgotten(sessions: Sessions, settings: Settings, wish: Wish, noon: datetime) -> None:
    await wish(days=400)
    await restock(sessions, noon)
    assert await tell_back_in_stock(sessions, settings, noon) == 0


async def test_what_was_told_counts_until_it_is_taken_back(sessions: Sessions, noon: datetime) -> None:
    await restock(sessions, noon, "RUN-01", **{"41": 1})
    shoes = next(product for product in PRODUCTS if product.sku == "RUN-01")
    async with sessions() as session:
        assert (await count_stock(session, [shoes]))[0].stock == shoes.stock | {"41": 1}
        await store_stock(session, PRODUCTS, {"RUN-01": None}, noon)
        assert await count_stock(session, [shoes]) == (shoes,)


@pytest.mark.parametrize(("sku", "size", "problem"), [("X", "one", "no product 'X'"), ("MAT-01", "41", "no sizes")])
async def test_pieces_of_what_the_shop_does_not_have_are_refused(
    sessions: Sessions, noon: datetime, sku: str, size: str, problem: str
) -> None:
    async with sessions() as session:
        with pytest.raises(UnknownStockError, match=problem):
            await store_stock(session, PRODUCTS, {sku: {size: 1}}, noon)
        assert await session.scalar(text("SELECT count(*) FROM stock")) == 0


async def test_a_second_wish_is_answered_instead_of_the_first(
    sessions: Sessions, settings: Settings, wish: Wish, noon: datetime
) -> None:
    contact_id = await wish()
    async with sessions.begin() as session:
        again = {"sku": "MAT-01", "size": None}
        session.add(Event(contact_id=contact_id, kind="restock_wanted", at=noon, data=again))
    await restock(sessions, noon)
    assert await tell_back_in_stock(sessions, settings, noon) == 1
    assert len(await read_outbox(sessions)) == 1
