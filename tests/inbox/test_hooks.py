from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest_asyncio

from core.db import Sessions
from core.settings import Settings
from inbox.hooks import MOST_ATTEMPTS, tell_desk, wait_after
from inbox.reply import reply
from tests.inbox.conftest import Shift, add_message
from whatsapp.signature import sign_body


@dataclass
class Desk:
    """Another desk that listens. statuses: what it answers first; then 200."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        self.bodies.append(await reader.readexactly(int(headers["content-length"])))
        self.signatures.append(headers["x-pronto-signature-256"])
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    @property
    def events(self) -> list[Any]:
        return [orjson.loads(body)["event"] for body in self.bodies]


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    server = await asyncio.start_server(desk.take, "127.0.0.1", 0)
    desk.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield desk
    server.close()


async def tell(sessions: Sessions, settings: Settings, desk: Desk, now: datetime) -> int:
    own = {"desk_webhook_url": desk.url, "desk_webhook_secret": settings.secret_key}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await tell_desk(sessions, settings.model_copy(update=own), client, now)


async def test_a_desk_is_told_once_of_changes_and_messages(
    shift: Shift, sessions: Sessions, settings: Settings, desk: Desk, now: datetime
) -> None:
    later = now + timedelta(minutes=1)
    await add_message(shift.session, shift.dario, "ci siete?", later)
    await reply(shift.session, settings, shift.handoff, shift.sofia, "Eccomi", "k1", later)
    await shift.session.commit()
    told = await tell(sessions, settings, desk, later)
    assert await tell(sessions, settings, desk, later) == 0
    assert (told, sorted(desk.events)) == (
        5,
        ["handoff.changed", "handoff.opened", "message.received", "message.received", "message.sent"],
    )
    assert desk.signatures == [sign_body("demo", body) for body in desk.bodies]


async def test_what_it_did_not_take_is_told_again_later(
    shift: Shift, sessions: Sessions, settings: Settings, desk: Desk, now: datetime
) -> None:
    desk.statuses = [500, 500]
    assert await tell(sessions, settings, desk, now) == 0
    assert await shift.ask("SELECT DISTINCT error FROM hook_call") == ["HTTP 500"]
    assert await tell(sessions, settings, desk, now + timedelta(seconds=5)) == 0
    assert await tell(sessions, settings, desk, now + timedelta(seconds=11)) == 2


async def test_without_a_desk_nothing_is_written(
    shift: Shift, sessions: Sessions, settings: Settings, now: datetime
) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        assert await tell_desk(sessions, settings, client, now) == 0
    assert await shift.ask("SELECT count(*) FROM hook_call") == [0]


def test_the_waits_grow_to_an_hour() -> None:
    waits = [wait_after(attempt) for attempt in range(1, MOST_ATTEMPTS)]
    assert (waits[0], waits[1], waits[-1]) == (timedelta(seconds=10), timedelta(seconds=20), timedelta(hours=1))
