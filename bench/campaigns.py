"""Campaigns: what is due among a million sleeping plans, messages decided and queued, workers killed, a full pace."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import text

from bench.figures import Figure, Plan, bound
from bench.processes import fresh_folder
from bench.trial import DUE, UNLIMITED, publish_trial, write_limits
from bench.trial import PEOPLE as FILL
from bench.year_people import run, split
from campaigns.plans import enter_due
from campaigns.walking import walk_due
from core.db import Sessions, migrate, open_engine, open_sessions
from core.postgres import start_postgres
from core.settings import Settings

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SLEEPING, PEOPLE, KILLED = 1_000_000, 10_000, 6
BATCH = 500
STEPS = """
  ask: {send: first_order, then: over}
  over: {end: finished}
"""
ASLEEP = """
    INSERT INTO plan (campaign, contact_id, occasion, due_at, created_at)
    SELECT CASE WHEN n % 4 = 0 THEN 'paused' ELSE 'asleep' END, 1 + n % CAST(:people AS int), 'sleeping:' || n,
           CAST(:now AS timestamptz) + (CASE WHEN n % 4 = 0 THEN -1 ELSE 1 + n % 300 END) * interval '1 day', :now
    FROM generate_series(1, CAST(:sleeping AS int)) AS n
"""
EMPTY = """
    DELETE FROM send_decision;
    DELETE FROM enrollment_step;
    DELETE FROM enrollment;
    DELETE FROM outbox;
    DELETE FROM plan WHERE campaign = 'bench';
    DELETE FROM spent;
    DELETE FROM arm_assignment
"""
FOUND = text("SELECT count(*) AS messages, count(DISTINCT contact_id) AS people FROM outbox")


def measure_campaigns(plan: Plan) -> Iterator[Figure]:
    """All of them, in one store."""
    with fresh_folder() as folder:
        server = start_postgres(folder)
        migrate(server.url)
        settings = make_settings(server.url, folder)
        yield from asyncio.run(measure(settings, plan.rounds))


def make_settings(url: str, folder: Path, changes: dict[str, str] = UNLIMITED) -> Settings:
    """Those of the demo, with limits that hold nothing back, or these changes of the shipped ones."""
    limits = write_limits(folder, changes)
    return Settings(demo=True, database_url=url, phone_number_id="900", waba_id="700", limits=limits)


async def measure(settings: Settings, rounds: int) -> list[Figure]:
    engine = open_engine(settings.database_url)
    sessions = open_sessions(engine)
    try:
        await fill(sessions)
        async with engine.connect() as connection:
            plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await plain.execute(text("VACUUM (ANALYZE) plan, contact, consent"))
        scans = [await time_of(enter_due(sessions, settings, NOW, BATCH)) * 1000 for _ in range(50)]
        what = f"looking for what is due among {SLEEPING:,} plans"
        figures = [bound(f"{what}: half of the times", statistics.median(scans), "ms", below=50)]
        figures.append(bound(f"{what}: the slowest of {len(scans)}", max(scans), "ms", below=50))
        figures += await measure_rates(sessions, settings, rounds)
        figures += await measure_kills(sessions, settings)
        figures.append(await measure_pace(sessions, settings.database_url))
    finally:
        await engine.dispose()
    return [*figures, Figure("memory of the worker", psutil.Process().memory_info().rss / 1e6, "MB")]


async def measure_rates(sessions: Sessions, settings: Settings, rounds: int) -> list[Figure]:
    """How fast one worker lets people in, and walks their journey up to the queued message."""
    entered, queued = [], []
    for _ in range(rounds):
        await make_due(sessions)
        entered.append(PEOPLE / await time_of(finish(sessions, settings, walks=False)))
        queued.append(PEOPLE / await time_of(finish(sessions, settings)))
    return [
        bound("let in with entry conditions and arms, by one worker", statistics.median(entered), "people/s"),
        bound("moved on, decided and queued, by one worker", statistics.median(queued), "messages/s", above=1000),
    ]


async def fill(sessions: Sessions) -> None:
    """People, a million plans, a campaign that runs, one that sleeps and one that is paused."""
    async with sessions.begin() as session:
        await run(session, split(f"{FILL};\n{ASLEEP}"), {"people": PEOPLE, "sleeping": SLEEPING, "now": NOW})
        for name, state in (("bench", "running"), ("asleep", "running"), ("paused", "paused")):
            await publish_trial(session, name, STEPS, state, NOW)


async def time_of(work: object) -> float:
    """Seconds it takes."""
    begun = time.perf_counter()
    await work  # type: ignore[misc]
    return time.perf_counter() - begun


async def make_due(sessions: Sessions) -> None:
    """A plan for everybody, due now, and nothing of the last time."""
    async with sessions.begin() as session:
        await run(session, split(f"{EMPTY};\n{DUE}"), {"now": NOW})


async def finish(sessions: Sessions, settings: Settings, walks: bool = True, now: datetime = NOW) -> None:
    """What a worker does until nothing is left."""
    while await enter_due(sessions, settings, now, BATCH) or (walks and await walk_due(sessions, settings, now, BATCH)):
        pass


async def measure_kills(sessions: Sessions, settings: Settings) -> list[Figure]:
    """A campaign whose workers are killed again and again: everybody has one message in the queue at the end."""
    await make_due(sessions)
    queued = 0
    for kill in range(1, KILLED + 1):
        program = "-m", "bench.campaigns", settings.database_url, settings.limits
        process = await asyncio.create_subprocess_exec(sys.executable, *program)
        while queued < PEOPLE * kill / (KILLED + 1) and process.returncode is None:
            await asyncio.sleep(0.005)
            async with sessions() as session:
                queued = (await session.execute(FOUND)).one().messages
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
    await finish(sessions, settings)
    async with sessions() as session:
        found = (await session.execute(FOUND)).one()
    what = f"{PEOPLE:,} messages, {KILLED} workers killed"
    return [
        bound(f"{what}: lost", PEOPLE - found.people, "messages", below=1),
        bound(f"{what}: double", found.messages - found.people, "messages", below=1),
    ]


async def measure_pace(sessions: Sessions, url: str) -> Figure:
    """How often the gate is asked for a message of a campaign that takes minutes to leave."""
    await make_due(sessions)
    with TemporaryDirectory() as folder:
        settings = make_settings(url, Path(folder), {"people_per_day: 250": "people_per_day: 0"})
        for minute in range(PEOPLE // 1000):
            await finish(sessions, settings, now=NOW + timedelta(minutes=minute))
    async with sessions() as session:
        asked = int(await session.scalar(text("SELECT count(*) FROM send_decision")) or 0)
        sent = (await session.execute(FOUND)).one().messages
    what = f"{sent:,} messages at the shipped pace: decided"
    return bound(what, asked / sent, "times each", below=2.5)


async def work(url: str, limits: str) -> None:
    """A worker to be killed."""
    settings = Settings(demo=True, database_url=url, phone_number_id="900", waba_id="700", limits=limits)
    engine = open_engine(url)
    await finish(open_sessions(engine), settings)
    await asyncio.sleep(timedelta(hours=1).total_seconds())


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
