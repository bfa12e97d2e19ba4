"""After an erasure nothing personal is left anywhere, and what must be kept is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.consent import Said, consent_state, give_consent
from contacts.erase import AFTERWARDS, LATEST, erase_contact, erase_due, mark_erasure
from contacts.identity import resolve_contacts
from contacts.suppressed import find_suppressed, keep_refusals
from core.db import Sessions
from core.tables import Contact, Outbox
from core.types import Address, Purpose
from tests.contacts.filling import fill_tables, owned_tables, read_everything

KEY = "a key"
PHONE, USER_ID = "+393331234567", "IT.4411"
ADA = Address(PHONE, USER_ID)
PERSONAL = ("Lovelace", PHONE.lstrip("+"), USER_ID)


@pytest_asyncio.fixture
async def trackers(session: AsyncSession) -> AsyncIterator[None]:
    """Rasa's table of events in short, in place of one that a real engine left behind."""
    await session.execute(text("CREATE SCHEMA IF NOT EXISTS rasa"))
    await session.execute(text("DROP TABLE IF EXISTS rasa.events"))
    await session.execute(text("CREATE TABLE rasa.events (id serial PRIMARY KEY, sender_id text, data text)"))
    await session.commit()
    yield
    await session.rollback()
    await session.execute(text("DROP TABLE rasa.events"))
    await session.commit()


@pytest_asyncio.fixture
async def ada(session: AsyncSession, trackers: None, now: datetime) -> int:
    """Ada, of whom every table knows something, and Bruno, of whom too."""
    bruno = Contact(token="bruno", phone="+393339999999", name="Rossi")
    ada = Contact(token="ada", phone=PHONE, user_id=USER_ID, external_id="Lovelace 7", name="Ada Lovelace", value=99)
    session.add_all([bruno, ada])
    await session.flush()
    await fill_tables(session, bruno, "Rossi", now)
    await fill_tables(session, ada, f"Lovelace {PHONE}", now)
    await session.execute(
        text("INSERT INTO rasa.events (sender_id, data) VALUES ('ada.1', 'Lovelace'), ('bruno.1', 'Rossi')")
    )
    await session.execute(
        text(
            "INSERT INTO rasa.events (sender_id, data) SELECT loser_token || '.3', 'Lovelace' FROM contact_merge"
            " WHERE winner_id = :id"
        ),
        {"id": ada.id},
    )
    await session.execute(
        text(
            "INSERT INTO platform_report (key, field, account_id, value) VALUES ('k1', 'address_change', '',"
            " '{\"phone\": \"393331234567\"}'), ('k2', 'errors', '', '{\"user_id\": \"IT.4411\"}'),"
            " ('k3', 'quality', '', '{\"event\": \"FLAGGED\"}')"
        )
    )
    await session.commit()
    return ada.id


async def test_nothing_personal_is_left_anywhere(session: AsyncSession, ada: int, now: datetime) -> None:
    before = await read_everything(session)
    assert [word for word in PERSONAL if word not in before] == []
    await erase_contact(session, ada, now, KEY)
    left = await read_everything(session)
    assert [word for word in PERSONAL if word in left] == []


async def test_other_people_lose_nothing(session: AsyncSession, ada: int, now: datetime) -> None:
    await erase_contact(session, ada, now, KEY)
    left = await read_everything(session)
    assert left.count("bruno.1") == 1
    for table in owned_tables():
        stays = table.name in ("outbox", "hook_call")  # what was sent, and that another desk is to erase too
        assert await session.scalar(text(f"SELECT count(*) FROM {table.name}")) == 1 + stays


async def test_reports_about_others_stay_and_keys_too(session: AsyncSession, ada: int, now: datetime) -> None:
    await erase_contact(session, ada, now, KEY)
    rows = (await session.execute(text("SELECT key, value FROM platform_report ORDER BY key"))).all()
    assert [(row.key, row.value) for row in rows] == [("k1", {}), ("k2", {}), ("k3", {"event": "FLAGGED"})]


async def test_what_was_sent_stays_countable_and_what_waits_is_cancelled(
    session: AsyncSession, ada: int, now: datetime
) -> None:
    erased = await erase_contact(session, ada, now, KEY)
    row = (await session.scalars(select(Outbox).where(Outbox.contact_id == ada))).one()
    assert (erased.sent, row.state, row.text, row.body, row.wamid, row.sent_at) == (1, "cancelled", "", {}, None, now)
    assert row.pricing is not None


async def test_erased_twice_is_erased_once(session: AsyncSession, ada: int, now: datetime) -> None:
    first = await erase_contact(session, ada, now, KEY)
    again = await erase_contact(session, ada, now + timedelta(days=1), KEY)
    assert (again.at, again.deleted) == (first.at, 0)


async def test_who_writes_again_is_a_new_contact(session: AsyncSession, ada: int, now: datetime) -> None:
    await erase_contact(session, ada, now, KEY)
    assert (await resolve_contacts(session, [ADA]))[ADA] != ada


async def test_the_address_is_known_as_erased_only_with_the_key(session: AsyncSession, ada: int, now: datetime) -> None:
    await erase_contact(session, ada, now, KEY)
    assert await find_suppressed(session, KEY, [PHONE, None, "+393339999999"]) == {PHONE: now}
    assert await find_suppressed(session, KEY, [USER_ID]) == {USER_ID: now}
    assert await find_suppressed(session, "another key", [PHONE, USER_ID]) == {}


async def test_an_import_of_old_consents_does_not_bring_the_person_back(
    session: AsyncSession, ada: int, now: datetime
) -> None:
    await erase_contact(session, ada, now, KEY)
    new = (await resolve_contacts(session, [ADA]))[ADA]
    await give_consent(session, new, Said("ok", "import", "file:3", now - timedelta(days=9)), *Purpose)
    await keep_refusals(session, KEY, {new: ADA})
    state = await consent_state(session, new)
    assert (state["may_market"], state["service"]["given"]) == (False, False)
    await give_consent(session, new, Said("sì, di nuovo", "whatsapp", "w1", now + timedelta(days=1)), *Purpose)
    await keep_refusals(session, KEY, {new: ADA})
    assert (await consent_state(session, new))["may_market"]


async def test_the_answer_leaves_before_the_erasure(
    session: AsyncSession, sessions: Sessions, ada: int, now: datetime
) -> None:
    await settle(session, ada)
    await mark_erasure(session, ada, now)
    await session.commit()
    assert await erase_due(sessions, KEY, now) == 0  # the row in the outbox still waits
    await session.execute(text("UPDATE outbox SET state = 'accepted'"))
    await session.commit()
    assert await erase_due(sessions, KEY, now) == 1
    assert await erase_due(sessions, KEY, now) == 0
    assert "Lovelace" not in await read_everything(session)


async def test_a_turn_under_way_is_answered_first(
    session: AsyncSession, sessions: Sessions, ada: int, now: datetime
) -> None:
    await settle(session, ada)
    await session.execute(text("UPDATE outbox SET state = 'accepted'"))
    await session.execute(text("UPDATE turn SET finished_at = NULL"))
    await mark_erasure(session, ada, now)
    await session.commit()
    assert await erase_due(sessions, KEY, now) == 0


async def test_after_an_hour_it_happens_anyway(
    session: AsyncSession, sessions: Sessions, ada: int, now: datetime
) -> None:
    await mark_erasure(session, ada, now)
    await mark_erasure(session, ada, now + timedelta(minutes=30))  # asked again, the hour does not start anew
    await session.commit()
    assert await erase_due(sessions, KEY, now + LATEST) == 1
    assert "Lovelace" not in await read_everything(session)


async def test_an_erasure_cut_off_half_way_loses_nothing_and_is_done_again(
    session: AsyncSession, sessions: Sessions, ada: int, now: datetime
) -> None:
    await mark_erasure(session, ada, now)
    await session.commit()
    before = await read_everything(session)
    async with sessions() as cut_off:
        await erase_contact(cut_off, ada, now, KEY)
    assert await read_everything(session) == before
    assert await erase_due(sessions, KEY, now + LATEST) == 1
    assert "Lovelace" not in await read_everything(session)


async def test_what_whatsapp_reports_late_is_erased_too(
    session: AsyncSession, sessions: Sessions, ada: int, now: datetime
) -> None:
    await erase_contact(session, ada, now, KEY)
    late = "INSERT INTO delivery_report (wamid, status, callback, at) SELECT 'w', 'read', callback, :now FROM outbox"
    await session.execute(text(f"{late} WHERE contact_id = :id"), {"now": now, "id": ada})
    await session.commit()
    assert await erase_due(sessions, KEY, now + AFTERWARDS - timedelta(days=1)) == 0
    assert await erase_due(sessions, KEY, now + AFTERWARDS) == 1
    assert await erase_due(sessions, KEY, now + AFTERWARDS) == 0
    assert await session.scalar(text("SELECT count(*) FROM delivery_report WHERE wamid = 'w'")) == 0


async def test_the_wish_survives_a_merge(session: AsyncSession, now: datetime) -> None:
    by_user, by_phone = Address(None, USER_ID), Address(PHONE)
    found = await resolve_contacts(session, [by_user, by_phone])
    await mark_erasure(session, found[by_phone], now)
    person = (await resolve_contacts(session, [ADA]))[ADA]
    assert await session.scalar(select(Contact.erase_at).where(Contact.id == person)) == now + LATEST


async def settle(session: AsyncSession, contact_id: int) -> None:
    """Nobody works on the contact any more."""
    await session.execute(text("UPDATE lane SET ready_at = NULL, owner = NULL"))
    await session.execute(text("UPDATE turn SET finished_at = started_at"))
