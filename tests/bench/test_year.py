"""The scripted year in small: weeks of campaigns on a moved clock, and a judge that sees what is wrong."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from sqlalchemy import text

from bench.trial import write_limits
from bench.year import BEGIN, Year, change_limits
from core.db import Sessions
from core.settings import Settings

PEOPLE, DAYS = 150, 16
HOURS = (8, 12, 19)  # half past nine in Rome lies between the first two


@pytest_asyncio.fixture
async def year(sessions: Sessions, settings: Settings, tmp_path: Path) -> AsyncIterator[Year]:
    limited = settings.model_copy(update={"limits": write_limits(tmp_path, change_limits(PEOPLE))})
    yield Year(sessions, limited, PEOPLE, span=60, hours=HOURS)
    async with sessions.begin() as session:
        await session.execute(text("DELETE FROM offer WHERE source = 'bench'"))


async def test_weeks_of_campaigns_break_no_rule_and_the_judge_would_tell(year: Year) -> None:
    await year.begin()
    await year.live(DAYS)
    assert await year.judge() == {}
    async with year.sessions.begin() as session:
        sent = (await session.execute(text("SELECT id, contact_id FROM outbox WHERE sent_at IS NOT NULL"))).all()
        entered = await session.scalar(text("SELECT count(*) FROM plan WHERE outcome = 'entered'"))
        assert len(sent) > 5
        assert entered
        first, second = sent[0], sent[-1]
        await session.execute(
            text("UPDATE outbox SET sent_at = :night WHERE id = :id"),
            {"night": (BEGIN + timedelta(days=9)).replace(hour=1), "id": first.id},
        )
        await session.execute(text("DELETE FROM consent WHERE contact_id = :id"), {"id": second.contact_id})
        await session.execute(text("DELETE FROM send_decision WHERE outbox_id = :id"), {"id": second.id})
        await session.execute(
            text(
                "INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at) VALUES (:id, 'wish', 'x', '{}', :at)"
            ),
            {"id": second.contact_id, "at": BEGIN - timedelta(days=21)},
        )
        await session.execute(
            text(
                "DELETE FROM plan WHERE id = (SELECT min(id) FROM plan WHERE occasion LIKE 'deadline:%'"
                " AND outcome IS NOT NULL AND due_at IS NULL AND id NOT IN (SELECT plan_id FROM enrollment))"
            )
        )
    assert {
        "message at night",
        "marketing without consent",
        "message without its one decision",
        "message while a person talks",
        "deadline that did not fire",
    } <= (await year.judge()).keys()
