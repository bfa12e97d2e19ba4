"""Scoring everybody at once: only what differs, beside traffic, in parts, once per day."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db import Sessions
from core.settings import Settings
from core.tables import Contact, ContactStat, Event, Score, ScoreChange, ScoreRun, Task
from scoring.editions import publish_edition
from scoring.everyone import begin_nightly, begin_run, score_chunk
from scoring.reading import RULES
from scoring.refresh import refresh_contact
from tests.scoring.people import add_contact, end_contract, happen, set_limits, write_message
from webhook.score_all import score_all

SHIPPED = RULES.read_text(encoding="utf-8")
type Found = dict[int, tuple[int, str]]


async def add_people(session: AsyncSession, number: int, now: datetime) -> list[Contact]:
    """Contacts whose contracts end in 41, 42, 43 ... days."""
    people = [await add_contact(session) for _ in range(number)]
    days = [now.date() + timedelta(days=41 + index) for index in range(number)]
    session.add_all([end_contract(one, day) for one, day in zip(people, days, strict=True)])
    await session.commit()
    return people


async def run_all(sessions: Sessions, now: datetime, size: int = 3) -> list[int]:
    """Scores everyone; what each chunk wrote."""
    async with sessions.begin() as session:
        await begin_run(session, now)
    return await finish(sessions, now, size)


async def finish(sessions: Sessions, now: datetime, size: int = 3) -> list[int]:
    written = []
    while chunk := await score_chunk(sessions, now, size=size):
        written.append(chunk.written)
    return written


async def read_scores(session: AsyncSession) -> Found:
    rows = await session.execute(select(Score.contact_id, Score.points, Score.band))
    return {row.contact_id: (row.points, row.band) for row in rows}


async def count(session: AsyncSession, table: type[Score | ScoreChange | Task | Event]) -> int:
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_everyone_is_scored_in_chunks(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    await add_people(session, 7, now)
    await add_contact(session, erased_at=now)
    await session.commit()
    assert await run_all(sessions, now) == [3, 3, 1, 0]
    assert len(await read_scores(session)) == 7


async def test_two_hands_do_what_one_does(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    people = await add_people(session, 7, now)
    async with sessions.begin() as other:
        await begin_run(other, now)
    chunk = await score_chunk(sessions, now, size=2, hands=2)
    assert chunk is not None
    assert (chunk.contacts, chunk.written, chunk.position) == (4, 4, people[3].id)
    assert await finish(sessions, now) == [3, 0]
    two = await read_scores(session)
    await session.execute(delete(Score))
    await session.commit()
    await run_all(sessions, now + timedelta(days=1))
    assert two.keys() == (await read_scores(session)).keys()
    assert await count(session, ScoreChange) == 14


async def test_what_did_not_change_is_not_written_again(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    await add_people(session, 4, now)
    await run_all(sessions, now)
    assert sum(await run_all(sessions, now + timedelta(hours=1))) == 0
    assert set(await session.scalars(select(Score.computed_at))) == {now}
    assert await count(session, ScoreChange) == 4


async def test_the_day_moves_on_without_the_rows_behind(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    people = await add_people(session, 1, now)
    await run_all(sessions, now)
    await session.execute(text("DELETE FROM contract"))  # nobody is told: the roll-up is all that is read
    await session.commit()
    for days, points in ((10, 40), (11, 50), (41, 50), (42, 0)):
        await run_all(sessions, now + timedelta(days))
        assert (await read_scores(session))[people[0].id][0] == points


async def test_the_run_agrees_with_the_refresh_of_one(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    people = await add_people(session, 5, now)
    session.add_all([write_message(one, now - timedelta(days=index * 9)) for index, one in enumerate(people)])
    await session.commit()
    await run_all(sessions, now)
    for one in people:
        await refresh_contact(session, one.id, now)
    assert await count(session, ScoreChange) == 5


async def test_what_a_kill_leaves_is_gone_on_with(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    await add_people(session, 7, now)
    async with sessions.begin() as other:
        await begin_run(other, now)
    first = await score_chunk(sessions, now, size=3)
    assert first is not None
    assert (first.contacts, first.finished) == (3, False)
    assert await finish(sessions, now) == [3, 1, 0]
    assert await session.scalar(select(ScoreRun.finished_at)) == now


async def test_two_at_it_share_the_work(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    await add_people(session, 9, now)
    async with sessions.begin() as other:
        await begin_run(other, now)
    await asyncio.gather(finish(sessions, now, 2), finish(sessions, now, 2))
    await finish(sessions, now, 2)  # one that found the run taken has rested
    assert await count(session, Score) == await count(session, ScoreChange) == 9


async def test_a_contact_somebody_writes_to_is_waited_for_alone(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    people = await add_people(session, 3, now)
    await session.execute(text("UPDATE contact SET name = 'Ana' WHERE id = :id"), {"id": people[1].id})
    async with sessions.begin() as other:
        await begin_run(other, now)
    running = asyncio.create_task(finish(sessions, now))
    while await count_committed(sessions) < 2:  # noqa: ASYNC110  (the others are done and not held up)
        await asyncio.sleep(0.02)
    assert not running.done()
    await session.commit()
    await running
    assert len(await read_scores(session)) == 3


async def count_committed(sessions: Sessions) -> int:
    async with sessions() as session:
        return await count(session, Score)


async def test_a_stale_contact_is_rolled_up_anew(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    (one,) = await add_people(session, 1, now)
    await run_all(sessions, now)
    session.add(write_message(one, now))
    one.score_stale_at = now
    await session.commit()
    await run_all(sessions, now)
    await session.refresh(one)
    assert (await read_scores(session))[one.id][0] == 60
    assert one.score_stale_at is None


async def test_crossing_a_band_makes_one_task_or_one_trigger(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    (one,) = await add_people(session, 1, now)
    await run_all(sessions, now)
    assert await count(session, Task) == await count(session, Event) == 0  # a first score crosses nothing
    await run_all(sessions, now + timedelta(days=11))  # 50: middle
    trigger = (await session.scalars(select(Event))).one()
    assert (trigger.kind, trigger.data["band"], trigger.data["before"]) == ("band_crossed", "middle", "low")
    later = now + timedelta(days=12)
    session.add(write_message(one, later))
    session.add_all(
        [Event(contact_id=one.id, kind="offer_click", at=later), Event(contact_id=one.id, kind="form", at=later)]
    )
    await session.commit()
    await refresh_contact(session, one.id, later)
    await session.commit()
    task = (await session.scalars(select(Task))).one()
    assert (task.contact_id, task.facts["band"], task.due_on) == (one.id, "high", date(2026, 12, 4))
    await run_all(sessions, later)
    await refresh_contact(session, one.id, later)
    assert await count(session, Task) == 1


async def test_back_and_forth_on_one_day_is_one_crossing(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    await add_people(session, 1, now)
    await run_all(sessions, now)
    for days in (11, 0, 11):
        await session.execute(text("UPDATE contract SET expires_on = :day"), {"day": now.date() + timedelta(41 - days)})
        await session.execute(text("UPDATE contact SET score_stale_at = :now"), {"now": now})
        await session.commit()
        await run_all(sessions, now)
    assert await count(session, Event) == 1


async def test_each_time_zone_has_its_own_night(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    await add_people(session, 1, now)
    await add_contact(session, timezone="America/New_York")
    await session.commit()
    await run_all(sessions, now)
    await session.execute(text("DELETE FROM score_run"))
    await session.commit()
    four = datetime.fromisoformat("2026-11-22T03:30:00+00:00")  # 04:30 in Rome, 22:30 the day before in New York
    for moment, zones in ((four, {"Europe/Rome", "America/New_York"}), (four + timedelta(hours=1), set())):
        async with sessions.begin() as other:
            await begin_nightly(other, moment, 3)
        async with sessions() as other:
            open_runs = await other.execute(text("SELECT zone FROM score_run WHERE finished_at IS NULL"))
            assert {row.zone for row in open_runs} == zones
        await finish(sessions, moment)


async def test_a_night_is_begun_once_and_not_before_its_hour(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    await add_people(session, 1, now)
    early = datetime.fromisoformat("2026-11-22T01:30:00+00:00")  # 02:30 in Rome
    for moment, runs in ((early, 0), (early + timedelta(hours=1), 1), (early + timedelta(hours=2), 1)):
        for _ in range(2):
            async with sessions.begin() as other:
                await begin_nightly(other, moment, 3)
        assert await session.scalar(select(func.count()).select_from(ScoreRun)) == runs
        await finish(sessions, moment)


async def test_an_edition_is_followed_by_a_run(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    (one,) = await add_people(session, 1, now)
    await run_all(sessions, now)
    changed = SHIPPED.replace("points: 40}", "points: 45}")
    await publish_edition(session, changed, "marta", now, "more for the deadline")
    await session.commit()
    await finish(sessions, now)
    assert (await read_scores(session))[one.id] == (45, "middle")


@pytest.mark.parametrize("looks", [True, False])
async def test_looking_first_changes_nothing(
    sessions: Sessions, session: AsyncSession, now: datetime, looks: bool
) -> None:
    await add_people(session, 4, now)
    await run_all(sessions, now)
    for days in (0, 11):
        async with sessions.begin() as other:
            await begin_run(other, now + timedelta(days))
        while await score_chunk(sessions, now + timedelta(days), size=3, look_first=looks):
            pass
    assert sorted((await read_scores(session)).values()) == [(40, "low"), (40, "low"), (40, "low"), (50, "middle")]
    assert await count(session, ScoreChange) == 5


async def test_the_command_goes_on_with_todays_run_and_leaves_an_older_one(
    sessions: Sessions, session: AsyncSession, settings: Settings, now: datetime
) -> None:
    await add_people(session, 4, now)
    for moment in (clock.now() - timedelta(days=3), clock.now()):
        async with sessions.begin() as other:
            await begin_run(other, moment)
    assert await score_all(settings, anew=False) == "4 contacts scored, 4 scores are different from before"
    assert await score_all(settings, anew=True) == "4 contacts scored, 0 scores are different from before"
    assert set(await session.scalars(select(ScoreRun.finished_at.is_(None)))) == {False}


async def test_a_newly_learned_limit_reaches_everyone(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    session.add(happen(contact, "purchase", now - timedelta(days=50)))
    await session.commit()
    for limits in ({}, {"all": 47}, {"all": 47, "first_buyer": 40}, {"all": 60}, {}):
        await set_limits(session, now, **limits)
        await session.commit()
        await run_all(sessions, now)
        days = limits.get("first_buyer") or limits.get("all")
        expected = now.date() + timedelta(days=days - 50) if days else None
        assert await session.scalar(select(ContactStat.lapses_on)) == expected
