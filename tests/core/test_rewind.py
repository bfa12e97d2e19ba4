"""A demo that is started again starts in the present, whatever its clock was moved to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db import Sessions
from core.rewind import rewind_clock
from core.tables import Contact, Event, Outbox, Sender

DAYS = 40


@pytest_asyncio.fixture
async def moved(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """Something happened, the clock was moved by forty days, and more happened."""
    async with sessions() as session:
        await clock.sync_clock(session)
        before = clock.now() - timedelta(minutes=10)
        await clock.move_clock(session, DAYS * 86400)
        await clock.sync_clock(session)
        after = clock.now()
        contact = Contact(token="ada", phone="+393331234567", last_inbound_at=after, created_at=before)
        session.add(contact)
        await session.flush()
        happened = (before, after - timedelta(days=9), after - timedelta(days=1), after)
        session.add_all(
            [Event(contact_id=contact.id, kind="form", key=str(number), at=at) for number, at in enumerate(happened)]
        )
        session.add(Sender(phone_number_id="900", tat=after))
        sent = {"phone_number_id": "900", "key": "k", "callback": "c", "kind": "reply", "purpose": "service"}
        session.add(Outbox(contact_id=contact.id, text="x", body={}, due_at=after, created_at=after, **sent))
        await session.commit()
        yield session
        await session.rollback()
        await session.execute(text("DELETE FROM clock"))
        await session.commit()
        await clock.sync_clock(session)


async def test_nothing_lies_in_the_future_and_the_order_stays(moved: AsyncSession) -> None:
    assert await rewind_clock(moved) == DAYS * 86400
    await moved.commit()
    await clock.sync_clock(moved)
    now = clock.now()
    assert (await moved.scalars(select(Event.key).where(Event.at <= now).order_by(Event.at))).all() == list("0123")
    assert (await moved.scalars(select(Outbox.due_at))).one() <= now
    tat = (await moved.scalars(select(Sender.tat))).one()
    assert tat is not None
    assert tat <= now
    wrote_at, stale_at = (await moved.execute(select(Contact.last_inbound_at, Contact.score_stale_at))).one()
    assert now - timedelta(minutes=1) < wrote_at <= now
    assert stale_at is not None


async def test_what_happened_before_the_move_stays_as_it_was(moved: AsyncSession) -> None:
    first = (await moved.scalars(select(Event.at).where(Event.key == "0"))).one()
    await rewind_clock(moved)
    await moved.commit()
    assert (await moved.scalars(select(Event.at).where(Event.key == "0"))).one() == first


async def test_a_clock_nobody_moved_changes_nothing(session: AsyncSession) -> None:
    later = clock.now() + timedelta(hours=1)
    session.add(Contact(token="ada", phone="+393331234567", erase_at=later))
    await session.flush()
    assert await rewind_clock(session) == 0
    assert (await session.scalars(select(Contact.erase_at))).one() == later
