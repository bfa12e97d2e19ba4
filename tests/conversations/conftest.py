"""A server that plays Rasa's channel and the Graph API, and contacts who write."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio
import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conversations.desk import Desk
from conversations.lanes import start_worker
from conversations.rasa import RasaClient
from core.db import Sessions
from core.settings import Settings
from whatsapp.client import GraphClient

type Answer = Callable[[dict[str, Any]], dict[str, Any] | Response]


def echo(question: dict[str, Any]) -> dict[str, Any]:
    """What Rasa answers unless a test says otherwise."""
    return {
        "messages": [{"text": f"Hai scritto: {question['text']}"}],
        "intent": {"name": "inform", "confidence": 0.9},
        "entities": [],
        "open_question": None,
        "slots": {"language": question["slots"]["language"]},
    }


class Outside:
    """The world outside the worker. questions: what Rasa was asked; posts: what reached the Graph API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.questions: list[dict[str, Any]] = []
        self.posts: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}  # as the real channel: the same id, the same answer
        self.answer: Answer = echo
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def rasa(self, request: Request) -> Response:
        question = orjson.loads(await request.body())
        self.questions.append(question | {"authorization": request.headers["authorization"]})
        self.entered.set()
        await self.gate.wait()
        key = question["message_id"]
        if key in self.answers:
            return JSONResponse(self.answers[key] | {"replayed": True})
        answer = self.answer(question)
        if isinstance(answer, Response):
            return answer
        self.answers[key] = {"message_id": key, "replayed": False} | answer
        return JSONResponse(self.answers[key])

    async def graph(self, request: Request) -> Response:
        self.posts.append(orjson.loads(await request.body()))
        if "status" in self.posts[-1]:
            return JSONResponse({"success": True})
        return JSONResponse({"messages": [{"id": f"wamid.out{len(self.posts)}"}], "contacts": [{"wa_id": "39"}]})

    @property
    def sent(self) -> list[str]:
        """The texts customers got."""
        return [post["text"]["body"] for post in self.posts if post.get("type") == "text"]


@pytest_asyncio.fixture
async def outside() -> AsyncIterator[Outside]:
    listener = socket.create_server(("127.0.0.1", 0))
    outside = Outside(f"http://127.0.0.1:{listener.getsockname()[1]}")
    app = Starlette(
        routes=[
            Route("/webhooks/pronto/webhook", outside.rasa, methods=["POST"]),
            Route("/{version}/{number}/messages", outside.graph, methods=["POST"]),
        ]
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110  (uvicorn tells it no other way)
        await asyncio.sleep(0.01)
    yield outside
    outside.gate.set()
    server.should_exit = server.force_exit = True
    await task
    listener.close()


@pytest.fixture
def talk_settings(settings: Settings, outside: Outside) -> Settings:
    return settings.model_copy(update={"graph_url": outside.url, "rasa_url": outside.url, "burst_seconds": 0})


class Clock:
    """A clock the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest_asyncio.fixture
async def desk(sessions: Sessions, talk_settings: Settings, clock: Clock) -> AsyncIterator[Desk]:
    async with sessions.begin() as session:
        worker_id = await start_worker(session)
    desk = Desk(sessions, talk_settings, RasaClient(talk_settings), GraphClient(talk_settings), worker_id, clock)
    yield desk
    await asyncio.gather(*desk.typing)
    await desk.rasa.aclose()
    await desk.graph.aclose()


class Customers:
    """Contacts who write, and a look at the rows."""

    def __init__(self, sessions: Sessions, clock: Callable[[], datetime]) -> None:
        self.sessions, self.clock, self.count = sessions, clock, 0

    async def run(self, sql: str, **values: Any) -> list[Any]:
        async with self.sessions.begin() as session:
            result = await session.execute(text(sql), values)
            return list(result.all()) if result.returns_rows else []

    async def add(self, **columns: Any) -> int:
        self.count += 1
        values = {"token": f"c{self.count}", "phone": f"+39020000{self.count:04}", "country": "IT"} | columns
        values = {"last_inbound_at": self.clock()} | values
        names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        return (await self.run(f"INSERT INTO contact ({names}) VALUES ({places}) RETURNING id", **values))[0].id

    async def write(self, contact_id: int, words: str | None = None, sent: float = 0, **columns: Any) -> str:
        """Stores a message sent so many seconds from now and makes the lane ready; its WhatsApp id."""
        self.count += 1
        values = {"contact_id": contact_id, "wamid": f"wamid.{self.count}", "phone_number_id": "900", "kind": "text"}
        values |= {"text": words, "payload": "{}", "sent_at": self.clock() + timedelta(seconds=sent)} | columns
        names = ", ".join(values)
        places = ", ".join(f"CAST(:{name} AS jsonb)" if name == "payload" else f":{name}" for name in values)
        await self.run(f"INSERT INTO message ({names}) VALUES ({places})", **values)
        await self.run(
            "INSERT INTO lane (contact_id, ready_at, waiting_since) VALUES (:id, :now, :now) ON CONFLICT (contact_id)"
            " DO UPDATE SET ready_at = :now, waiting_since = coalesce(lane.waiting_since, :now)",
            id=contact_id,
            now=self.clock(),
        )
        await self.run("SELECT pg_notify('inbox', '')")
        return str(values["wamid"])

    async def offer(self, contact_id: int, *options: tuple[str, str], **columns: Any) -> int:
        """Something we said before, with options."""
        self.count += 1
        given = [{"id": id_, "title": title} for id_, title in options]
        values = {"contact_id": contact_id, "phone_number_id": "900", "key": f"k{self.count}", "kind": "reply"}
        values |= {"callback": f"b{self.count}", "purpose": "service", "body": "{}", "text": "Eccoci", "state": "read"}
        values |= {
            "options": orjson.dumps(given).decode(),
            "due_at": self.clock(),
            "created_at": self.clock(),
        } | columns
        names = ", ".join(values)
        places = ", ".join(f"CAST(:{name} AS jsonb)" if name in ("body", "options") else f":{name}" for name in values)
        return (await self.run(f"INSERT INTO outbox ({names}) VALUES ({places}) RETURNING id", **values))[0].id

    async def turns(self) -> list[Any]:
        return await self.run("SELECT * FROM turn ORDER BY id")

    async def queued(self) -> list[str]:
        return [row.text for row in await self.run("SELECT text FROM outbox WHERE state = 'queued' ORDER BY id")]


@pytest.fixture
def customers(sessions: Sessions, clock: Clock) -> Customers:
    return Customers(sessions, clock)
