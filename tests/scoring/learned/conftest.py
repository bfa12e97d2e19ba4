"""A company with a year of history: who asks for a quote mostly buys within the month, who complains does not."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions

PEOPLE = text("INSERT INTO contact (token, phone) SELECT 'c' || n, '+39020' || n FROM generate_series(1, :number) n")
EVENTS = text(
    "INSERT INTO event (contact_id, kind, at, data) SELECT id, kind, at, CAST(data AS jsonb) FROM"
    " unnest(CAST(:ids AS bigint[]), CAST(:kinds AS text[]), CAST(:times AS timestamptz[]), CAST(:data AS text[]))"
    " AS new (id, kind, at, data)"
)

type Live = Callable[[int, int], Awaitable[None]]
type Happen = Callable[..., Awaitable[None]]


@pytest.fixture
def happen(session: AsyncSession) -> Happen:
    """Stores events: (contact, kind, time, data)."""

    async def store(*events: tuple[int, str, datetime, str]) -> None:
        columns = [list(column) for column in zip(*events, strict=True)]
        names = ("ids", "kinds", "times", "data")
        await session.execute(EVENTS, dict(zip(names, columns, strict=True)))
        await session.commit()

    return store


@pytest.fixture
def live(sessions: Sessions, session: AsyncSession, happen: Happen, now: datetime) -> Live:
    """Gives so many contacts so many months of history."""

    async def fill(people: int, months: int) -> None:
        chance = random.Random(11)
        await session.execute(PEOPLE, {"number": people})
        events = []
        for contact in range(1, people + 1):
            events.append((contact, "page_visit", now - timedelta(days=30 * months + 1), "{}"))
            for month in range(months + 1):
                day = now - timedelta(days=30 * (months - month) + 1)
                quoted, complained = chance.random() < 0.3, chance.random() < 0.2
                if quoted:
                    events.append((contact, "quote_request", day, "{}"))
                if complained:
                    events.append((contact, "complaint", day, "{}"))
                rate = 0.5 if quoted and not complained else 0.05
                if chance.random() < rate:
                    events.append((contact, "purchase", day + timedelta(days=12), '{"amount": 40}'))
        await happen(*[event for event in events if event[2] < now])

    return fill
