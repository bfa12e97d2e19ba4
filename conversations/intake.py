"""Many deliveries, one commit: whatever arrives while the last commit runs is stored together with the next."""

from __future__ import annotations

import asyncio
import logging
import traceback
from dataclasses import dataclass, field

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from conversations.receive import store_updates
from core.clock import now
from core.db import Sessions, read_state
from core.direct import begin_direct
from core.types import Update

log = logging.getLogger(__name__)

BATCH = 128
PATIENCE_SECONDS = 3.0  # Meta asks for an answer within a second and gives up after five or more


class StoreDownError(Exception):
    """The delivery is not stored; WhatsApp has to deliver it again."""


@dataclass(eq=False)
class Waiting:
    """One delivery that waits for its commit."""

    updates: list[Update]
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def finish(self, stored: bool) -> None:
        """Wakes the request that waits, unless it was cut off meanwhile."""
        if not self.done.done():
            if stored:
                self.done.set_result(None)
            else:
                self.done.set_exception(StoreDownError())


class Intake:
    """The only writer of deliveries in a process."""

    def __init__(self, sessions: Sessions, burst_seconds: float, own_number: str = "") -> None:
        self.sessions = sessions
        self.burst_seconds = burst_seconds
        self.own_number = own_number
        self.waiting: list[Waiting] = []
        self.writing: asyncio.Task[None] | None = None

    async def store(self, updates: list[Update]) -> None:
        """Returns when the delivery is safely stored. Raises StoreDownError if it is not."""
        delivery = Waiting(updates)
        self.waiting.append(delivery)
        if self.writing is None:
            self.writing = asyncio.create_task(self.write())
        await delivery.done

    async def finish(self) -> None:
        """Waits until nothing is being written."""
        if self.writing is not None:
            await self.writing

    async def write(self) -> None:
        """Stores what waits, batch by batch, until nothing does."""
        try:
            while self.waiting:
                batch, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
                error = await self.commit(batch)
                if isinstance(error, TimeoutError) and len(batch) == 1:
                    batch[0].finish(stored=False)  # trying again would only be slow again
                elif error is not None:
                    await self.commit_singly(batch)  # also finds a fresh connection after PostgreSQL restarted
        finally:
            self.writing = None

    async def commit_singly(self, batch: list[Waiting]) -> None:
        """Tries each delivery alone, so that a bad one fails no other; once the store is down all fail."""
        down = False
        for delivery in batch:
            error = None if down else await self.commit([delivery])
            if is_conflict(error):
                error = await self.commit([delivery])
            if down or error is not None:
                delivery.finish(stored=False)
                down = down or is_store_down(error)

    async def commit(self, batch: list[Waiting]) -> Exception | None:
        """Stores these deliveries in one transaction; the error, which is also logged, if that failed."""
        updates = [update for delivery in batch for update in delivery.updates]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), begin_direct(self.sessions) as session:
                await store_updates(session, updates, now(), self.burst_seconds, self.own_number)
        except Exception as error:  # noqa: BLE001  (no request may wait for ever, and a webhook never answers 500)
            log_failure(error, len(batch))
            return error
        for delivery in batch:
            delivery.finish(stored=True)
        return None


def is_store_down(error: Exception | None) -> bool:
    """Whether the database itself is away, rather than one delivery bad."""
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError, DBAPIError)):
        return (read_state(error) or "08")[:2] in ("08", "53", "57")  # no state: not even connected
    return isinstance(error, (PoolTimeout, TimeoutError, OSError))


def is_conflict(error: Exception | None) -> bool:
    """Whether another transaction was in the way (deadlock, serialisation), so that trying again helps."""
    return (read_state(error) or "").startswith("40")


def log_failure(error: Exception, deliveries: int) -> None:
    """Says what went wrong without any values: statements and messages of errors hold phone numbers and texts."""
    reason = type(error).__name__
    if state := read_state(error):
        reason += f" {state}"
    elif not isinstance(error, (SQLAlchemyError, psycopg.Error, TimeoutError, OSError)):
        reason += "\n" + "".join(traceback.format_tb(error.__traceback__))
    log.error("%d deliveries not stored: %s", deliveries, reason)
