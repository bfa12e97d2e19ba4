"""The outbox at work in one worker: claim, send at the same time, settle; step by step, so that tests can walk."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db import Sessions
from core.direct import Executes, begin_direct
from core.settings import Settings
from whatsapp.claim import Claim, Claimed, claim_messages
from whatsapp.client import Accepted, GraphClient
from whatsapp.errors import SendError, UnknownOutcome
from whatsapp.media import find_attachment, put_media_id
from whatsapp.pacing import size_burst
from whatsapp.settle import Outcome, resolve_unknown, settle_outcomes

log = logging.getLogger(__name__)

BATCH = 128  # outcomes per transaction
GATHER = 0.01  # seconds between two rounds while messages are under way: fewer, larger transactions
FLIGHT = 0.05  # seconds to wait for an answer before looking whether more may leave
SWEEP = timedelta(seconds=1)  # how often to look for unknown outcomes

NEXT_DUE = text("""
    SELECT min(greatest(first.due_at, s.paused_until, s.tat - CAST(:slack AS interval))) AS queued_at,
           (SELECT min(claimed_at) FROM outbox WHERE state = 'unknown') AS unknown_since
    FROM sender AS s CROSS JOIN LATERAL (
        SELECT o.due_at FROM outbox AS o
        WHERE o.phone_number_id = s.phone_number_id AND o.state = 'queued' AND NOT EXISTS (
            SELECT 1 FROM outbox AS e
            WHERE e.contact_id = o.contact_id AND e.state IN ('queued', 'sending', 'unknown') AND e.id < o.id)
        ORDER BY o.due_at LIMIT 1) AS first
""")


class OutboxSender:
    """Sends what is queued. `while ...: await sender.step(); await sender.rest()` is the whole loop.

    bell: set it when something was queued (the `outbox` channel rang); it also rings when an answer came.
    """

    def __init__(
        self,
        sessions: Sessions,
        client: GraphClient,
        settings: Settings,
        worker_id: int,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.bell = asyncio.Event()
        self._sessions, self._client, self._settings = sessions, client, settings
        self._worker_id, self._now = worker_id, now
        self._slots = max(64, round(settings.send_rate / 2))  # enough for answers that take half a second
        self._flying: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._swept_at: datetime | None = None

    async def step(self) -> int:
        """Settles answers that came, looks after unknown ones, sends what may leave; how many rows that concerned."""
        self.bell.clear()
        swept = await self._sweep()
        done = await asyncio.gather(self._settle(), self._claim(), return_exceptions=True)  # neither leaves half-way
        for one in done:
            if isinstance(one, BaseException):
                raise one
        return swept + sum(one for one in done if isinstance(one, int))

    async def rest(self, longest: float = 1) -> None:
        """Waits until there is work again, `longest` seconds at most."""
        if self._flying:
            await asyncio.sleep(GATHER)
            wait = min(longest, FLIGHT)
        else:
            async with self._sessions.begin() as session:  # a rollback would make psycopg forget our statements
                due_at = await self.next_due(session)
            wait = min(longest, max((due_at - self._now()).total_seconds(), GATHER)) if due_at else longest
        try:
            await asyncio.wait_for(self.bell.wait(), wait)
        except TimeoutError:
            return

    async def next_due(self, session: AsyncSession) -> datetime | None:
        """When the next message may leave or an unknown one may be decided, None: nothing waits for a moment."""
        slack = (size_burst(self._settings.send_rate) - 1) * timedelta(seconds=1 / self._settings.send_rate)
        row = (await session.execute(NEXT_DUE, {"slack": slack})).one()
        moments = [row.queued_at] if row.queued_at else []
        if row.unknown_since:
            decided_at = row.unknown_since + timedelta(seconds=self._settings.unknown_seconds)
            if decided_at > self._now():  # otherwise it waits for a web app to be back
                moments.append(decided_at)
        return min(moments, default=None)

    async def drain(self) -> None:
        """Waits for the answers under way and stores them; call before the worker stops."""
        while self._flying or self._outcomes:
            await asyncio.gather(*self._flying)
            await self._settle()

    async def claim_now(self, session: Executes) -> list[Claimed]:
        """What may leave as soon as the caller's transaction is committed, also what it has just queued.

        Then call `launch` at once. Nothing is claimed while someone else is claiming: the bell will ring for it.
        """
        return (await self._claim_in(session, wait=False)).ready

    def launch(self, messages: Sequence[Claimed]) -> None:
        """Sends claimed messages, all at the same time, and returns at once."""
        for message in messages:
            task = asyncio.create_task(self._send(message))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)

    async def _claim(self) -> int:
        if self._slots <= len(self._flying):
            return 0
        async with begin_direct(self._sessions) as session:
            claim = await self._claim_in(session)
        self.launch(claim.ready)
        return len(claim.ready) + claim.others

    async def _claim_in(self, session: Executes, *, wait: bool = True) -> Claim:
        free = self._slots - len(self._flying)
        if free <= 0:
            return Claim([], 0)
        return await claim_messages(session, self._settings, self._worker_id, free, self._now(), wait=wait)

    async def _send(self, message: Claimed) -> None:
        result: Accepted | SendError | UnknownOutcome
        try:
            body = message.body
            if attachment := find_attachment(body):
                body = await put_media_id(self._sessions, self._settings, message.phone_number_id, body, attachment)
            result = await self._client.send(message.phone_number_id, body)
        except (SendError, UnknownOutcome) as error:
            result = error
        except Exception as error:  # the row must not stay "sending" for ever, whatever happened
            log.exception("message %s", message.id)
            result = UnknownOutcome(type(error).__name__)
        self._outcomes.append(Outcome(message, self._now(), result, random.random()))
        self.bell.set()

    async def _settle(self) -> int:
        """One transaction for the answers so far. If the database is away they are kept for the next step."""
        batch = self._outcomes[:BATCH]
        if batch:
            async with self._sessions() as session:
                await settle_outcomes(session, batch, self._worker_id, self._settings.pair_seconds)
            del self._outcomes[: len(batch)]
        return len(batch)

    async def _sweep(self) -> int:
        now = self._now()
        if self._swept_at and now < self._swept_at + SWEEP:
            return 0
        self._swept_at = now
        async with self._sessions() as session:
            resolved = await resolve_unknown(session, now, self._settings.unknown_seconds)
            await session.commit()
        return resolved
