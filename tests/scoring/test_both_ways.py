"""Rules as Python and rules as SQL give every contact the same score, receipt for receipt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from scoring.refresh import FACTS
from scoring.rollup import read_facts, roll_up
from scoring.rules import RuleBook
from scoring.score import score_contact
from scoring.writing import find_different, write_scores
from tests.scoring.invent import add_histories, books, histories
from tests.scoring.people import set_limits

NOW = datetime.fromisoformat("2026-11-21T23:30:00+00:00")
ZONE = "Europe/Rome"
PEOPLE = st.tuples(*(histories(number, NOW) for number in range(1, 7)))
SLOW = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


async def score_in_python(session: AsyncSession, book: RuleBook, now: datetime) -> dict[int, Any]:
    rows = (await session.execute(FACTS, {"ids": list(range(1, 7)), "now": now, "zone": ZONE})).all()
    return {row.contact_id: score_contact(read_facts(row), book, row.today) for row in rows}


async def assert_same(session: AsyncSession, book: RuleBook, now: datetime) -> None:
    ids = list(range(1, 7))
    expected = await score_in_python(session, book, now)
    await write_scores(session, book, ids, now, ZONE)
    rows = (await session.execute(text("SELECT * FROM score"))).all()
    found = {row.contact_id: (row.pack, row.version, row.points, row.band, row.receipt, row.gate) for row in rows}
    assert found == {
        key: (one.pack, one.version, one.points, one.band, one.receipt_json(), list(one.gate))
        for key, one in expected.items()
    }
    for row in rows:
        assert sum(line["points"] for line in row.receipt) == row.points
    assert await find_different(session, book, ids, now, ZONE) == []


@SLOW
@given(book=books(), people=PEOPLE)
async def test_any_rules_on_any_contacts(
    sessions: Sessions, book: tuple[str, RuleBook], people: tuple[Any, ...]
) -> None:
    async with sessions() as session:
        await set_limits(session, NOW, all=12, first_buyer=20)
        await add_histories(session, list(people))
        await roll_up(session, list(range(1, 7)), NOW, ZONE)
        for days in (0, 1, 17):  # the day moves on, the roll-up stays
            await assert_same(session, book[1], NOW + timedelta(days))
        await session.rollback()
