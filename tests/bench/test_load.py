from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import uvicorn

from bench.load import Job, LoadError, build_request, read_answer, schedule, send, spread

ANSWER = b"HTTP/1.1 200 OK\r\nserver: x\r\ncontent-length: 4\r\n\r\ndone"


def test_an_answer_is_read_once_it_is_whole() -> None:
    for end in range(len(ANSWER)):
        assert read_answer(ANSWER[:end]) is None
    assert read_answer(ANSWER) == (200, b"done")


def test_an_answer_without_length_is_an_error() -> None:
    with pytest.raises(LoadError, match="Content-Length"):
        read_answer(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")


def test_a_request_tells_its_length_in_bytes() -> None:
    request = build_request("/webhook", "è".encode(), {"X-Key": "1"})
    assert request.startswith(b"POST /webhook HTTP/1.1\r\n")
    assert b"Content-Length: 2\r\n" in request
    assert request.endswith(b"X-Key: 1\r\n\r\n\xc3\xa8")


def test_requests_are_dealt_over_the_connections() -> None:
    assert spread([b"1", b"2", b"3"], 2) == [[b"1", b"3"], [b"2"]]


def test_a_steady_rate_is_evenly_spaced_and_ends_in_time() -> None:
    job = Job(0, spread([b"1", b"2", b"3", b"4"], 2), rate=10, seconds=0.3)
    assert list(schedule(job, 5.0)) == [(5.0, b"1"), (5.1, b"2"), (5.2, b"3")]


async def answer_with_path(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """/418 is answered with status 418, and so on."""
    status = int(scope["path"].strip("/"))
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(answer_with_path, log_level="critical", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = server.force_exit = True
    await task
    listener.close()


async def test_every_request_is_sent_once_and_its_answer_counted(port: int) -> None:
    requests = [build_request("/200", b"{}")] * 30 + [build_request("/418", b"{}")] * 3
    outcome = await send(Job(port, spread(requests, 4)))
    assert outcome.statuses == {200: 30, 418: 3}
    assert outcome.bodies == [b"ok"] * 33
    assert len(outcome.latencies) == 33


async def test_a_steady_rate_takes_its_time(port: int) -> None:
    outcome = await send(Job(port, spread([build_request("/200", b"{}")] * 11, 2), rate=50))
    assert outcome.statuses == {200: 11}
    assert outcome.seconds >= 0.2


async def test_the_load_ends_after_its_seconds(port: int) -> None:
    outcome = await send(Job(port, [[build_request("/200", b"{}")] * 100_000], seconds=0.05))
    assert 0 < len(outcome.latencies) < 100_000


async def test_a_server_that_hangs_up_is_an_error() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        with pytest.raises(LoadError, match="connection lost"):
            await send(Job(server.sockets[0].getsockname()[1], [[build_request("/", b"")]]))
