"""The worker: does turns, sends the outbox, refreshes scores, beats; any number of them side by side.

A worker works in shifts. One that loses the database, or was given up for dead, ends its shift and begins the next
under a new number, freeing what it held: the rest is as after a crash, which the rows are made for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import DBAPIError

from conversations.desk import Desk
from conversations.lanes import retire_workers, start_worker
from conversations.language import warm_up
from conversations.rasa import RasaClient
from conversations.texts import load_texts
from core.clock import sync_clock
from core.db import Sessions, open_engine, open_sessions
from core.settings import Settings
from webhook.approving import step_approval, step_templates
from webhook.campaigning import Watching, step_calendar, step_campaigns, step_counting
from webhook.learning import step_learning
from webhook.shift import (
    Beats,
    Shift,
    ShiftOver,
    hear_bell,
    lost_database,
    step_erasure,
    step_expiry,
    step_handoffs,
    step_inactive,
    step_nightly,
    step_offers,
    step_outbox,
    step_restock,
    step_scores,
    step_turns,
    wait_for,
)
from webhook.telling import step_chatwoot, step_desk, step_files
from whatsapp.client import GraphClient
from whatsapp.sending import OutboxSender

log = logging.getLogger(__name__)

CONNECTIONS = 16
LEAVING = 1.0  # seconds to finish what is under way when stopped
SETTLING = 5.0  # seconds to store outcomes of the last shift


async def run_worker(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Works until told to stop, by the event or by SIGTERM or SIGINT, and then ends within two seconds."""
    stop = stop or stop_on_signals()
    warm_up()
    load_texts(settings.address)
    engine = open_engine(settings.database_url, CONNECTIONS)
    rasa, graph = RasaClient(settings), GraphClient(settings)
    shift: Shift | None = None
    try:
        while not stop.is_set():
            try:
                shift = await begin_shift(settings, open_sessions(engine), rasa, graph, shift)
                await work_shift(shift, stop)
            except Exception as error:
                if not (isinstance(error, ShiftOver) or lost_database(error)):
                    raise
                log.warning("shift over: %s", type(error).__name__)
                if shift:
                    await drop_turns(shift)
                await engine.dispose()
                await wait_for(stop, 0.5)
        if shift:
            await end_shift(shift)
    finally:
        await rasa.aclose()
        await graph.aclose()
        await engine.dispose()


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def begin_shift(
    settings: Settings, sessions: Sessions, rasa: RasaClient, graph: GraphClient, former: Shift | None
) -> Shift:
    """A new number; what the former one held is freed after the outcomes of its sends are stored."""
    async with sessions.begin() as session:
        await sync_clock(session)
        worker_id = await start_worker(session)
    sender = OutboxSender(sessions, graph, settings, worker_id)
    desk = Desk(sessions, settings, rasa, graph, worker_id, sender=sender)
    if former:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(former.sender.drain(), SETTLING)
        async with sessions.begin() as session:
            await retire_workers(session, [former.desk.worker_id], desk.now())
    log.info("worker %s begins", worker_id)
    return Shift(desk, sender)


async def work_shift(shift: Shift, stop: asyncio.Event) -> None:
    """Runs the loops side by side until told to stop, or until one of them fails for all."""
    steps: dict[str, Callable[[], Awaitable[None]]] = {
        "turns": lambda: step_turns(shift),
        "outbox": lambda: step_outbox(shift),
        "scores": lambda: step_scores(shift),
        "nightly": lambda: step_nightly(shift),
        "beats": Beats(shift).step,
        "bell": lambda: hear_bell(shift),
        "erasure": lambda: step_erasure(shift),
        "restock": lambda: step_restock(shift),
        "handoffs": lambda: step_handoffs(shift),
        "desk": lambda: step_desk(shift),
        "chatwoot": lambda: step_chatwoot(shift),
        "files": lambda: step_files(shift),
        "expiry": lambda: step_expiry(shift),
        "offers": lambda: step_offers(shift),
        "inactive": lambda: step_inactive(shift),
        "campaigns": lambda: step_campaigns(shift),
        "calendar": lambda: step_calendar(shift),
        "counting": lambda: step_counting(shift),
        "watching": Watching(shift).step,
        "templates": lambda: step_templates(shift),
        "approval": lambda: step_approval(shift),
        "learning": lambda: step_learning(shift),
    }
    loops = [asyncio.create_task(repeat(name, step, stop), name=name) for name, step in steps.items()]
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*loops, stopping], return_when=asyncio.FIRST_COMPLETED)
        shift.ring()
        if stopping in done:
            await asyncio.wait(loops[:3], timeout=LEAVING / 2)  # let a transaction come to its end
        for task in done - {stopping}:
            task.result()
    finally:
        for task in (*loops, stopping):
            task.cancel()
        await asyncio.gather(*loops, stopping, return_exceptions=True)


async def repeat(name: str, step: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """One loop. A failing step is logged and tried again; only a lost database ends the shift."""
    while not stop.is_set():
        try:
            await step()
        except ShiftOver:
            raise
        except Exception as error:
            if lost_database(error):
                raise
            log.exception("%s: failed, goes on", name)
            await wait_for(stop, 1)


async def drop_turns(shift: Shift) -> None:
    """Cuts the turns under way off; their rows are redone."""
    tasks = [*shift.running, *shift.desk.typing]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def end_shift(shift: Shift) -> None:
    """Finishes what can be finished in a moment and frees the rest."""
    deadline = time.monotonic() + LEAVING
    if shift.running:
        await asyncio.wait(shift.running, timeout=LEAVING)
    try:
        async with asyncio.timeout(max(deadline - time.monotonic(), 0.1)):
            await shift.sender.drain()
    except TimeoutError:
        log.warning("some sends are left without an answer; a status will tell")
    except Exception as error:
        if not lost_database(error):
            raise
    await drop_turns(shift)
    with contextlib.suppress(DBAPIError, TimeoutError):
        async with asyncio.timeout(0.5), shift.desk.sessions.begin() as session:
            await retire_workers(session, [shift.desk.worker_id], shift.desk.now())
