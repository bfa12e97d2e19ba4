"""Everyone scored with receipts, beside the best SQL by hand that computes and writes the same points alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import httpx
import psutil
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.figures import Figure, Plan, bound, compare, percentile
from bench.processes import fresh_folder
from bench.score_people import BY_HAND, BY_HAND_V1, make_people
from core.db import Sessions, migrate, open_engine, open_sessions
from core.postgres import start_postgres
from core.settings import Settings
from scoring.everyone import begin_run, score_chunk
from scoring.reading import load_rules
from scoring.refresh import ZONE, load_facts
from scoring.score import score_contact
from webhook.app import create_app
from webhook.score_all import HANDS

NOW = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
MOST = 3.0  # times the statement by hand
CALLS = 300  # of one contact
WRONG = text(
    "SELECT count(*) FROM bare_score b FULL JOIN score s USING (contact_id) WHERE b.points IS DISTINCT FROM s.points"
)


@dataclass
class Round:
    """Seconds of each way, and the process's greatest memory (MB) meanwhile."""

    by_hand: list[float] = field(default_factory=list)
    by_hand_v1: list[float] = field(default_factory=list)
    night: list[float] = field(default_factory=list)
    anew: list[float] = field(default_factory=list)
    rules: list[float] = field(default_factory=list)
    memory: float = 0.0


def measure_score(plan: Plan) -> Iterator[Figure]:
    """The sizes of plan.people, one after the other."""
    with fresh_folder() as folder:
        server = start_postgres(folder)
        migrate(server.url)
        for people in plan.people:
            yield from asyncio.run(measure_size(server.url, people, plan.rounds))


async def measure_size(url: str, people: int, rounds: int) -> list[Figure]:
    engine = open_engine(url, connections=HANDS + 1)
    sessions = open_sessions(engine)
    try:
        async with sessions() as session:
            await make_people(session, people, {"now": NOW})
        await score_everyone(
            sessions, NOW - timedelta(days=1), anew=True, look_first=False
        )  # the first time everything is new, which is no re-scoring
        await vacuum(engine)
        found = Round()
        for number in range(rounds):
            await measure_round(engine, sessions, found, NOW + timedelta(days=3 * number))
        figures = make_figures(found, people)
        return figures + [figure async for figure in measure_one(url, sessions, people)]
    finally:
        await engine.dispose()


async def measure_round(engine: AsyncEngine, sessions: Sessions, found: Round, now: datetime) -> None:
    """By hand; then ours on three days running: from the roll-up, with it, and with every row to be written."""
    found.by_hand_v1.append(await time_by_hand(sessions, BY_HAND_V1, now))
    found.by_hand.append(await time_by_hand(sessions, BY_HAND, now))
    for days, (seconds, anew, all_differ) in enumerate(
        ((found.night, False, False), (found.anew, True, False), (found.rules, False, True))
    ):
        if all_differ:  # as after new rules
            async with sessions.begin() as session:
                await session.execute(text("UPDATE score SET points = -1"))
        await vacuum(engine)
        begun = time.perf_counter()
        await score_everyone(sessions, now + timedelta(days=days), anew, look_first=not all_differ)
        seconds.append(time.perf_counter() - begun)
        if days == 0:
            async with sessions() as session:
                assert await session.scalar(WRONG) == 0, "the statement by hand gives other points"
    found.memory = max(found.memory, psutil.Process().memory_info().rss / 1e6)


async def time_by_hand(sessions: Sessions, statement: str, now: datetime) -> float:
    """Seconds for all contacts, into an empty table."""
    async with sessions.begin() as session:
        await session.execute(text("TRUNCATE bare_score"))
    begun = time.perf_counter()
    async with sessions.begin() as session:
        await session.execute(text(statement), {"now": now})
    return time.perf_counter() - begun


async def score_everyone(sessions: Sessions, now: datetime, anew: bool, look_first: bool) -> None:
    async with sessions.begin() as session:
        await begin_run(session, now)
    while await score_chunk(sessions, now, anew=anew, look_first=look_first, hands=HANDS):
        pass


async def vacuum(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text("TRUNCATE score_change, task"))
        await plain.execute(text("VACUUM (ANALYZE) score, contact_stat, contact"))


def make_figures(found: Round, people: int) -> list[Figure]:
    """Ratios to the statement by hand; fewer is better, so the goal is an upper bound."""
    figures = []
    night, anew = "a day later, from the roll-up", "a day later, all rows rolled up again"
    for words, ours, by_hand, goal in (
        (night, found.night, found.by_hand, True),
        (anew, found.anew, found.by_hand, True),
        ("new rules, every score and its history written", found.rules, found.by_hand, True),
        (f"{night}; beside version 1 by hand", found.night, found.by_hand_v1, False),
        (f"{anew}; beside version 1 by hand", found.anew, found.by_hand_v1, False),
    ):
        figure = compare(f"{people:,} contacts: {words}", ours, by_hand, "s")
        if goal and figure.ratio is not None:
            figure = replace(figure, goal=f"at most {MOST:g} times", met=figure.ratio <= MOST)
        figures.append(figure)
    figures.append(bound(f"{people:,} contacts: memory of the scoring process", found.memory, "MB"))
    return figures


async def measure_one(url: str, sessions: Sessions, people: int) -> AsyncIterator[Figure]:
    """One contact in Python and through the API."""
    async with sessions() as session:
        found = await load_facts(session, people // 2, NOW, ZONE)
    assert found is not None
    book = load_rules()
    begun = time.perf_counter()
    for _ in range(CALLS):
        score_contact(found[0], book, found[1])
    yield bound(f"{people:,} contacts: one in Python", (time.perf_counter() - begun) / CALLS * 1000, "ms", below=1)
    settings = Settings(demo=True, database_url=url)
    app = create_app(settings)
    headers = {"Authorization": f"Bearer {settings.api_key.get_secret_value()}"}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client,
    ):
        seconds = []
        for number in range(CALLS):
            begun = time.perf_counter()
            answer = await client.get(f"/api/contacts/t{1 + number * 7919 % people}")
            seconds.append(time.perf_counter() - begun)
            assert answer.status_code == 200, answer.text
    yield bound(f"{people:,} contacts: one through the API, p95", percentile(seconds, 0.95) * 1000, "ms", below=10)
