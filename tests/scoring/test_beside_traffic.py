"""The nightly run beside everything else: killed and gone on with, two at a time, among writers of all kinds."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.erase import erase_contact
from contacts.happened import store_events
from contacts.incoming import ContactIn, EventIn
from contacts.intake import Source, store_contacts
from contacts.merge import merge_contacts
from core.db import Sessions
from core.settings import Settings
from core.tables import Contact, Event, Score, ScoreChange, Task
from scoring.everyone import begin_nightly, begin_run, score_chunk
from scoring.refresh import refresh_contact, refresh_stale
from tests.scoring.people import add_contact, end_contract, happen, write_message
from webhook.score_all import score_all

PEOPLE = 40
COMMAND = (sys.executable, "-c", "from webhook.cli import app; app()", "score")
ADD_PEOPLE = text("INSERT INTO contact (token, phone) SELECT 'c' || n, '+39020' || n FROM generate_series(1, 12) n")
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND state = 'active' AND query LIKE 'SELECT 1%'"
)
PURCHASES = text(
    """
    SELECT c.id FROM contact c LEFT JOIN contact_stat st ON st.contact_id = c.id
    WHERE c.erased_at IS NULL AND coalesce(st.orders, 0) <>
        (SELECT count(*) FROM event e WHERE e.contact_id = c.id AND e.kind = 'purchase')
    """
)
LEFT_OVER = text("SELECT s.contact_id FROM score s JOIN contact c ON c.id = s.contact_id WHERE c.erased_at IS NOT NULL")
type Step = Callable[[int], Awaitable[object]]


async def run_command(settings: Settings) -> asyncio.subprocess.Process:
    environment = settings.as_environment() | {"PATH": os.environ["PATH"]}
    return await asyncio.create_subprocess_exec(*COMMAND, env=environment, stdout=asyncio.subprocess.DEVNULL)


async def test_a_run_killed_in_the_middle_scores_everyone_once(
    sessions: Sessions, session: AsyncSession, settings: Settings
) -> None:
    await session.execute(ADD_PEOPLE)
    await session.commit()
    await session.execute(text("UPDATE contact SET name = 'Ana' WHERE token = 'c7'"))  # this one keeps the run waiting
    killed = await run_command(settings)
    async with sessions() as other:
        while not await other.scalar(WAITING):
            assert killed.returncode is None
            await other.rollback()  # a transaction sees the same activity all the time
            await asyncio.sleep(0.05)
        assert await other.scalar(select(func.count()).select_from(Score)) == 11
    killed.kill()
    await killed.wait()
    await session.commit()
    assert (await score_all(settings, anew=False)).startswith("12 contacts scored")
    changes = Counter(await session.scalars(select(ScoreChange.contact_id)))
    assert len(changes) == 12
    assert set(changes.values()) == {1}


async def finish(sessions: Sessions, now: datetime) -> None:
    while await score_chunk(sessions, now, size=5, hands=2):
        pass


async def test_two_runs_and_a_worker_at_the_same_time_cross_a_band_once(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    later = now + timedelta(days=1)
    people = [await add_contact(session) for _ in range(8)]
    session.add_all([end_contract(one, now.date() + timedelta(days=20)) for one in people])
    async with sessions.begin() as other:
        await session.commit()
        await begin_run(other, now)
    await finish(sessions, now)
    for one in people[:4]:
        session.add_all([write_message(one, later), happen(one, "offer_click", later)])
    await session.execute(text("UPDATE contact SET score_stale_at = :now"), {"now": later})
    await session.commit()
    async with sessions.begin() as other:
        await begin_nightly(other, later, hour=0)
        await begin_run(other, later)

    async def refresh(contact_id: int) -> None:
        async with sessions.begin() as other:
            await refresh_contact(other, contact_id, later)

    await asyncio.gather(
        score_chunk(sessions, later, size=8),
        score_chunk(sessions, later, size=8),
        refresh_stale(sessions, later),
        *(refresh(one.id) for one in people),
    )
    await finish(sessions, later)
    tasks = (await session.scalars(select(Task))).all()
    assert sorted(task.contact_id for task in tasks) == [one.id for one in people[:4]]
    assert {task.facts["band"] for task in tasks} == {"high"}
    assert await session.scalar(select(func.count()).where(ScoreChange.band == "high")) == 4
    assert await session.scalar(select(func.count()).where(Event.kind == "band_crossed")) == 0


async def repeat(step: Step, times: int) -> None:
    for number in range(times):
        await step(number)


def make_traffic(sessions: Sessions, ids: Sequence[int], now: datetime) -> list[tuple[Step, int]]:
    """Writers of all kinds, each with how often."""

    async def import_people(number: int) -> None:
        told = [
            ContactIn.model_validate(
                {"phone": f"+39348000{place:03}", "contract": {"kind": "gas", "expires_on": f"2026-12-{1 + number:02}"}}
            )
            for place in range(number, PEOPLE + 10, 4)
        ]
        async with sessions.begin() as session:
            await store_contacts(session, told, Source("import", "secret", now))

    async def tell_events(number: int) -> None:
        told = [
            EventIn.model_validate(
                {"contact": f"t{number * 7 % PEOPLE}", "kind": kind, "key": f"{number}.{kind}", "at": now}
            )
            for kind in ("purchase", "offer_click")
        ]
        async with sessions.begin() as session:
            await store_events(session, told, now, "api")

    async def merge(number: int) -> None:
        one, other = ids[number * 2], ids[number * 2 + 1]
        async with sessions.begin() as session:
            await merge_contacts(session, one, other, one, now, now)

    async def erase(number: int) -> None:
        async with sessions.begin() as session:
            await erase_contact(session, ids[-1 - number], now, "secret")

    async def refresh(_number: int) -> None:
        await refresh_stale(sessions, now, limit=7)

    async def run_night(number: int) -> None:
        async with sessions.begin() as session:
            await begin_run(session, now)
        await finish(sessions, now)

    return [
        (import_people, 8),
        (tell_events, 20),
        (merge, 6),
        (erase, 6),
        (refresh, 15),
        (run_night, 4),
        (run_night, 4),
    ]


async def test_nothing_is_lost_and_nobody_waits_forever_in_the_busiest_night(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    people = [await add_contact(session, phone=f"+39348000{number:03}") for number in range(PEOPLE)]
    session.add_all([end_contract(one, now.date() + timedelta(days=number)) for number, one in enumerate(people)])
    await session.commit()
    await asyncio.gather(*(repeat(*work) for work in make_traffic(sessions, [one.id for one in people], now)))
    while await refresh_stale(sessions, now):
        pass
    living = select(Contact.id).where(Contact.erased_at.is_(None))
    assert set(await session.scalars(select(Score.contact_id))) == set(await session.scalars(living))
    assert (await session.scalars(LEFT_OVER)).all() == []
    assert (await session.scalars(PURCHASES)).all() == []
    for row in await session.execute(select(Score.points, Score.receipt)):
        assert sum(line["points"] for line in row.receipt) == row.points
    async with sessions.begin() as other:
        await begin_run(other, now)
    written = []
    while chunk := await score_chunk(sessions, now, anew=True):
        written.append(chunk.written)
    assert sum(written) == 0  # what stands there is what anybody would compute from the rows
