"""A year of campaigns on a moved clock: people live, campaigns write, and a judge reads what was written down.

Everything of ours is the real thing: triggers, scores, journeys, gate, queue. Only the sending is short: what is queued
is noted as sent and delivered in the same minute, for a year of real requests would take a year of WhatsApp's pace.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import text

from bench.figures import Figure, Plan, bound
from bench.year_check import Rules, find_faults
from bench.year_people import DELIVER, REACHED, SCORE_DUE, describe_day, make_people, run, split, write_day
from campaigns.gate.limits import SHIPPED
from campaigns.journeys.reading import FOLDER
from campaigns.journeys.versions import publish_version
from campaigns.plans import enter_due
from campaigns.triggers.moments import plan_moments
from campaigns.triggers.planning import plan_days
from campaigns.walking import walk_due
from core.db import Sessions, migrate, open_engine, open_sessions
from core.postgres import start_postgres, stop_postgres
from core.settings import Settings
from core.tables import Campaign
from scoring.refresh import refresh_stale

BEGIN = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
HOURS = (5, 8, 9, 11, 14, 16, 18, 21)  # of each day, in UTC, at which somebody looks
CAMPAIGNS = ("energy", "win_back", "first_purchase")
BATCH = 500
MINUTES = 20.0  # a year may take


@dataclass
class Year:
    """A year under way. span: days over which contracts end; lived: seconds by what they were spent on."""

    sessions: Sessions
    settings: Settings
    people: int
    span: int = 365
    hours: tuple[int, ...] = HOURS
    now: datetime = BEGIN
    lived: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    async def begin(self) -> None:
        """Everybody is there, and the campaigns run."""
        async with self.sessions.begin() as session:
            await make_people(session, self.people, self.span, self.now)
            for name in CAMPAIGNS:
                content = (FOLDER / f"{name}.yml").read_text(encoding="utf-8")
                await publish_version(session, name, content, "bench", self.now)
                campaign = await session.get_one(Campaign, name)
                campaign.state, campaign.changed_at = "running", self.now
            await session.execute(text("UPDATE contact SET score_stale_at = :now"), {"now": self.now})
        await plan_moments(self.sessions, self.now)
        await self.score()

    async def live(self, days: int) -> None:
        """Day by day, look by look."""
        for day in range(1, days + 1):
            today = (BEGIN + timedelta(days=day)).date()
            for hour in self.hours:
                before, self.now = self.now, datetime(today.year, today.month, today.day, hour, tzinfo=UTC)
                await self.tell(hour == self.hours[0], day, before)
                await self.look(hour == self.hours[0])

    async def tell(self, morning: bool, day: int, before: datetime) -> None:
        """What people did meanwhile."""
        begun = time.perf_counter()
        async with self.sessions.begin() as session:
            if morning:
                await run(session, split(write_day()), describe_day(day, self.now.date(), self.now))
            reached = {"now": self.now, "before": before - timedelta(hours=1), "last": before}
            await run(session, split(REACHED), reached)
        self.lived["people"] += time.perf_counter() - begun

    async def look(self, morning: bool) -> None:
        """What a worker does in a round, until nothing is left."""
        begun = time.perf_counter()
        await plan_moments(self.sessions, self.now)
        if morning:
            await plan_days(self.sessions, self.settings, self.now)
        await self.score()
        scored = time.perf_counter()
        while await enter_due(self.sessions, self.settings, self.now, BATCH):
            pass
        while await walk_due(self.sessions, self.settings, self.now, BATCH):
            pass
        async with self.sessions.begin() as session:
            await run(session, split(DELIVER), {"now": self.now})
        self.lived["plans and scores"] += scored - begun
        self.lived["journeys and gate"] += time.perf_counter() - scored

    async def score(self) -> None:
        """Scores those something happened to, and those whose time has come."""
        async with self.sessions.begin() as session:
            await run(session, split(SCORE_DUE), {"now": self.now})
        while await refresh_stale(self.sessions, self.now, BATCH, self.settings.timezone):
            pass

    async def judge(self) -> Counter[str]:
        """How often which rule was broken."""
        waits = {("win_back", "cancelled"): timedelta(days=14), ("first_purchase", "purchase"): timedelta(days=3)}
        async with self.sessions() as session:
            rules = Rules(1, 3, find_people(self.people), (-30, -7), waits)
            return await find_faults(session, rules, BEGIN, self.now)


def find_people(people: int) -> int:
    """Whom WhatsApp lets us reach a day: scarce, so that the limit is felt."""
    return max(5, people // 100)


def write_limits(folder: Path, people: int) -> str:
    """The shipped limits with another one for people per day; the file."""
    content = SHIPPED.read_text(encoding="utf-8").replace(
        "people_per_day: 250", f"people_per_day: {find_people(people)}"
    )
    file = folder / "limits.yml"
    file.write_text(content, encoding="utf-8")
    return str(file)


def measure_year(plan: Plan) -> Iterator[Figure]:
    """A year of the first of plan.people."""
    with TemporaryDirectory() as folder:
        server = start_postgres(Path(folder))
        try:
            migrate(server.url)
            yield from asyncio.run(measure(server.url, Path(folder), plan.people[0], plan.days))
        finally:
            stop_postgres(server)


async def measure(url: str, folder: Path, people: int, days: int) -> list[Figure]:
    engine = open_engine(url)
    settings = Settings(
        demo=True, database_url=url, phone_number_id="900", waba_id="700", limits=write_limits(folder, people)
    )
    begun = time.perf_counter()
    try:
        year = Year(open_sessions(engine), settings, people)
        await year.begin()
        await year.live(days)
        minutes = (time.perf_counter() - begun) / 60
        faults = await year.judge()
        async with year.sessions() as session:
            counts = {
                name: int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)
                for name, table in (
                    ("plans fired", "plan WHERE outcome IS NOT NULL"),
                    ("people let in", "enrollment"),
                    ("messages sent", "outbox WHERE sent_at IS NOT NULL"),
                    ("messages held, each with its reason", "send_decision WHERE NOT send"),
                )
            }
    finally:
        await engine.dispose()
    for fault, times in faults.items():
        print(f"{times} x {fault}")
    what = f"{people:,} people, {days} days"
    return [
        bound(f"{what}: rules broken", sum(faults.values()), "times", below=1),
        bound(f"{what}: told in", minutes, "min", below=MINUTES),
        *(Figure(f"{what}: {name}", value, "") for name, value in counts.items()),
        *(Figure(f"{what}: for {name}", seconds, "s") for name, seconds in year.lived.items()),
        Figure("memory", psutil.Process().memory_info().rss / 1e6, "MB"),
    ]
