from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn

from core.db import Sessions
from core.postgres import free_port
from core.settings import Settings
from inbox.attachments import attach, fetch_attachments, find_attachments, read_attachment, store_upload
from inbox.reply import reply
from inbox.words import RefusedError
from sandbox.app import create_app
from sandbox.config import SandboxConfig
from tests.inbox.conftest import Shift, add_message
from whatsapp.client import GraphClient
from whatsapp.media import FetchError, choose_kind, download
from whatsapp.sending import OutboxSender

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
PDF = b"%PDF-1.7 ..."


@dataclass(frozen=True)
class World:
    """WhatsApp on this machine, and the settings that point at it."""

    settings: Settings
    client: httpx.AsyncClient

    async def upload(self, data: bytes, mime_type: str) -> str:
        fields = {"messaging_product": "whatsapp", "type": mime_type}
        answer = await self.client.post("/v25.0/900/media", data=fields, files={"file": ("a", data, mime_type)})
        return str(answer.json()["id"])

    async def accepted(self) -> list[dict[str, Any]]:
        return [one["body"] for one in (await self.client.get("/control/messages")).json()["messages"]]


@pytest_asyncio.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    port = free_port()
    app = create_app(SandboxConfig(port=port, webhook_url=f"http://127.0.0.1:{free_port()}/webhook"))
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="critical", ws="none", timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": "Bearer demo"}) as client:
        yield World(settings.model_copy(update={"graph_url": url}), client)
    server.should_exit = True
    await task


async def send_all(sessions: Sessions, settings: Settings, now: datetime) -> None:
    graph = GraphClient(settings)
    sender = OutboxSender(sessions, graph, settings, worker_id=1, now=lambda: now)
    for _ in range(3):
        await sender.step()
        await sender.drain()
    await graph.aclose()


async def test_what_a_customer_sent_is_fetched_once_while_a_person_has_them(
    shift: Shift, sessions: Sessions, world: World, now: datetime
) -> None:
    media_id = await world.upload(PNG, "image/png")
    payload = {"type": "image", "image": {"id": media_id, "mime_type": "image/png", "sha256": "x"}}
    message = await add_message(shift.session, shift.dario, "", now, kind="image", payload=payload)
    await shift.session.commit()
    assert await fetch_attachments(sessions, world.settings, now) == 1
    assert await fetch_attachments(sessions, world.settings, now) == 0
    found = (await find_attachments(shift.session, shift.dario))[message.id]
    assert (found.ready, found.error) == (True, None)
    file = await read_attachment(shift.session, found.id)
    assert file is not None
    assert (file.data, file.mime_type, file.kind) == (PNG, "image/png", "image")


async def test_without_a_person_nothing_is_fetched(
    shift: Shift, sessions: Sessions, settings: Settings, now: datetime
) -> None:
    payload = {"type": "image", "image": {"id": "4711"}}
    await add_message(shift.session, shift.dario, "", now, kind="image", payload=payload)
    await shift.run("UPDATE handoff SET closed_at = :now, state = 'closed'", now=now)
    await shift.session.commit()
    assert await fetch_attachments(sessions, settings, now) == 0


async def test_what_whatsapp_no_longer_has_is_said_and_what_it_cannot_give_now_is_asked_again(
    shift: Shift, sessions: Sessions, world: World, now: datetime
) -> None:
    payload = {"type": "image", "image": {"id": "4711"}}
    message = await add_message(shift.session, shift.dario, "", now, kind="image", payload=payload)
    await shift.session.commit()
    away = world.settings.model_copy(update={"graph_url": f"http://127.0.0.1:{free_port()}"})
    assert await fetch_attachments(sessions, away, now) == 1
    assert (await find_attachments(shift.session, shift.dario))[message.id].error is None
    await shift.session.commit()
    assert await fetch_attachments(sessions, world.settings, now + timedelta(seconds=10)) == 0
    assert await fetch_attachments(sessions, world.settings, now + timedelta(seconds=21)) == 1
    await shift.session.commit()
    assert (await find_attachments(shift.session, shift.dario))[message.id].error == "HTTP 400"


async def test_an_agents_file_leaves_by_its_id_with_the_words_as_caption(
    shift: Shift, sessions: Sessions, world: World, now: datetime
) -> None:
    phone = await shift.ask("SELECT phone FROM contact")
    await world.client.post("/control/inbound", json={"customer": phone[0], "text": "ciao"})
    file = await store_upload(
        shift.session, shift.dario, shift.sofia, "C:\\doc\\contratto.pdf", "application/pdf", PDF, now
    )
    for _ in range(2):  # a double click
        await reply(shift.session, world.settings, shift.handoff, shift.sofia, "Ecco", "k1", now, (attach(file),))
    await shift.session.commit()
    await send_all(sessions, world.settings, now)
    assert await shift.ask("SELECT state, text FROM outbox") == [("accepted", "Ecco")]
    (body,) = await world.accepted()
    media_id = (await shift.ask("SELECT media_id FROM attachment"))[0]
    assert body["document"] == {"id": media_id, "filename": "contratto.pdf", "caption": "Ecco"}
    stored = await world.client.get(f"/v25.0/{media_id}")
    assert (await world.client.get(stored.json()["url"])).content == PDF


async def test_a_file_that_cannot_be_uploaded_yet_waits_and_one_that_is_gone_fails(
    shift: Shift, sessions: Sessions, settings: Settings, now: datetime
) -> None:
    away = settings.model_copy(update={"graph_url": f"http://127.0.0.1:{free_port()}"})
    file = await store_upload(shift.session, shift.dario, shift.sofia, "a.png", "image/png", PNG, now)
    await reply(shift.session, away, shift.handoff, shift.sofia, "", "k1", now, (attach(file),))
    await shift.session.commit()
    await send_all(sessions, away, now)
    assert await shift.ask("SELECT state, text FROM outbox") == [("queued", "a.png")]
    await shift.run("UPDATE attachment SET data = NULL")
    await shift.session.commit()
    await send_all(sessions, away, now + timedelta(minutes=1))
    assert await shift.ask("SELECT state, reason FROM outbox") == [("failed", "the file is not there any more")]


@pytest.mark.parametrize(
    ("mime_type", "data"),
    [
        ("image/heic", b"x"),
        ("image/png", b"<html>"),
        ("application/pdf", PNG),
        ("image/jpeg", b"\xff\xd8\xff" + bytes(5 * 1024 * 1024)),
        ("text/plain", b""),
        ("text/html", b"<script>"),
    ],
)
async def test_what_whatsapp_does_not_take_is_refused_before_it_is_stored(
    shift: Shift, now: datetime, mime_type: str, data: bytes
) -> None:
    with pytest.raises(RefusedError, match="The customer got nothing"):
        await store_upload(shift.session, shift.dario, shift.sofia, "a", mime_type, data, now)
    assert await shift.ask("SELECT count(*) FROM attachment") == [0]


def test_parameters_of_a_type_do_not_matter() -> None:
    assert choose_kind("audio/ogg; codecs=opus", b"OggS") == "audio"


async def test_the_token_goes_to_no_other_host(settings: Settings) -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(FetchError, match="not a host of WhatsApp's"):
            await download(client, settings, "https://fbsbx.com.example.org/x")
