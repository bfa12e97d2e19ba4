"""What a worker has at hand while it does turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from conversations.compose import OpenTurn
from conversations.rasa import RasaClient
from core import clock
from core.db import Sessions
from core.settings import Settings
from whatsapp.client import GraphClient


@dataclass(frozen=True)
class Desk:
    """What a worker needs to do turns. typing: indicators on their way, which nobody waits for."""

    sessions: Sessions
    settings: Settings
    rasa: RasaClient
    graph: GraphClient
    worker_id: int
    now: Callable[[], datetime] = clock.now
    typing: set[asyncio.Task[None]] = field(default_factory=set)


def show_typing(desk: Desk, turn: OpenTurn) -> None:
    """Tells the customer that an answer is being written, without waiting for it."""
    task = asyncio.create_task(desk.graph.show_typing(turn.phone_number_id, turn.messages[-1].wamid))
    desk.typing.add(task)
    task.add_done_callback(desk.typing.discard)
