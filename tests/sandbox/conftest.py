"""A running sandbox, and an application behind it that writes down what it is told and answers as asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.postgres import free_port
from sandbox.app import create_app
from sandbox.config import SandboxConfig

PATH = "/v25.0/900/messages"
ANA = "+390200000011"
CONTACT = {
    "token": "c1", "name": "Giulia", "phone": "+390200000001", "user_id": None, "language": "it",
    "postcode": "40121", "place": "Bologna", "region": "Emilia-Romagna",
    "consent": {"marketing": {"given": True, "at": "2026-08-01T10:00:00Z", "wording": "Sì"}, "platform": None},
    "contract": [{"kind": "electricity", "supplier": "Luce Comune", "expires_on": "2099-01-01", "yearly_kwh": "2700",
                  "yearly_cost": "640.00", "currency": "EUR"}],
    "answers": [{"name": "yearly_kwh", "value": "2700", "sentence": "circa 2700", "at": "2026-11-21T20:00:00Z"}],
    "score": {"points": 60, "band": "middle", "version": "v1", "computed_at": "2026-11-21T20:00:00Z", "receipt": [
        {"rule": "expiry_near", "points": 40, "fact": {}, "on": "2026-12-20", "words": "il contratto scade"},
        {"rule": "replied", "points": 20, "fact": {}, "on": "2026-11-21", "words": "ha scritto"}]},
    "turns": [{"id": 1, "text": "<b>quanto costa?</b>", "decision": "ask_rasa", "intent": "ask_price",
               "confidence": 0.91, "language": "it", "open_question": {"slot": "postcode", "takes_number": True},
               "started_at": "2026-11-21T20:00:00Z", "finished_at": "2026-11-21T20:00:01Z", "milliseconds": 88}],
    "events": [
        {"id": 2, "kind": "purchase", "at": "2026-11-21T19:00:00Z", "data": {"sku": "MAT-01"}},
        {"id": 1, "kind": "cart_abandoned", "at": "2026-11-21T18:00:00Z",
         "data": {"items": [{"sku": "RUN-01"}, {"name": "<b>Tee</b>", "quantity": 2}]}}],
    "outbox": [{"id": 1, "text": "Qual è il tuo CAP?", "state": "blocked", "kind": "reply", "reason": "window",
                "created_at": "2026-11-21T20:00:01Z"}],
    "handoff": {"reason": "wish", "opened_at": "2026-11-21T20:00:00Z"}, "window_until": "2099-01-01T00:00:00Z",
}  # fmt: skip


@dataclass
class Application:
    """What the sandbox tells. answers: status codes for the next webhooks; 200 when there are none left."""

    url: str
    posts: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    calls: list[tuple[str, str, Any]] = field(default_factory=list)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.posts]

    def values(self, name: str) -> list[dict[str, Any]]:
        """Everything of one kind (messages, statuses ...) in the order it came."""
        changes = [change for body in self.bodies() for entry in body["entry"] for change in entry["changes"]]
        return [row for change in changes for row in change["value"].get(name, [])]

    def ladder(self, wamid: str) -> list[str]:
        return [row["status"] for row in self.values("statuses") if row["id"] == wamid]


@dataclass
class Sandbox:
    """The sandbox's own address and a client that knows the token."""

    url: str
    client: httpx.AsyncClient
    application: Application

    async def send(self, **body: Any) -> httpx.Response:
        """A send to Ana, a text unless told otherwise."""
        given = {"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {"body": "Ciao"}} | body
        return await self.client.post(PATH, json={key: value for key, value in given.items() if value is not None})

    async def accepted(self, **body: Any) -> str:
        """The id of a send that has to be accepted."""
        answer = await self.send(**body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["messages"][0]["id"])

    async def control(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = await self.client.request(method, f"/control/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def write(self, **inbound: Any) -> str:
        """Ana writes something; the id of her message."""
        given = {"customer": ANA} | (inbound or {"text": "Ciao"})
        return str((await self.control("inbound", given))["wamids"][0])

    async def settle(self) -> None:
        assert (await self.control("webhook/settle?seconds=20"))["settled"]

    async def config(self, **values: Any) -> None:
        await self.control("config", values, "PATCH")


class Server:
    """An app on a port of its own, in a thread with its own loop."""

    def __init__(self, app: Any, port: int) -> None:
        config = uvicorn.Config(app, port=port, log_level="critical", ws="none", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)

    def start(self) -> None:
        self.thread.start()
        end = time.monotonic() + 20
        while not self.server.started:
            assert self.thread.is_alive(), "the server did not start"
            assert time.monotonic() < end
            time.sleep(0.01)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)


def record(application: Application) -> Starlette:
    async def take(request: Request) -> Response:
        application.posts.append((await request.body(), dict(request.headers)))
        return Response(status_code=application.answers.pop(0) if application.answers else 200)

    async def shake(request: Request) -> Response:
        known = request.query_params.get("hub.verify_token") == "verify"
        return PlainTextResponse(request.query_params["hub.challenge"], 200 if known else 403)

    async def api(request: Request) -> Response:
        body = await request.body()
        application.calls.append((request.method, request.url.path, json.loads(body) if body else None))
        if request.headers.get("authorization") != "Bearer key":
            return Response(status_code=401)
        if request.url.path.startswith("/api/contacts/") and not request.url.path.endswith("+390200000001"):
            return JSONResponse({"detail": "unknown"}, 404)
        return JSONResponse(CONTACT if request.method == "GET" else {"id": 1, "state": "queued", "repeated": False})

    return Starlette(
        routes=[
            Route("/webhook", take, methods=["POST"]),
            Route("/webhook", shake, methods=["GET"]),
            Route("/api/{rest:path}", api, methods=["GET", "POST"]),
        ]
    )


@pytest.fixture(scope="session")
def application_server() -> Iterator[Application]:
    port = free_port()
    application = Application(f"http://127.0.0.1:{port}")
    server = Server(record(application), port)
    server.start()
    yield application
    server.stop()


@pytest.fixture(scope="session")
def sandbox_url(application_server: Application) -> Iterator[str]:
    port = free_port()
    config = SandboxConfig(
        port=port,
        webhook_url=f"{application_server.url}/webhook",
        pronto_url=application_server.url,
        api_key="key",
        app_secret="secret",
        access_token="token",
        verify_token="verify",
    )
    server = Server(create_app(config), port)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


DEFAULTS = {
    "delivered_ms": 20, "read_ms": None, "throughput": 0, "pair_seconds": 0, "pair_burst": 45, "marketing_cap": 2,
    "late_codes": [131026, 131047, 131049, 131050], "open_world": True, "webhook_batch": 100, "webhook_timeout": 5,
    "retry_seconds": [0, 0.05, 0.1], "duplicate_every": 0, "shuffle_ms": 0, "template_review_ms": None,
}  # fmt: skip


@pytest_asyncio.fixture
async def sandbox(sandbox_url: str, application_server: Application) -> AsyncIterator[Sandbox]:
    headers = {"Authorization": "Bearer token"}
    async with httpx.AsyncClient(base_url=sandbox_url, headers=headers, timeout=20, trust_env=False) as client:
        sandbox = Sandbox(sandbox_url, client, application_server)
        await sandbox.config(**DEFAULTS, webhook_url=f"{application_server.url}/webhook")
        await sandbox.control("reset")
        await sandbox.settle()
        application_server.posts.clear()
        application_server.answers.clear()
        application_server.calls.clear()
        yield sandbox
        await sandbox.control("reset")


def template(name: str = "energy_value", language: str = "it", **values: str) -> dict[str, Any]:
    """The node of a template send; energy_value's parameters unless told otherwise."""
    values = values or {"name": "Ana", "days": "30", "place": "Bologna"}
    parameters = [{"type": "text", "parameter_name": key, "text": value} for key, value in values.items()]
    components = [{"type": "body", "parameters": parameters}]
    return {"name": name, "language": {"code": language}, "components": components}
