"""The copy of a person's data holds everything, and nothing of anybody else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.export import ELSEWHERE, OPENED, SECTIONS, VALID, export_contact, link_copy, open_copy
from core.tables import Contact, Contract
from tests.contacts.filling import fill_tables, owned_tables

RECEIPT = '[{"rule": "x", "points": 40, "fact": {"signal": "days_left", "at_most": 60}, "on": "2026-12-03"}]'


@pytest_asyncio.fixture
async def ada(session: AsyncSession, now: datetime) -> int:
    bruno = Contact(token="bruno", phone="+393339999999", name="Rossi")
    ada = Contact(token="ada", phone="+393331234567", name="Ada", language="it", value=Decimal("99.50"))
    session.add_all([bruno, ada])
    await session.flush()
    await fill_tables(session, bruno, "Rossi", now)
    await fill_tables(session, ada, "Lovelace", now)
    for table in ("score", "score_change"):
        await session.execute(text(f"UPDATE {table} SET receipt = CAST(:receipt AS jsonb)"), {"receipt": RECEIPT})
    return ada.id


async def test_everything_that_was_said_is_in_the_copy(session: AsyncSession, ada: int, now: datetime) -> None:
    copy = await export_contact(session, ada)
    assert copy["profile"]["phone"] == "+393331234567"
    assert copy["messages_in"][0]["text"] == "message text Lovelace"
    assert copy["messages_out"][0]["text"] == "outbox text Lovelace"
    assert copy["consents"][0]["proof"] == "consent proof Lovelace"
    assert copy["answers"][0]["sentence"] == "answer sentence Lovelace"
    assert copy["score"][0]["in_words"] == ["il contratto scade il 03/12/2026 (entro 60 giorni)"]
    assert all(len(copy[name]) == 1 for name in SECTIONS)


async def test_the_copy_is_plain_json_with_exact_decimals(session: AsyncSession, ada: int, now: datetime) -> None:
    session.add(Contract(contact_id=ada, kind="gas", yearly_cost=Decimal("0.10"), source="api", updated_at=now))
    copy = await export_contact(session, ada)
    assert json.loads(json.dumps(copy)) == copy
    assert (copy["profile"]["value"], copy["contracts"][1]["yearly_cost"]) == ("99.50", "0.10")
    assert datetime.fromisoformat(copy["consents"][0]["at"]) == now


async def test_nothing_of_others_and_no_key_of_ours_is_in_the_copy(session: AsyncSession, ada: int) -> None:
    copy = json.dumps(await export_contact(session, ada))
    assert "Rossi" not in copy
    assert '"id"' not in copy
    assert "_key" not in copy
    assert "token" not in copy


async def test_the_copy_is_the_same_each_time(session: AsyncSession, ada: int) -> None:
    assert json.dumps(await export_contact(session, ada)) == json.dumps(await export_contact(session, ada))


def test_no_table_is_forgotten() -> None:
    told = {table for table, _, _ in SECTIONS.values()} | ELSEWHERE | {"attempt", "delivery_report"}
    assert {table.name for table in owned_tables()} - told == set()


async def test_who_does_not_exist_has_no_copy(session: AsyncSession) -> None:
    with pytest.raises(LookupError):
        await export_contact(session, 7)


async def test_a_link_is_made_once_per_turn_and_works_for_a_week(
    session: AsyncSession, ada: int, now: datetime
) -> None:
    token = await link_copy(session, ada, "turn 1", now)
    assert await link_copy(session, ada, "turn 1", now) == token
    assert await open_copy(session, token, now + VALID) is None
    assert await open_copy(session, token, now + VALID - timedelta(seconds=1)) == ada
    assert await open_copy(session, "guessed", now) is None


async def test_a_link_closes_an_hour_after_it_was_opened(session: AsyncSession, ada: int, now: datetime) -> None:
    token = await link_copy(session, ada, "turn 1", now)
    assert await open_copy(session, token, now) == ada
    assert await open_copy(session, token, now + OPENED / 2) == ada
    assert await open_copy(session, token, now + OPENED) is None
