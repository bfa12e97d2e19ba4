"""One shift of a worker: the steps its loops repeat, each of which does one piece of work and then rests."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field

import psycopg
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from campaigns.back_in_stock import tell_back_in_stock
from contacts.erase import erase_due
from contacts.inactive import erase_inactive
from conversations.compose import OpenTurn
from conversations.desk import Desk
from conversations.ending import retry_turn
from conversations.lanes import LaneLost, beat_worker, find_dead, next_ready_at, retire_workers
from conversations.turn import claim_batch, handle_turn
from core.clock import sync_clock
from core.db import listen, read_state
from inbox.watch import watch_handoffs
from offers.sweep import sweep_offers
from offers.yaml_file import FileError
from scoring.everyone import begin_nightly, score_chunk
from scoring.refresh import refresh_stale
from whatsapp.sending import OutboxSender
from whatsapp.settle import expire_stale

log = logging.getLogger(__name__)

TURNS = 32  # at the same time; more than Rasa does, so that those who wait for no Rasa do not queue behind it
POLL = 1.0  # seconds; the net under the bell
GATHER = 0.02  # seconds between two claims: the questions leave first, and the next claim takes more at once
SCORES = 200  # per transaction
NIGHTLY = 20.0  # seconds between two looks whether all are to be scored
DAY = 86_400.0  # seconds
SWEEPING = 5.0  # seconds between two looks whether offers changed
ERASING = 5.0  # seconds between two looks at who is to be erased
WATCHING = 2.0  # at handoffs
RESTOCKING = 10.0  # and at what is back in stock
BEATS = 4  # per settings.worker_beat_seconds
AGES = 1e9  # seconds; no beat is that old


class ShiftOver(Exception):  # noqa: N818  (it says what is the matter)
    """The others gave this worker up for dead and took its work."""


@dataclass
class Shift:
    """A worker under one number. running: its turns under way; failed: what made one of them lose the database."""

    desk: Desk
    sender: OutboxSender
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    stale: asyncio.Event = field(default_factory=asyncio.Event)
    happened: asyncio.Event = field(default_factory=asyncio.Event)
    running: set[asyncio.Task[None]] = field(default_factory=set)
    failed: BaseException | None = None

    def ring(self) -> None:
        """Wakes everyone: the clock moved, or we stop."""
        for bell in (self.bell, self.stale, self.happened, self.sender.bell):
            bell.set()


async def step_turns(shift: Shift) -> None:
    """Starts as many turns as are ready and there is room for; rests until there is something new."""
    if shift.failed:
        raise shift.failed
    shift.bell.clear()
    free = TURNS - len(shift.running)
    claimed = await claim_batch(shift.desk, free) if free else []
    for turn in claimed:
        task = asyncio.create_task(do_turn(shift, turn))
        shift.running.add(task)
        task.add_done_callback(shift.running.discard)
    if len(claimed) == free:  # there may be more, and a finished turn rings
        await wait_for(shift.bell, 0 if free and len(shift.running) < TURNS else POLL)
        return
    if claimed:
        await asyncio.sleep(GATHER)
    async with shift.desk.sessions.begin() as session:
        ready_at = await next_ready_at(session)
    seconds = (ready_at - shift.desk.now()).total_seconds() if ready_at else POLL
    await wait_for(shift.bell, min(max(seconds, 0.001), POLL))


async def do_turn(shift: Shift, turn: OpenTurn) -> None:
    """One turn, whatever goes wrong: the error is written on its row and the turn is tried again later."""
    full = len(shift.running) >= TURNS
    try:
        try:
            more = await handle_turn(shift.desk, turn)
        except Exception as error:
            if lost_database(error):
                raise
            log.exception("turn %s", turn.id)
            more = await retry_turn(shift.desk, turn, f"{type(error).__name__}: {error}", attempts=1)
    except LaneLost:
        more = False
    except Exception as error:  # noqa: BLE001  (the loop ends the shift with it, which frees the lane)
        shift.failed, more = error, True
    if more or full:
        shift.bell.set()


async def step_outbox(shift: Shift) -> None:
    """Sends what may leave; rests until there is something new."""
    await shift.sender.step()
    await shift.sender.rest(POLL)


async def step_scores(shift: Shift) -> None:
    """Refreshes scores of contacts something happened to."""
    settings = shift.desk.settings
    if await refresh_stale(shift.desk.sessions, shift.desk.now(), SCORES, settings.timezone) < SCORES:
        shift.stale.clear()
        await wait_for(shift.stale, POLL)


async def step_nightly(shift: Shift) -> None:
    """Scores everyone once a night, and after new rules were published; one chunk at a time."""
    desk, settings = shift.desk, shift.desk.settings
    async with desk.sessions.begin() as session:
        await begin_nightly(session, desk.now(), settings.score_hour, settings.timezone)
    while chunk := await score_chunk(desk.sessions, desk.now(), settings.timezone):
        if chunk.finished:
            log.info("scores of %s are of today", chunk.zone or "all time zones")
    await asyncio.sleep(NIGHTLY)


async def step_offers(shift: Shift) -> None:
    """Gives contacts their next best offer anew where offers changed."""
    if not await sweep_offers(shift.desk.sessions, shift.desk.now(), shift.desk.settings.timezone):
        await asyncio.sleep(SWEEPING)


async def step_inactive(shift: Shift) -> None:
    """Once a day, erases those nothing has happened with for as long as the setting says."""
    settings = shift.desk.settings
    secret, months = settings.secret_key.get_secret_value(), settings.delete_inactive_months
    swept = await erase_inactive(shift.desk.sessions, secret, shift.desk.now(), months)
    if swept.erased:
        log.info("%s contacts erased with whom nothing had happened since %s", swept.erased, swept.since.date())
    await asyncio.sleep(DAY)


async def step_expiry(shift: Shift) -> None:
    """Once a day, settles messages that WhatsApp gave up without a word."""
    async with shift.desk.sessions.begin() as session:
        await expire_stale(session, shift.desk.now())
    await asyncio.sleep(DAY)


async def step_restock(shift: Shift) -> None:
    """Tells those who wait for a product that it is there again."""
    desk = shift.desk
    try:
        told = await tell_back_in_stock(desk.sessions, desk.settings, desk.now())
    except FileError as error:
        log.error("the company's facts cannot be read, nobody is told what is back: %s", error)
        told = 0
    if not told:
        await asyncio.sleep(RESTOCKING)


async def step_handoffs(shift: Shift) -> None:
    """Ends snoozes, assigns what is nobody's where that is wished, and meets customers nobody answers."""
    await watch_handoffs(shift.desk.sessions, shift.desk.settings, shift.desk.now())
    await asyncio.sleep(WATCHING)


async def step_erasure(shift: Shift) -> None:
    """Erases those who asked for it, once our answer to it has left."""
    secret = shift.desk.settings.secret_key.get_secret_value()
    if not await erase_due(shift.desk.sessions, secret, shift.desk.now()):
        await asyncio.sleep(ERASING)


@dataclass
class Beats:
    """Shows that the worker lives and takes over from those that do not."""

    shift: Shift
    beaten: bool = False

    async def step(self) -> None:
        """One beat. The first looks only for processes that are gone: after an outage every beat is old."""
        desk = self.shift.desk
        silence = desk.settings.worker_beat_seconds if self.beaten else AGES
        async with desk.sessions.begin() as session:
            await sync_clock(session)
            if not await beat_worker(session, desk.worker_id):
                raise ShiftOver
            if dead := await find_dead(session, desk.worker_id, silence):
                log.warning("workers %s are dead, their work is taken over", dead)
                await retire_workers(session, dead, desk.now())
        self.beaten = True
        await asyncio.sleep(desk.settings.worker_beat_seconds / BEATS)


async def hear_bell(shift: Shift) -> None:
    """Passes on what other processes ring; without it the loops still look once a second."""
    try:
        async for channel, _ in listen(shift.desk.settings.database_url, "inbox", "outbox", "event", "clock"):
            if channel == "clock":
                async with shift.desk.sessions() as session:
                    await sync_clock(session)
                shift.ring()
            elif channel == "inbox":
                shift.bell.set()
            elif channel == "event":
                shift.happened.set()
            else:
                shift.sender.bell.set()
    except psycopg.OperationalError:
        await asyncio.sleep(0.5)


def lost_database(error: BaseException) -> bool:
    """Whether the database is away (or told us to go), rather than a statement wrong."""
    if isinstance(error, OperationalError | InterfaceError) and error.connection_invalidated:
        return True
    if isinstance(error, OperationalError | InterfaceError | psycopg.OperationalError):
        return (read_state(error) or "08")[:2] in ("08", "57")
    return isinstance(error, PoolTimeout)


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Waits for an event, so long at most."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
