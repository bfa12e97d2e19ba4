"""News for open pages: one listener per process, fanned out to whoever looks at what is new."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable

import psycopg
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.db import listen

log = logging.getLogger(__name__)

CHANNELS = ("contact", "read", "account", "campaign")  # payloads: ids (read: a contact's), a campaign's name
RETRY = 1.0  # seconds until a reader that found no database is called again
PAUSE = 0.2  # seconds between two calls of the same reader; the first news comes at once, the rest together

type Reader = Callable[[frozenset[str]], Awaitable[None]]
type Wants = Callable[[str], bool]


class Subscription:
    """One reader of one channel. Payloads that arrive while it works wait and come together."""

    def __init__(self, reader: Reader, wants: Wants | None = None, pause: float = PAUSE) -> None:
        self.reader, self.wants, self.pause = reader, wants, pause
        self.waiting: set[str] = set()
        self.task: asyncio.Task[None] | None = None

    def take(self, payload: str) -> None:
        if payload and self.wants and not self.wants(payload):
            return
        self.waiting.add(payload)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.pass_on())

    async def pass_on(self) -> None:
        while self.waiting:
            payloads, self.waiting = frozenset(self.waiting), set()
            try:
                await self.reader(payloads)
            except (OperationalError, InterfaceError, PoolTimeoutError) as error:
                log.warning("the database is away, what is new is read again: %s", type(error).__name__)
                self.waiting |= payloads
                await asyncio.sleep(RETRY)
            await asyncio.sleep(self.pause)


class Live:
    """Who wants to know what. An empty payload means: something may have been missed, look at everything."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.readers: dict[str, set[Subscription]] = defaultdict(set)

    def subscribe(
        self, channel: str, reader: Reader, wants: Wants | None = None, pause: float = PAUSE
    ) -> Callable[[], None]:
        """Calls reader with what comes on a channel, or only with what it wants; the answer ends that."""
        if channel not in CHANNELS:
            raise ValueError(f"{channel} is not one of {', '.join(CHANNELS)}")
        subscription = Subscription(reader, wants, pause)
        self.readers[channel].add(subscription)
        return lambda: self.readers[channel].discard(subscription)

    def tell(self, channel: str, payload: str) -> None:
        for subscription in tuple(self.readers[channel]):
            subscription.take(payload)

    async def follow(self) -> None:
        """Passes on what the database tells, for ever. Whoever begins to listen, also after an outage, looks anew."""
        while True:
            try:
                async for channel, payload in listen(self.url, *CHANNELS):
                    self.tell(channel, payload)
            except psycopg.OperationalError as error:
                log.warning("the database is away, pages are not told what is new: %s", error)
            await asyncio.sleep(1)
