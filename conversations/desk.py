"""What a worker has at hand while it does turns."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from conversations.compose import OpenTurn
from conversations.rasa import RasaClient
from core import clock
from core.db import Sessions
from core.settings import Settings
from whatsapp.client import GraphClient
from whatsapp.sending import OutboxSender

SEEN_AFTER = 0.5  # seconds; a reply that is there at once needs no "typing...", which would only make it later


@dataclass(frozen=True)
class Desk:
    """What a worker needs to do turns.

    sender: lets answers leave at once; without it they wait in the outbox. typing: receipts nobody waits for.
    """

    sessions: Sessions
    settings: Settings
    rasa: RasaClient
    graph: GraphClient
    worker_id: int
    now: Callable[[], datetime] = clock.now
    sender: OutboxSender | None = None
    typing: set[asyncio.Task[None]] = field(default_factory=set)


@contextlib.contextmanager
def show_interest(desk: Desk, turn: OpenTurn) -> Iterator[None]:
    """Gives the customer blue ticks a moment later, and "typing..." if the answer is not there by then."""
    answered = asyncio.Event()

    async def show() -> None:
        await asyncio.sleep(SEEN_AFTER)
        await desk.graph.mark_read(turn.phone_number_id, turn.messages[-1].wamid, typing=not answered.is_set())

    task = asyncio.create_task(show())
    desk.typing.add(task)
    task.add_done_callback(desk.typing.discard)
    try:
        yield
    finally:
        answered.set()
