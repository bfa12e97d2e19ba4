"""What leaves in the scripted year: the real outbox worker sends to the sandbox, and statuses come to the web app.

All three keep the moved clock: it jumps from look to look, and runs on while messages leave.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import text

from bench.processes import BenchError, running_stack
from conversations.lanes import start_worker
from core import clock
from core.db import Sessions
from tests.e2e.stack import Stack
from webhook.demo_parts import Part, start_part, wait_until_ready
from whatsapp.client import GraphClient
from whatsapp.sending import OutboxSender

SEND_RATE = 1000  # the highest that Meta grants a number
PATIENCE = 120
UNREACHABLE = {"code": 131026, "late": True, "every": 33}  # one message in 33 does not arrive
LEAVING = text("SELECT count(*) FROM outbox WHERE state = 'sending' OR state = 'queued' AND due_at <= :now")


@contextmanager
def running_whatsapp(**settings: Any) -> Iterator[Stack]:
    """A store, the web app for the statuses, and a sandbox that tells nobody when its clock is moved."""
    with running_stack(send_rate=SEND_RATE, **settings) as stack:
        address = stack.settings.graph_url
        port = str(stack.ports["sandbox"])
        command = [sys.executable, "-m", "sandbox", "--port", port, "--pronto-url", "", "--webhook-connections", "1"]
        part = Part("sandbox", command, address)
        stack.parts["sandbox"] = part
        start_part(part, stack.settings, stack.folder / "logs")
        wait_until_ready([part], threading.Event())
        stack.start("web")
        with httpx.Client(base_url=address, timeout=PATIENCE) as sandbox:
            sandbox.patch("/control/config", json={"throughput": 0, "delivered_ms": 0}).raise_for_status()
            sandbox.post("/control/faults", json=UNREACHABLE).raise_for_status()
        yield stack


@dataclass
class Post:
    """The outbox worker, and WhatsApp, for which the sandbox stands in."""

    sessions: Sessions
    sandbox: httpx.AsyncClient
    sender: OutboxSender

    async def move_clock(self, at: datetime) -> None:
        """Makes it this late everywhere."""
        seconds = max((at - clock.now()).total_seconds(), 0)
        async with self.sessions.begin() as session:
            await clock.move_clock(session, seconds)
        async with self.sessions() as session:
            await clock.sync_clock(session)
        (await self.sandbox.post("/control/clock", json={"seconds": seconds})).raise_for_status()

    async def deliver(self, working: asyncio.Future[Any]) -> None:
        """Sends what is queued, also while others are still at it, and waits until every status is stored."""
        sent = 0
        while not working.done() or await self.is_leaving():  # in this order: nothing is queued after the last look
            sent += await self.sender.step()
            await self.sender.rest(0.05)
        await working
        await self.sender.drain()
        if sent:
            settled = await self.sandbox.post(f"/control/webhook/settle?seconds={PATIENCE}")
            if not settled.raise_for_status().json()["settled"]:
                raise BenchError("the sandbox could not deliver its webhooks")

    async def is_leaving(self) -> bool:
        """Whether anything is on its way or may leave now."""
        async with self.sessions() as session:
            return bool(await session.scalar(LEAVING, {"now": clock.now()}))


@asynccontextmanager
async def open_post(stack: Stack, sessions: Sessions) -> AsyncIterator[Post]:
    """The sender under a worker's number of its own."""
    async with sessions.begin() as session:
        await clock.sync_clock(session)
        worker_id = await start_worker(session)
    client = GraphClient(stack.settings)
    async with httpx.AsyncClient(base_url=stack.settings.graph_url, timeout=2 * PATIENCE) as sandbox:
        try:
            yield Post(sessions, sandbox, OutboxSender(sessions, client, stack.settings, worker_id))
        finally:
            await client.aclose()
