"""A Graph API that answers as told, contacts to write to, and the flag that rewrites expected request bodies."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
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

from core.db import Sessions
from core.settings import Settings
from core.types import Language, Outbound, Purpose, Template
from whatsapp.client import GraphClient
from whatsapp.outbox import Opening, queue_reply, queue_templates
from whatsapp.sending import OutboxSender


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-payloads", action="store_true", help="write tests/data/payloads anew; review the diff")


@pytest.fixture
def rewrite(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("rewrite_payloads", default=False))


class Graph:
    """The server. `answer` decides per request; bodies and headers are what arrived, in order."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.accepted = 0
        self.answer: Callable[[dict[str, Any]], Response | Awaitable[Response]] = self.accept

    def accept(self, body: dict[str, Any], **extra: str) -> Response:
        self.accepted += 1
        return JSONResponse(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": body.get("to"), "wa_id": "390200000001", "user_id": "IT.1"}],
                "messages": [{"id": f"wamid.{self.accepted}", **extra}],
            }
        )

    def refuse(self, code: int, status: int = 400, headers: dict[str, str] | None = None, **extra: Any) -> Response:
        error = {"message": f"(#{code}) refused", "code": code, "error_data": {"details": "so it is"}, **extra}
        return JSONResponse({"error": error}, status, headers)

    def cut(self) -> Response:
        return Response(b"half", headers={"content-length": "400"})

    async def serve(self, request: Request) -> Response:
        self.bodies.append(orjson.loads(await request.body()))
        self.headers.append(dict(request.headers))
        self.paths.append(request.url.path)
        answer = self.answer(self.bodies[-1])
        return answer if isinstance(answer, Response) else await answer


@pytest_asyncio.fixture
async def graph() -> AsyncIterator[Graph]:
    listener = socket.create_server(("127.0.0.1", 0))
    graph = Graph(f"http://127.0.0.1:{listener.getsockname()[1]}")
    app = Starlette(routes=[Route("/{path:path}", graph.serve, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    yield graph
    server.should_exit = server.force_exit = True
    await task
    listener.close()


@pytest.fixture
def graph_settings(settings: Settings, graph: Graph) -> Settings:
    return settings.model_copy(update={"graph_url": graph.url, "send_rate": 1000})


@pytest_asyncio.fixture
async def client(graph_settings: Settings) -> AsyncIterator[GraphClient]:
    client = GraphClient(graph_settings)
    yield client
    await client.aclose()


class Clock:
    """A clock the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


class Desk:
    """Queues messages to contacts who wrote a minute ago, steps the sender, and looks at the rows."""

    def __init__(self, sessions: Sessions, client: GraphClient, settings: Settings, clock: Clock) -> None:
        self.sessions, self.client, self.settings, self.clock = sessions, client, settings, clock
        self.sender = OutboxSender(sessions, client, settings, worker_id=1, now=clock)
        self.keys = 0

    async def run(self, sql: str, **values: Any) -> list[Any]:
        async with self.sessions() as session:
            result = await session.execute(text(sql), values)
            rows = list(result.all()) if result.returns_rows else []
            await session.commit()
        return rows

    async def add_contact(self, **columns: Any) -> int:
        count = (await self.run("SELECT count(*) FROM contact"))[0][0] + 1
        values = {"token": f"c{count}", "phone": f"+39020000{count:04}", "last_inbound_at": self.clock()} | columns
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        return (await self.run(f"INSERT INTO contact ({names}) VALUES ({places}) RETURNING id", **values))[0].id

    async def queue(self, contact_id: int, words: str = "Ciao", **more: Any) -> list[int]:
        self.keys += 1
        values = {"phone_number_id": "900", "key": f"k{self.keys}", "message": Outbound(words)} | more
        async with self.sessions() as session:
            ids = await queue_reply(session, contact_id=contact_id, language=Language.IT, now=self.clock(), **values)
            await session.commit()
        return ids

    async def queue_template(self, contact_id: int, **more: Any) -> int | None:
        self.keys += 1
        template = Template("autumn", Language.IT, {"name": "Ada"})
        values = {"key": f"k{self.keys}", "template": template, "text": "Ciao Ada", "options": ()} | more
        opening = Opening(contact_id, **{"purpose": Purpose.MARKETING} | values)
        async with self.sessions() as session:
            made = await queue_templates(session, "900", [opening], self.clock())
            await session.commit()
        return made.get(opening.key)

    async def consent(self, contact_id: int, given: bool = True, purpose: str = "marketing") -> None:
        await self.run(
            "INSERT INTO consent (contact_id, purpose, given, at, channel, wording) "
            "VALUES (:contact_id, :purpose, :given, :at, 'api', 'yes')",
            contact_id=contact_id,
            purpose=purpose,
            given=given,
            at=self.clock(),
        )

    async def step(self) -> None:
        """One claim, all its answers, settled."""
        await self.sender.step()
        await self.sender.drain()

    async def next_due(self) -> datetime | None:
        async with self.sessions() as session:
            return await self.sender.next_due(session)

    async def row(self, outbox_id: int) -> Any:
        return (await self.run("SELECT * FROM outbox WHERE id = :id", id=outbox_id))[0]

    async def states(self) -> list[str]:
        return [row.state for row in await self.run("SELECT state FROM outbox ORDER BY id")]

    async def number(self) -> Any:
        return (await self.run("SELECT * FROM sender"))[0]


@pytest_asyncio.fixture
async def desk(sessions: Sessions, client: GraphClient, graph_settings: Settings, clock: Clock) -> Desk:
    """A web app is there all the time; DELETE FROM door takes it away."""
    desk = Desk(sessions, client, graph_settings, clock)
    await desk.run("INSERT INTO door (opened_at, beat_at) VALUES ('2000-01-01', '3000-01-01')")
    return desk
