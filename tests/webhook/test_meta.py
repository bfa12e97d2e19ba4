"""WhatsApp's webhook through the front door: a real server, a real store, signed bodies."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.db import Sessions, open_engine, open_sessions
from core.settings import Settings
from core.types import InboundMessage
from tests.broken_bodies import ANY_JSON, BODIES, break_body
from webhook import meta
from whatsapp.parse import ParseError, parse_webhook

RECORDED = Path(__file__).parents[1] / "data" / "whatsapp"
TEXT = (RECORDED / "text.json").read_bytes()


def sign(body: bytes, secret: str = "demo") -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def text_from(phone: str, wamid: str, body: str = "ciao") -> bytes:
    message = {"from": phone, "id": wamid, "timestamp": "1795000000", "type": "text", "text": {"body": body}}
    value = {"metadata": {"phone_number_id": "900"}, "messages": [message]}
    entry = [{"id": "700", "changes": [{"field": "messages", "value": value}]}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


@contextlib.asynccontextmanager
async def serve(sessions: Sessions, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A server with the webhook on these sessions, and a client that talks to it."""
    app = meta.App()
    app.state.settings = settings
    config = uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    async with meta.running(app, sessions, settings):
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
            await asyncio.sleep(0.01)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
            yield client
        server.should_exit = True
        await task


@pytest_asyncio.fixture
async def whatsapp(sessions: Sessions, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(sessions, settings) as client:
        yield client


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A database that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield f"postgresql://u:p@127.0.0.1:{listener.getsockname()[1]}/db"


@pytest.fixture
def dead_server() -> str:
    """A database that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"postgresql://u:p@127.0.0.1:{listener.getsockname()[1]}/db"


async def deliver(client: httpx.AsyncClient, body: bytes) -> httpx.Response:
    return await client.post("/webhook", content=body, headers=sign(body))


async def count(sessions: Sessions, table: str = "message") -> int:
    async with sessions() as session:
        return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def test_the_handshake_returns_the_bare_challenge(whatsapp: httpx.AsyncClient) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "demo", "hub.challenge": "115<b>"}
    answer = await whatsapp.get("/webhook", params=query)
    assert (answer.status_code, answer.text) == (200, "115<b>")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "wrong",
    [
        {"hub.mode": "unsubscribe"},
        {"hub.mode": None},
        {"hub.verify_token": "other"},
        {"hub.verify_token": "démo"},
        {"hub.verify_token": ""},
        {"hub.verify_token": None},
        {"hub.challenge": None},
    ],
)
async def test_any_other_handshake_is_forbidden(whatsapp: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "demo", "hub.challenge": "115"} | wrong
    answer = await whatsapp.get("/webhook", params={key: value for key, value in query.items() if value is not None})
    assert answer.status_code == 403
    assert "115" not in answer.text


async def test_a_signed_delivery_is_stored_before_the_answer(whatsapp: httpx.AsyncClient, sessions: Sessions) -> None:
    assert (await deliver(whatsapp, TEXT)).status_code == 200
    assert await count(sessions) == 1


@pytest.mark.parametrize("name", sorted(path.stem for path in RECORDED.glob("*.json")))
async def test_every_recorded_body_is_accepted(whatsapp: httpx.AsyncClient, name: str) -> None:
    assert (await deliver(whatsapp, (RECORDED / f"{name}.json").read_bytes())).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"sha256=",
        b"sha256=" + b"0" * 64,
        b"sha256=\xff\xfe",
        "sha256=è".encode(),
        b"sha1=" + b"0" * 40,
        sign(TEXT, "other")["X-Hub-Signature-256"].encode(),
        sign(TEXT)["X-Hub-Signature-256"].upper().encode(),
    ],
)
async def test_a_wrong_signature_is_refused_and_nothing_stored(
    whatsapp: httpx.AsyncClient, sessions: Sessions, header: bytes | None
) -> None:
    headers = [] if header is None else [(b"X-Hub-Signature-256", header)]
    answer = await whatsapp.post("/webhook", content=TEXT, headers=headers)
    assert answer.status_code == 401
    assert await count(sessions) == 0


@pytest.mark.parametrize("body", [b"", b"hello", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"object":null}', b"NaN"])
async def test_a_signed_body_that_is_not_metas_is_a_bad_request(whatsapp: httpx.AsyncClient, body: bytes) -> None:
    assert (await deliver(whatsapp, body)).status_code == 400


async def test_a_body_of_three_megabytes_is_taken(whatsapp: httpx.AsyncClient, sessions: Sessions) -> None:
    assert (await deliver(whatsapp, TEXT + b" " * (meta.MAX_BODY - len(TEXT)))).status_code == 200
    assert await count(sessions) == 1


async def test_a_larger_body_is_refused(whatsapp: httpx.AsyncClient, sessions: Sessions) -> None:
    assert (await deliver(whatsapp, TEXT + b" " * (meta.MAX_BODY - len(TEXT) + 1))).status_code == 413
    assert await count(sessions) == 0


async def test_an_endless_body_is_cut_off(whatsapp: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * meta.MAX_BODY:
            sent += 65536
            yield b" " * 65536

    with contextlib.suppress(httpx.WriteError, httpx.ReadError):
        assert (await whatsapp.post("/webhook", content=endless())).status_code == 413
    assert sent < 10 * meta.MAX_BODY


async def test_other_methods_are_not_allowed(whatsapp: httpx.AsyncClient) -> None:
    answer = await whatsapp.put("/webhook", content=TEXT)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")


async def test_any_other_path_is_fastapis(whatsapp: httpx.AsyncClient) -> None:
    assert (await whatsapp.post("/webhook/", content=TEXT, headers=sign(TEXT))).status_code == 404


async def test_concurrent_deliveries_are_all_stored_once(whatsapp: httpx.AsyncClient, sessions: Sessions) -> None:
    bodies = [text_from(f"39333{number % 20:07}", f"w{number % 150}") for number in range(300)]
    answers = await asyncio.gather(*(deliver(whatsapp, body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert (await count(sessions), await count(sessions, "contact")) == (150, 20)


@pytest.mark.parametrize("database", ["dead_server", "silent_server"])
async def test_without_a_store_meta_is_asked_to_deliver_again(
    settings: Settings, database: str, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_engine(request.getfixturevalue(database))
    async with serve(open_sessions(engine), settings) as client:
        started = time.monotonic()
        answers = await asyncio.gather(*(deliver(client, text_from("393330000001", f"w{n}")) for n in range(5)))
        assert {answer.status_code for answer in answers} == {503}
        assert time.monotonic() - started < 10
    await engine.dispose()
    assert "not stored" in caplog.text
    assert "393330000001" not in caplog.text


@pytest_asyncio.fixture
async def refusing_store(sessions: Sessions) -> AsyncIterator[None]:
    """A store that refuses one text, as a fault in our own SQL would."""
    function = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''poison %'', NEW.text; END'"
    trigger = "CREATE TRIGGER refuse BEFORE INSERT ON message FOR EACH ROW WHEN (NEW.text = 'poison') EXECUTE FUNCTION refuse()"
    async with sessions.begin() as session:
        await session.execute(text(function))
        await session.execute(text(trigger))
    yield
    async with sessions.begin() as session:
        await session.execute(text("DROP FUNCTION refuse() CASCADE"))


@pytest.mark.usefixtures("refusing_store")
async def test_a_delivery_that_cannot_be_stored_fails_no_other(
    whatsapp: httpx.AsyncClient, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    bodies = [text_from(f"3933300{n:05}", f"w{n}", "poison" if n == 20 else "ciao") for n in range(40)]
    answers = await asyncio.gather(*(deliver(whatsapp, body) for body in bodies))
    assert [answer.status_code for answer in answers] == [503 if n == 20 else 200 for n in range(40)]
    assert (await count(sessions), await count(sessions, "contact")) == (39, 39)
    assert "poison" not in caplog.text


async def test_a_lost_connection_is_replaced_within_the_request(
    whatsapp: httpx.AsyncClient, sessions: Sessions, engine: AsyncEngine
) -> None:
    assert (await deliver(whatsapp, text_from("393330000001", "w1"))).status_code == 200
    async with sessions() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user"
            )
        )
    assert (await deliver(whatsapp, text_from("393330000001", "w2"))).status_code == 200
    assert await count(sessions) == 2
    await engine.dispose()  # the connections nobody used since are still the lost ones


async def test_good_parts_of_a_partly_broken_delivery_are_stored(
    whatsapp: httpx.AsyncClient, sessions: Sessions
) -> None:
    body = json.loads(TEXT)
    messages = body["entry"][0]["changes"][0]["value"]["messages"]
    messages[:] = [None, {"id": []}, *messages, {"from": 1.5}]
    body["entry"] += [7, {"changes": [None]}]
    assert (await deliver(whatsapp, json.dumps(body).encode())).status_code == 200
    assert await count(sessions) == 1


@hypothesis_settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.sampled_from(BODIES), seed=st.integers(0, 2**32), extra=ANY_JSON)
async def test_no_broken_body_ever_fails_the_server(
    whatsapp: httpx.AsyncClient, sessions: Sessions, body: dict[str, Any], seed: int, extra: Any
) -> None:
    raw = json.dumps(break_body(body, seed, extra)).encode()
    answer = await deliver(whatsapp, raw)
    try:
        updates = parse_webhook(raw)
    except ParseError:
        assert answer.status_code == 400
        return
    assert answer.status_code == 200
    wamids = [update.wamid for update in updates if isinstance(update, InboundMessage) and not is_foreign(update)]
    async with sessions() as session:
        query = text("SELECT count(DISTINCT wamid) FROM message WHERE wamid = ANY(CAST(:wamids AS text[]))")
        assert (await session.execute(query, {"wamids": wamids})).scalar_one() == len(set(wamids))


def is_foreign(message: InboundMessage) -> bool:
    return message.phone_number_id not in ("", "900")
