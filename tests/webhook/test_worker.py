# ruff: noqa: F811  (fixtures from another folder are imported by name)
from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from starlette.responses import JSONResponse

from core import clock as world
from core.db import Sessions, migrate, open_engine, open_sessions
from core.postgres import start_postgres, stop_postgres
from core.settings import Settings
from tests.conversations.conftest import Customers, Outside, echo, outside, talk_settings  # noqa: F401  (fixtures)
from webhook.worker import run_worker

HOUR = timedelta(hours=1)
WORKER = """
import asyncio, sys
from core.settings import Settings
from webhook.worker import run_worker
asyncio.run(run_worker(Settings.model_validate_json(sys.stdin.read())))
"""


@pytest.fixture
def customers(sessions: Sessions) -> Customers:
    return Customers(sessions, world.now)


@contextlib.asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(settings, stop))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def until(what: Callable[[], Awaitable[Any]], seconds: float = 30) -> float:
    """Waits until something is true; how long that took."""
    start = time.monotonic()
    while not await what():
        assert time.monotonic() - start < seconds, "it never came true"
        await asyncio.sleep(0.01)
    return time.monotonic() - start


async def sent(outside: Outside, number: int) -> bool:
    return len(outside.sent) >= number


@pytest_asyncio.fixture
async def worker(talk_settings: Settings, sessions: Sessions) -> AsyncIterator[asyncio.Event]:
    async with working(talk_settings) as stop:
        await until(lambda: started(sessions))
        yield stop


async def started(sessions: Sessions, number: int = 1) -> bool:
    rows = await Customers(sessions, world.now).run("SELECT count(*) AS n FROM worker")
    return bool(rows[0].n >= number)


async def test_a_message_is_answered_on_whatsapp_at_once(
    worker: asyncio.Event,
    customers: Customers,
    outside: Outside,
) -> None:
    times = []
    for number in range(1, 4):
        await customers.write(await customers.add(), "quanto costa?")
        times.append(await until(lambda wanted=number: sent(outside, wanted)))
    assert outside.sent == ["Hai scritto: quanto costa?"] * 3
    assert min(times) < 0.5, "the bell did not ring, only the poll found it"


async def test_a_burst_is_answered_once_when_it_is_over(
    worker: asyncio.Event,
    customers: Customers,
    outside: Outside,
) -> None:
    contact = await customers.add()
    await customers.run("INSERT INTO lane (contact_id, owner) VALUES (:c, 0)", c=contact)  # nobody may claim it yet
    await customers.write(contact, "ciao")
    await customers.write(contact, "quanto costa?", sent=0.1)
    over = world.now() + timedelta(seconds=0.3)
    await customers.run("UPDATE lane SET owner = NULL, ready_at = :over", over=over)
    await customers.run("SELECT pg_notify('inbox', '')")
    took = await until(lambda: sent(outside, 1))
    assert outside.sent == ["Hai scritto: ciao\nquanto costa?"]
    assert took > 0.2


async def test_two_workers_answer_everybody_once(
    worker: asyncio.Event,
    talk_settings: Settings,
    customers: Customers,
    outside: Outside,
) -> None:
    async with working(talk_settings):
        contacts = [await customers.add() for _ in range(20)]
        for words in ("prima domanda", "seconda domanda"):
            await asyncio.gather(*(customers.write(contact, words) for contact in contacts))
        await until(lambda: answered(customers, 40))
        await until(lambda: all_sent(customers))
    assert sorted(outside.sent) == sorted(row.text for row in await customers.run("SELECT text FROM outbox"))


async def answered(customers: Customers, messages: int) -> bool:
    (row,) = await customers.run(
        "SELECT count(*) AS n FROM message m JOIN turn t ON t.id = m.turn_id WHERE t.finished_at IS NOT NULL"
    )
    return bool(row.n == messages)


async def all_sent(customers: Customers) -> bool:
    (row,) = await customers.run("SELECT count(*) AS n FROM outbox WHERE state <> 'accepted'")
    return bool(row.n == 0)


async def test_a_stopped_worker_ends_within_two_seconds_even_if_rasa_hangs(
    talk_settings: Settings,
    customers: Customers,
    outside: Outside,
) -> None:
    outside.gate.clear()
    async with working(talk_settings) as stop:
        await customers.write(await customers.add(), "quanto costa?")
        await asyncio.wait_for(outside.entered.wait(), 30)
        stop.set()
        start = time.monotonic()
    assert time.monotonic() - start < 2
    (lane,) = await customers.run("SELECT owner, ready_at FROM lane")
    assert lane.owner is None
    assert lane.ready_at is not None
    assert await customers.run("SELECT id FROM worker") == []


async def test_a_stopped_worker_finishes_its_turn(
    talk_settings: Settings,
    customers: Customers,
    outside: Outside,
) -> None:
    outside.gate.clear()
    async with working(talk_settings) as stop:
        await customers.write(await customers.add(), "quanto costa?")
        await asyncio.wait_for(outside.entered.wait(), 30)
        stop.set()
        outside.gate.set()
    assert await answered(customers, 1)


async def test_an_answer_that_cannot_be_stored_is_noted_and_handed_over(
    worker: asyncio.Event,
    customers: Customers,
    outside: Outside,
) -> None:
    outside.answer = lambda question: echo(question) | {"messages": [{"text": "a\0b"}]}
    poisoned, healthy = await customers.add(), await customers.add()
    await customers.write(poisoned, "quanto costa?")
    await until(lambda: has_error(customers))
    outside.answer = echo
    await customers.write(healthy, "buongiorno")
    await until(lambda: sent(outside, 2))
    assert sorted(text[:12] for text in outside.sent) == ["Hai scritto:", "Mi dispiace,"]


async def has_error(customers: Customers) -> bool:
    return bool(await customers.run("SELECT id FROM turn WHERE error LIKE '%NUL%'"))


async def test_when_rasa_comes_back_everybody_is_answered(
    worker: asyncio.Event,
    customers: Customers,
    outside: Outside,
) -> None:
    outside.answer = lambda question: JSONResponse({"error": "no model"}, 503)
    for _ in range(5):
        await customers.write(await customers.add(), "quanto costa?")
    await until(lambda: asked(outside, 5))
    outside.answer = echo
    await until(lambda: sent(outside, 5))
    assert outside.sent == ["Hai scritto: quanto costa?"] * 5


async def asked(outside: Outside, number: int) -> bool:
    return len(outside.questions) >= number


@contextlib.asynccontextmanager
async def working_process(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker in a process of its own."""
    known = {"demo", "database_url", "data_dir", "phone_number_id", "waba_id", "graph_url", "rasa_url"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, stdin=asyncio.subprocess.PIPE)
    assert process.stdin
    process.stdin.write(settings.model_dump_json(include=known).encode())
    process.stdin.close()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_killed_workers_turn_is_taken_over_at_once(
    talk_settings: Settings,
    customers: Customers,
    outside: Outside,
) -> None:
    outside.gate.clear()
    async with working_process(talk_settings) as process:
        await customers.write(await customers.add(), "quanto costa?")
        await asyncio.wait_for(outside.entered.wait(), 120)
        process.kill()
    outside.gate.set()
    patient = talk_settings.model_copy(update={"worker_beat_seconds": 60})  # the beat alone would take so long
    async with working(patient):
        await until(lambda: sent(outside, 1))
        await until(lambda: all_sent(customers))
    assert outside.sent == ["Hai scritto: quanto costa?"]


async def test_sigterm_ends_a_worker_process(talk_settings: Settings, sessions: Sessions) -> None:
    async with working_process(talk_settings) as process:
        await until(lambda: started(sessions), 120)
        os.kill(process.pid, signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_a_worker_survives_a_restart_of_postgresql(
    talk_settings: Settings,
    outside: Outside,
    tmp_path: Path,
) -> None:
    server = await asyncio.to_thread(start_postgres, tmp_path)
    await asyncio.to_thread(migrate, server.url)
    engine = open_engine(server.url)
    customers = Customers(open_sessions(engine), world.now)
    try:
        async with working(talk_settings.model_copy(update={"database_url": server.url})):
            contact = await customers.add()
            await customers.write(contact, "prima")
            await until(lambda: sent(outside, 1))
            await asyncio.to_thread(stop_postgres, server)
            await asyncio.sleep(0.7)
            server = await asyncio.to_thread(start_postgres, tmp_path)
            await engine.dispose()
            await customers.write(contact, "dopo")
            await until(lambda: sent(outside, 2))
        assert outside.sent == ["Hai scritto: prima", "Hai scritto: dopo"]
    finally:
        await engine.dispose()
        await asyncio.to_thread(stop_postgres, server)


async def test_a_worker_taken_for_dead_starts_over(
    talk_settings: Settings,
    customers: Customers,
    sessions: Sessions,
    outside: Outside,
) -> None:
    quick = talk_settings.model_copy(update={"worker_beat_seconds": 0.8})
    async with working(quick):
        await until(lambda: started(sessions))
        await customers.run("DELETE FROM worker")
        await until(lambda: started(sessions))
        await customers.write(await customers.add(), "quanto costa?")
        await until(lambda: sent(outside, 1))


async def test_a_moved_clock_makes_a_later_lane_ready(
    worker: asyncio.Event,
    customers: Customers,
    outside: Outside,
    sessions: Sessions,
) -> None:
    contact = await customers.add()
    await customers.run("INSERT INTO lane (contact_id, owner) VALUES (:c, 0)", c=contact)
    await customers.write(contact, "quanto costa?")
    in_an_hour = world.now() + timedelta(hours=1)
    await customers.run("UPDATE lane SET owner = NULL, ready_at = :at", at=in_an_hour)
    try:
        async with sessions.begin() as session:
            await world.move_clock(session, 3600)
        await until(lambda: sent(outside, 1))
    finally:
        await customers.run("DELETE FROM clock")
        async with sessions() as session:
            await world.sync_clock(session)


async def test_who_asked_to_be_erased_is(worker: asyncio.Event, customers: Customers) -> None:
    contact = await customers.add()
    await customers.run("UPDATE contact SET erase_at = :later WHERE id = :id", later=world.now() + HOUR, id=contact)
    await until(lambda: erased(customers, contact))


async def erased(customers: Customers, contact: int) -> bool:
    rows = await customers.run("SELECT erased_at, phone FROM contact WHERE id = :id", id=contact)
    return rows[0].erased_at is not None and rows[0].phone is None
