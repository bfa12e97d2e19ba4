"""Who gave no sign of life for a long time is erased; everybody else stays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from contacts.inactive import erase_if_inactive, erase_inactive
from core.db import Sessions
from core.tables import Base, Consent, Contact, Contract, Event, Handoff, Message, Outbox

KEY, MONTHS = "a key", 24
LONG_AGO, LATELY = timedelta(days=900), timedelta(days=700)
type Meet = Callable[..., Awaitable[int]]


@pytest_asyncio.fixture
async def meet(sessions: Sessions, now: datetime) -> Meet:
    """A contact of long ago, and what we know of it."""

    async def meet(*rows: Base, **known: Any) -> int:
        async with sessions.begin() as session:
            number = await session.scalar(text("SELECT count(*) FROM contact"))
            values = {"created_at": now - LONG_AGO, "name": "Ada"} | known
            contact = Contact(token=f"c{number}", phone=f"+3902000{number:05}", **values)
            session.add(contact)
            await session.flush()
            for row in rows:
                row.contact_id = contact.id  # type: ignore[attr-defined]
                session.add(row)
            return contact.id

    return meet


async def count_erased(sessions: Sessions) -> int:
    async with sessions() as session:
        return int(await session.scalar(text("SELECT count(*) FROM contact WHERE erased_at IS NOT NULL")) or 0)


def say(at: datetime) -> Message:
    return Message(wamid=f"w{at}", phone_number_id="900", kind="text", payload={}, sent_at=at)


async def test_who_is_silent_for_long_is_erased_for_good(sessions: Sessions, meet: Meet, now: datetime) -> None:
    old = now - LONG_AGO
    ended = Contract(kind="gym", source="api", expires_on=(now - LONG_AGO).date())
    await meet(say(old), Event(kind="purchase", at=old), ended, last_inbound_at=old)
    assert (await erase_inactive(sessions, KEY, now, MONTHS)).erased == 1
    async with sessions() as session:
        assert (await session.execute(text("SELECT phone, name FROM contact"))).one() == (None, None)
        assert await session.scalar(text("SELECT count(*) FROM message")) == 0


@pytest.mark.parametrize(
    "sign",
    [
        say,
        lambda at: Event(kind="offer_click", at=at),
        lambda at: Consent(purpose="marketing", given=True, at=at, channel="api", wording="sì"),
        lambda at: Contract(kind="gym", source="api", expires_on=at.date()),
        lambda at: Contract(kind="electricity", source="api"),
        lambda at: Handoff(reason="wish", turn_key="t1", card={}, opened_at=at - LONG_AGO),
    ],
    ids=["a message", "an event", "a consent", "a contract", "a contract without end", "a person"],
)
async def test_any_sign_of_life_keeps_a_contact(
    sessions: Sessions, meet: Meet, now: datetime, sign: Callable[[datetime], Base]
) -> None:
    await meet(sign(now - LATELY))
    assert (await erase_inactive(sessions, KEY, now, MONTHS)).erased == 0


async def test_what_we_sent_is_no_sign_of_life(sessions: Sessions, meet: Meet, now: datetime) -> None:
    sent = {"phone_number_id": "900", "kind": "template", "purpose": "marketing", "body": {}, "text": "Ciao"}
    at = now - LATELY
    await meet(Outbox(key="k", callback="c", state="delivered", due_at=at, created_at=at, **sent))
    await meet(Event(kind="band_crossed", at=at))
    assert (await erase_inactive(sessions, KEY, now, MONTHS)).erased == 2


async def test_who_is_new_stays(sessions: Sessions, meet: Meet, now: datetime) -> None:
    await meet(created_at=now - LATELY)
    assert (await erase_inactive(sessions, KEY, now, MONTHS)).erased == 0


async def test_nobody_is_erased_with_zero_months(sessions: Sessions, meet: Meet, now: datetime) -> None:
    await meet()
    assert (await erase_inactive(sessions, KEY, now, 0)).erased == 0


async def test_many_are_erased_in_batches_by_two_workers(
    sessions: Sessions, meet: Meet, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.inactive.BATCH", 3)
    for _ in range(8):
        await meet()
    await meet(say(now))
    swept = await asyncio.gather(*(erase_inactive(sessions, KEY, now, MONTHS) for _ in range(2)))
    assert sum(one.erased for one in swept) == 8
    assert await count_erased(sessions) == 8


async def test_a_message_that_comes_in_meanwhile_saves_the_contact(
    sessions: Sessions, meet: Meet, now: datetime
) -> None:
    contact_id = await meet()
    async with sessions.begin() as session:
        message = say(now)
        message.contact_id = contact_id
        session.add(message)
        await session.flush()
        erasing = asyncio.create_task(erase_if_inactive(sessions, contact_id, KEY, now - timedelta(days=730), now))
        await asyncio.sleep(0.2)
        assert not erasing.done()
    assert await erasing is False
