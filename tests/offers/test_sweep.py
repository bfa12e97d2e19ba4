"""When offers change, contacts get their next offer anew, piece by piece, and once a day by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from core.tables import Contact, Contract, NextOffer, Offer
from offers.sweep import request_sweep, sweep_offers


async def add_contacts(session: AsyncSession, number: int) -> None:
    for one in range(1, number + 1):
        session.add(Contact(id=one, token=f"t{one}", country="LI"))
    await session.flush()
    for one in range(1, number + 1):
        parts = {"yearly_kwh": 2000, "price_per_kwh": Decimal("0.20"), "fixed_per_year": 100}
        session.add(Contract(contact_id=one, kind="electricity", source="api", **parts))
    await session.commit()


def make_offer(code: str, price: str) -> Offer:
    return Offer(
        code=code,
        kind="electricity",
        country="LI",
        supplier=code,
        name=code,
        price_type="fixed",
        price_per_kwh=Decimal(price),
        fixed_per_year=Decimal(60),
        currency="EUR",
        green=True,
        source="test",
    )


async def read_savings(session: AsyncSession) -> dict[int, Decimal]:
    rows = await session.execute(select(NextOffer.contact_id, NextOffer.yearly_saving))
    return {row.contact_id: row.yearly_saving for row in rows}


async def sweep(sessions: Sessions, now: datetime) -> int:
    """All that is to do, two contacts at a time; how many pieces it took. Scores are refreshed in between."""
    pieces = 0
    while await sweep_offers(sessions, now, chunk=2):
        pieces += 1
        async with sessions.begin() as session:
            await session.execute(text("UPDATE contact SET score_stale_at = NULL"))
    return pieces


async def test_new_offers_reach_everybody_in_pieces(session: AsyncSession, sessions: Sessions, now: datetime) -> None:
    await add_contacts(session, 5)
    await sweep(sessions, now)  # of the day
    session.add(make_offer("A", "0.15"))
    try:
        await request_sweep(session, ["electricity", "phone"])
        await session.commit()
        assert await sweep(sessions, now) == 3
        # 100 + 2000 * 0.20 = 500 today, 60 + 2000 * 0.15 = 360
        assert await read_savings(session) == dict.fromkeys(range(1, 6), Decimal(140))
        assert await sweep(sessions, now) == 0
    finally:
        await session.execute(text("DELETE FROM offer WHERE source = 'test'"))
        await session.commit()


async def test_only_who_gets_another_offer_is_scored_anew(
    session: AsyncSession, sessions: Sessions, now: datetime
) -> None:
    await add_contacts(session, 2)
    await sweep(sessions, now)
    session.add(make_offer("A", "0.15"))
    try:
        await session.commit()
        for expected in (2, 0):
            async with sessions.begin() as other:
                await other.execute(text("UPDATE contact SET score_stale_at = NULL"))
            await request_sweep(session, ["electricity"])
            await session.commit()
            assert await sweep_offers(sessions, now)
            stale = text("SELECT count(*) FROM contact WHERE score_stale_at IS NOT NULL")
            assert await session.scalar(stale) == expected
            await session.rollback()
    finally:
        await session.execute(text("DELETE FROM offer WHERE source = 'test'"))
        await session.commit()


async def test_scores_that_wait_go_first(session: AsyncSession, sessions: Sessions, now: datetime) -> None:
    await add_contacts(session, 2)
    await session.execute(text("UPDATE contact SET score_stale_at = now()"))
    await session.commit()
    assert not await sweep_offers(sessions, now, chunk=2)
    assert await sweep_offers(sessions, now, chunk=3)


async def test_every_day_begins_one_sweep(session: AsyncSession, sessions: Sessions, now: datetime) -> None:
    await add_contacts(session, 1)
    assert await sweep(sessions, now) == 3  # one piece per kind
    assert await sweep(sessions, now) == 0
    assert await sweep(sessions, now + timedelta(days=1)) == 3
