"""How soon a campaign that is paused while it sends is silent, by the clock of the sandbox that takes the messages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from sqlalchemy import text

from accounts.audit import Actor
from bench.figures import Figure, Plan, bound
from bench.outbox import PATIENCE, count_accepted
from bench.processes import BenchError, running_stack
from bench.trial import DUE, UNLIMITED, publish_trial, write_limits
from bench.trial import PEOPLE as FILL
from bench.year_people import run, split
from campaigns.release.release import pause, resume
from core.db import Sessions, open_engine, open_sessions
from tests.e2e.stack import Stack

PEOPLE = 6000  # more than can leave in all rounds
SEND_RATE = 80  # WhatsApp's usual one
UNDER_WAY = 150  # messages that left before the pause
SILENCE = 5.0  # seconds in which nothing may come any more
ACTOR = Actor(None, "bench")
STEPS = """
  ask: {send: first_order, then: rest}
  rest: {wait: [{after: 30 days, go: over}]}
  over: {end: finished}
"""
ALWAYS = {'from: "20:00"': 'from: "00:00"', 'to: "09:00"': 'to: "00:00"', "holidays: true": "holidays: false"}


def measure_stop(plan: Plan) -> Iterator[Figure]:
    """Worker, web app and sandbox as in production; the campaign is paused and resumed again and again."""
    with TemporaryDirectory() as folder:
        limits = write_limits(Path(folder), UNLIMITED | ALWAYS)
        with (
            running_stack("sandbox", "web", send_rate=SEND_RATE, limits=limits) as stack,
            httpx.Client(base_url=stack.settings.graph_url, timeout=PATIENCE) as sandbox,
        ):
            late = asyncio.run(measure(stack, sandbox, plan.rounds))
    what = f"paused while it sends {SEND_RATE} a second, the last message after"
    yield bound(f"{what}: half of {len(late)} times", median(late), "s", below=1)
    yield bound(f"{what}: the slowest", max(late), "s", below=1)


async def measure(stack: Stack, sandbox: httpx.Client, rounds: int) -> list[float]:
    """Seconds from the word to the last message, per round; 0 where none came after it."""
    engine = open_engine(stack.settings.database_url)
    sessions = open_sessions(engine)
    try:
        await fill(sessions)
        stack.start("worker")
        return [await pause_once(sessions, sandbox) for _ in range(rounds)]
    finally:
        await engine.dispose()


async def fill(sessions: Sessions) -> None:
    """People with a plan that is due, and the campaign that runs."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    async with sessions.begin() as session:
        await run(session, split(f"{FILL};\n{DUE}"), {"people": PEOPLE, "now": now})
        await publish_trial(session, "bench", STEPS, "running", now)
        await session.execute(text("ANALYZE"))


async def pause_once(sessions: Sessions, sandbox: httpx.Client) -> float:
    """Waits until it sends, pauses it, listens, and lets it go on."""
    before, deadline = count_accepted(sandbox), time.monotonic() + PATIENCE
    while count_accepted(sandbox) < before + UNDER_WAY:
        if time.monotonic() > deadline:
            raise BenchError("the campaign does not send")
        await asyncio.sleep(0.05)
    said_at = time.time()
    async with sessions.begin() as session:
        await pause(session, "bench", ACTOR, "", datetime.now(UTC))
    await asyncio.sleep(SILENCE)
    last = read_last(sandbox)
    async with sessions.begin() as session:
        await resume(session, "bench", ACTOR, "", datetime.now(UTC))
    return max(0.0, last - said_at)


def read_last(sandbox: httpx.Client) -> float:
    """When the newest message came, as the sandbox wrote it down."""
    since = count_accepted(sandbox) - 1
    answer = sandbox.get("/control/messages", params={"since": since}).raise_for_status().json()
    return max(float(message["at"]) for message in answer["messages"])
