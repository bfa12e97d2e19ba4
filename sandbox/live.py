"""Live updates for phone pages: everyone who listens hears what changed."""

from __future__ import annotations

import asyncio
from typing import Any

MOST_WAITING = 1000


class Live:
    """Each listener has a bounded queue; one that falls behind is told to load everything again."""

    def __init__(self) -> None:
        self.listeners: set[asyncio.Queue[dict[str, Any]]] = set()

    def publish(self, event: dict[str, Any]) -> None:
        """Tells every listener; costs nothing without one."""
        for queue in self.listeners:
            if queue.qsize() >= MOST_WAITING:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait({"kind": "reset"})
            queue.put_nowait(event)

    def listen(self) -> asyncio.Queue[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        self.listeners.discard(queue)
