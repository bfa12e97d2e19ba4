from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from scoring.history import NEWEST, compare_receipts, compare_since, tell_history, tell_since
from scoring.refresh import refresh_contact
from tests.scoring.people import add_contact, end_contract, write_message


def line(rule: str, points: int) -> dict[str, Any]:
    return {"rule": rule, "points": points, "fact": {"signal": "days_left"}, "on": "2026-12-03"}


def test_differences_add_up_to_the_change() -> None:
    before, after = [line("a", 40), line("b", 15), line("c", 10)], [line("a", 40), line("c", 5), line("d", 20)]
    found = compare_receipts(before, after)
    assert [(one.rule, one.before, one.after) for one in found] == [("c", 10, 5), ("d", 0, 20), ("b", 15, 0)]
    assert sum(one.points for one in found) == 65 - 65 + 0


async def test_why_it_changed_since_last_week_can_be_told(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    session.add(end_contract(contact, now.date() + timedelta(days=35)))
    await session.flush()
    await refresh_contact(session, contact.id, now - timedelta(days=8))
    session.add(write_message(contact, now))
    await session.flush()
    result = await refresh_contact(session, contact.id, now + timedelta(days=6))
    since = now - timedelta(days=7)
    then, differences = await compare_since(session, contact.id, since, result.receipt_json())
    assert tell_since(then, differences, result.points, since.date(), "de") == [
        "Seit dem 14.11.2026: von 40 auf 70 Punkte",
        "   +20  neu: hat am 21.11.2026 auf WhatsApp geschrieben (innerhalb von 30 Tagen)",
        "   +10  neu: der Vertrag endet am 26.12.2026 (innerhalb von 30 Tagen)",
    ]


async def test_nothing_and_not_yet_are_told_too(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    result = await refresh_contact(session, contact.id, now)
    for days, words in ((0, "Nothing has changed since 21 Nov 2026"), (1, "There was no score yet on 20 Nov 2026")):
        since = now - timedelta(days)
        then, differences = await compare_since(session, contact.id, since, result.receipt_json())
        assert tell_since(then, differences, result.points, since.date(), "en") == [words]


async def test_the_history_tells_each_change_newest_first(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    await refresh_contact(session, contact.id, now)
    session.add(write_message(contact, now))
    await session.flush()
    await refresh_contact(session, contact.id, now)
    rows = (await session.execute(NEWEST, {"id": contact.id, "limit": 3})).mappings().all()
    newer, older = tell_history(rows, 2, "it")
    assert (newer["points_before"], newer["points"], older["points_before"], older["points"]) == (0, 20, None, 0)
    assert [one["words"] for one in newer["differences"]] == [
        "nuovo: ha scritto su WhatsApp il 21/11/2026 (entro 30 giorni)"
    ]
    assert older["differences"] == []
