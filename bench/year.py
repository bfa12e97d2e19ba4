"""A year of campaigns on a moved clock: people live, campaigns write, and a judge reads what was written down.

Everything of ours is the real thing: triggers, scores, journeys, gate, queue, the outbox worker, the web app that takes
the statuses; WhatsApp is the sandbox, over HTTP. Tests take the short way: what is queued counts as arrived.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import text

from bench.figures import Figure, Plan, bound
from bench.processes import cpu_seconds, memory_bytes, pid_of, postgres_pid
from bench.trial import write_limits
from bench.year_check import Rules, find_faults
from bench.year_counts import Most
from bench.year_people import ARRIVED, DELIVER, DUE, REACHED, make_people, run, split, write_day
from bench.year_post import Post, open_post, running_whatsapp
from campaigns.journeys.reading import FOLDER
from campaigns.journeys.versions import publish_version
from campaigns.round import work_round
from campaigns.triggers.moments import plan_moments
from campaigns.triggers.planning import plan_days
from core.db import Sessions, open_engine, open_sessions
from core.settings import Settings
from core.tables import Campaign
from scoring.editions import read_edition
from scoring.everyone import begin_run, score_chunk, score_part
from scoring.refresh import refresh_stale
from tests.e2e.stack import Stack

BEGIN = datetime(2030, 1, 6, 5, 0, tzinfo=UTC)  # ahead, for clocks are only moved forward
HOURS = (5, 9, 13, 17)  # of each day, in UTC, at which somebody looks; the first is by night in Europe
CAMPAIGNS = ("energy", "win_back", "first_purchase")
ASKED = """
title: {it: Prezzi, de: Preise, en: Prices}
purpose: marketing
pack: shop
triggers:
- on: keyword
  words: {it: [quanto costa], de: [Kosten], en: [how much]}
  wait: 2 hours
again_after: 14 days
conversion: {events: [purchase], within_days: 30}
limits: {daily_budget: MONEY}
steps:
  tell: {send: second_order, then: over}
  over: {end: finished}
"""
SAID = r"\b(quanto costa|kosten|how much)\b", timedelta(hours=2)
ANALYZED = {1, 4, 16, 64, 256}  # days: PostgreSQL does this by itself, but only as real time goes by
BATCH = 500
HANDS = 2  # at work at the same time, as two workers
MINUTES = 20.0  # a year may take
ANYTHING = text(f"SELECT EXISTS (SELECT 1 FROM outbox o WHERE {ARRIVED})")
COUNTED = {
    "plans fired": "SELECT count(*) FROM plan WHERE outcome IS NOT NULL",
    "people let in": "SELECT count(*) FROM enrollment",
    "messages sent": "SELECT count(*) FROM outbox WHERE sent_at IS NOT NULL",
    "messages held, each with its reason": "SELECT count(*) FROM send_decision WHERE NOT send",
}


@dataclass
class Year:
    """A year under way. span: days over which contracts end; lived: seconds by what they were spent on."""

    sessions: Sessions
    settings: Settings
    people: int
    span: int = 365
    hours: tuple[int, ...] = HOURS
    now: datetime = BEGIN
    post: Post | None = None
    lived: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    async def begin(self) -> None:
        """Everybody is there, and the campaigns run."""
        if self.post:
            await self.post.move_clock(self.now)
        journeys = {name: (FOLDER / f"{name}.yml").read_text(encoding="utf-8") for name in CAMPAIGNS}
        journeys["asked"] = ASKED.replace("MONEY", str(find_most(self.people).own_money["asked"]))
        async with self.sessions.begin() as session:
            await make_people(session, self.people, self.span, self.now)
            for name, content in journeys.items():
                await publish_version(session, name, content, "bench", self.now)
                campaign = await session.get_one(Campaign, name)
                campaign.state, campaign.changed_at = "running", self.now
            await begin_run(session, self.now, self.settings.timezone)
            await session.execute(text("ANALYZE"))
        await plan_moments(self.sessions, self.now)
        while await score_chunk(self.sessions, self.now, self.settings.timezone, hands=HANDS):
            pass

    async def live(self, days: int) -> None:
        """Day by day, look by look."""
        for day in range(1, days + 1):
            today = (BEGIN + timedelta(days=day)).date()
            for hour in self.hours:
                before, self.now = self.now, datetime(today.year, today.month, today.day, hour, tzinfo=UTC)
                if self.post:
                    await self.post.move_clock(self.now)
                await self.tell(hour == self.hours[0], day, before)
                await self.look(hour == self.hours[0])
            if day in ANALYZED:
                async with self.sessions.begin() as session:
                    await session.execute(text("ANALYZE"))

    async def tell(self, morning: bool, day: int, before: datetime) -> None:
        """What people did meanwhile."""
        begun = time.perf_counter()
        values = {"now": self.now, "before": before, "day": day, "today": self.now.date(), "people": self.people}
        async with self.sessions.begin() as session:
            if morning:
                await run(session, split(write_day()), values)
            if morning or await session.scalar(ANYTHING, {"now": self.now, "before": before}):
                await run(session, split(REACHED), values)
        self.lived["people"] += time.perf_counter() - begun

    async def look(self, morning: bool) -> None:
        """What a worker does in a round, until nothing is left; then everything leaves."""
        begun = time.perf_counter()
        await plan_moments(self.sessions, self.now)
        if morning:
            await plan_days(self.sessions, self.settings, self.now)
        planned = time.perf_counter()
        await self.score()
        scored = time.perf_counter()
        working = asyncio.gather(*(self.work() for _ in range(HANDS)))
        if self.post:
            await self.post.deliver(working)
        else:
            await working
            async with self.sessions.begin() as session:
                await run(session, split(DELIVER), {"now": self.now})
        self.lived["plans"] += planned - begun
        self.lived["scores"] += scored - planned
        self.lived["journeys, gate and sending"] += time.perf_counter() - scored

    async def work(self) -> None:
        while await work_round(self.sessions, self.settings, self.now, BATCH):
            pass

    async def score(self) -> None:
        """Scores those something happened to, and those whose time has come."""
        async with self.sessions.begin() as session:
            book = await read_edition(session)
            due = (await session.execute(DUE, {"now": self.now})).all()
        await score_part(self.sessions, due, book, self.now, self.settings.timezone, look_first=True, anew=False)

        async def refresh() -> None:
            while await refresh_stale(self.sessions, self.now, BATCH, self.settings.timezone):
                pass

        await asyncio.gather(*(refresh() for _ in range(HANDS)))

    async def judge(self) -> Counter[str]:
        """How often which rule was broken."""
        waits = {("win_back", "cancelled"): timedelta(days=14), ("first_purchase", "purchase"): timedelta(days=3)}
        async with self.sessions() as session:
            rules = Rules(find_most(self.people), (-30, -7), waits, {"asked": SAID})
            return await find_faults(session, rules, BEGIN, self.now)


def find_most(people: int) -> Most:
    """What there may be of everything: scarce, so that each limit is felt."""
    reached = max(5, people // 100)
    day_money = Decimal(reached) / 10
    own = Decimal(max(20, people // 500)) / 100
    return Most(1, 3, reached, max(4, reached // 2), day_money, 20 * day_money, {"asked": own})


def change_limits(people: int) -> dict[str, str]:
    """Lines of the shipped limits, and those with that in place of their numbers."""
    most = find_most(people)
    return {
        "people_per_day: 250": f"people_per_day: {most.people}",
        "per_minute: 2400": f"per_minute: {most.per_minute}",
        "  per_day: 0": f"  per_day: {most.day_money}",
        "  per_month: 0": f"  per_month: {most.month_money}",
    }


def measure_year(plan: Plan) -> Iterator[Figure]:
    """A year of the first of plan.people."""
    people = plan.people[0]
    with TemporaryDirectory() as folder:
        limits = write_limits(Path(folder), change_limits(people))
        with running_whatsapp(limits=limits) as stack:
            yield from asyncio.run(measure(stack, people, plan.days))


async def measure(stack: Stack, people: int, days: int) -> list[Figure]:
    engine = open_engine(stack.settings.database_url)
    sessions = open_sessions(engine)
    begun, spent = time.perf_counter(), time.process_time()
    try:
        async with open_post(stack, sessions) as post:
            year = Year(sessions, stack.settings, people, post=post)
            await year.begin()
            await year.live(days)
        minutes = (time.perf_counter() - begun) / 60
        used = {"the worker": time.process_time() - spent, "PostgreSQL": cpu_seconds(postgres_pid(stack.server))}
        used |= {"the web app": cpu_seconds(pid_of(stack, "web")), "the sandbox": cpu_seconds(pid_of(stack, "sandbox"))}
        faults = await year.judge()
        async with sessions() as session:
            counts = {name: float(await session.scalar(text(query)) or 0) for name, query in COUNTED.items()}
            bytes_used = int(await session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
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
        *(Figure(f"{what}: CPU of {name}", seconds, "s") for name, seconds in used.items()),
        Figure(f"{what}: bytes of the store", bytes_used / 1e6, "MB"),
        Figure(f"{what}: memory of the worker", psutil.Process().memory_info().rss / 1e6, "MB"),
        Figure(f"{what}: memory of the sandbox", memory_bytes(pid_of(stack, "sandbox")) / 1e6, "MB"),
    ]
