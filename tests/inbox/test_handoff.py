from __future__ import annotations

from datetime import datetime

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings
from core.tables import Contact
from core.types import HandoffReason
from inbox.handoff import open_handoff
from inbox.states import close


@pytest_asyncio.fixture
async def dario(session: AsyncSession) -> int:
    contact = Contact(token="dario", phone="+393330000004")
    session.add(contact)
    await session.flush()
    return contact.id


async def count_open(session: AsyncSession) -> int:
    return int(await session.scalar(text("SELECT count(*) FROM handoff WHERE closed_at IS NULL")) or 0)


async def test_a_contact_has_one_open_handoff(session: AsyncSession, dario: int, now: datetime) -> None:
    first = await open_handoff(session, dario, HandoffReason.WISH, "t1", {}, now)
    second = await open_handoff(session, dario, HandoffReason.FRUSTRATION, "t2", {}, now)
    assert first == second
    assert await count_open(session) == 1


async def test_a_turn_told_twice_opens_once_even_after_it_was_closed(
    session: AsyncSession, settings: Settings, dario: int, now: datetime
) -> None:
    first = await open_handoff(session, dario, HandoffReason.WISH, "t1", {}, now)
    await close(session, settings, first, None, now, "")
    assert await open_handoff(session, dario, HandoffReason.WISH, "t1", {}, now) == first
    assert await count_open(session) == 0


async def test_a_closed_handoff_makes_room_for_another(
    session: AsyncSession, settings: Settings, dario: int, now: datetime
) -> None:
    first = await open_handoff(session, dario, HandoffReason.WISH, "t1", {}, now)
    await close(session, settings, first, None, now, "")
    assert await open_handoff(session, dario, HandoffReason.WISH, "t2", {}, now) != first


async def test_the_card_is_kept(session: AsyncSession, dario: int, now: datetime) -> None:
    await open_handoff(session, dario, HandoffReason.WISH, "t1", {"said": "persona"}, now)
    assert await session.scalar(text("SELECT card ->> 'said' FROM handoff")) == "persona"
