"""Defection limits from the store's own purchases."""

import random
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from scoring.learned.limits import read_limits, store_limits
from tests.scoring.learned.conftest import PEOPLE, Happen


async def fill_shop(session: AsyncSession, happen: Happen, now: datetime) -> None:
    """300 customers who buy every 20 to 40 days for a year, 150 of whom left long ago, some twice a day."""
    chance = random.Random(2)
    await session.execute(PEOPLE, {"number": 300})
    events = []
    for contact in range(1, 301):
        at = now - timedelta(days=chance.randint(400, 430))
        end = now - timedelta(days=200) if contact % 2 else now
        while at < end:
            events += [(contact, "purchase", at, "{}"), (contact, "purchase", at + timedelta(minutes=5), "{}")]
            at += timedelta(days=chance.randint(20, 40))
    await happen(*events)


async def test_the_limit_is_learned_and_checked_anew(
    sessions: Sessions, session: AsyncSession, happen: Happen, now: datetime
) -> None:
    await fill_shop(session, happen, now)
    found = await store_limits(sessions, now)
    limits = await read_limits(session)
    assert 30 <= limits["all"].defecting <= 41
    assert limits["all"].inactive >= limits["all"].defecting
    assert found["all"].support == await session.scalar(
        text("SELECT count(*) - 300 FROM (SELECT DISTINCT contact_id, at::date FROM event) AS days")
    )
    assert "first_buyer" not in limits  # nobody of them bought only once
    await session.execute(text("DELETE FROM event WHERE contact_id > 20"))
    await session.commit()
    await store_limits(sessions, now)
    await session.commit()
    assert await read_limits(session) == {}
