"""The load generator: raw requests over keep-alive connections, sent from a process of its own."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, zip_longest
from multiprocessing import get_context
from typing import cast

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ANSWER_SECONDS = 60


class LoadError(Exception):
    """The server closed the connection, or answered in a way this small client does not read."""


@dataclass(frozen=True)
class Job:
    """What to send to a port on loopback.

    lanes: raw requests; each lane has one connection and sends its requests in order, the next after the answer.
    rate: requests per second over all lanes, evenly spaced; None: as fast as the answers come.
    seconds: stop then, even if requests are left.
    """

    port: int
    lanes: list[list[bytes]]
    rate: float | None = None
    seconds: float | None = None


@dataclass
class Outcome:
    """What came back. latencies in seconds; at a steady rate they count from when the request was due."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection with one request at a time."""

    def __init__(self) -> None:
        self.buffer = b""
        self.waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)  # uvloop's own class, no child of asyncio's

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        try:
            answer = read_answer(self.buffer)
        except LoadError as error:
            self.end(error)
            return
        if answer and self.waiting:
            self.buffer = b""
            self.waiting.set_result(answer)
            self.waiting = None

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(LoadError(f"connection lost: {exc}"))

    def end(self, error: LoadError) -> None:
        if self.waiting and not self.waiting.done():
            self.waiting.set_exception(error)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if self.transport is None or self.transport.is_closing():
            raise LoadError("connection lost")
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await asyncio.wait_for(self.waiting, ANSWER_SECONDS)


def read_answer(buffer: bytes) -> tuple[int, bytes] | None:
    """Status and body once the whole answer is there; raises LoadError without a Content-Length."""
    head, separator, body = buffer.partition(b"\r\n\r\n")
    if not separator:
        return None
    length = LENGTH.search(head)
    if not length:
        raise LoadError(f"no Content-Length: {head[:200]!r}")
    return (int(head[9:12]), body) if len(body) >= int(length[1]) else None


def build_request(path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A POST of a JSON body as it goes over the wire."""
    lines = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body))} | dict(
        headers or {}
    )
    head = "\r\n".join(f"{name}: {value}" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n\r\n".encode() + body


def spread(requests: list[bytes], connections: int) -> list[list[bytes]]:
    """The requests over so many lanes, dealt like cards."""
    return [requests[start::connections] for start in range(connections)]


def run_load(job: Job) -> Outcome:
    """Sends from a process of its own, so that the sending costs no process that is measured."""
    return open_pool().submit(send_here, job).result()


@cache
def open_pool() -> ProcessPoolExecutor:
    """The one process that sends; it starts with the first use and ends with the program."""
    return ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"))


def send_here(job: Job) -> Outcome:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(send(job))


async def send(job: Job) -> Outcome:
    """Opens a connection per lane and sends until the requests or the seconds are over."""
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(Connection, "127.0.0.1", job.port) for _ in job.lanes]
    connections = [protocol for _, protocol in opened]
    outcome = Outcome()
    begun = time.perf_counter()
    if job.rate is None:
        end = begun + job.seconds if job.seconds else float("inf")
        await asyncio.gather(
            *(send_in_order(c, lane, end, outcome) for c, lane in zip(connections, job.lanes, strict=True))
        )
    else:
        due = schedule(job, begun)
        await asyncio.gather(*(send_when_due(connection, due, outcome) for connection in connections))
    outcome.seconds = time.perf_counter() - begun
    for transport, _ in opened:
        transport.close()
    return outcome


def schedule(job: Job, begun: float) -> Iterator[tuple[float, bytes]]:
    """The requests with the time each is due, evenly spaced."""
    assert job.rate
    dealt = chain.from_iterable(zip_longest(*job.lanes))
    for number, request in enumerate(request for request in dealt if request is not None):
        if job.seconds and number >= job.seconds * job.rate:
            return
        yield begun + number / job.rate, request


async def send_in_order(connection: Connection, lane: list[bytes], end: float, outcome: Outcome) -> None:
    for request in lane:
        sent = time.perf_counter()
        if sent >= end:
            return
        note(outcome, await connection.ask(request), sent)


async def send_when_due(connection: Connection, due: Iterator[tuple[float, bytes]], outcome: Outcome) -> None:
    """Takes what is due next whenever free. Waiting for a free connection counts as latency."""
    for at, request in due:
        await asyncio.sleep(at - time.perf_counter())
        note(outcome, await connection.ask(request), at)


def note(outcome: Outcome, answer: tuple[int, bytes], since: float) -> None:
    status, body = answer
    outcome.latencies.append(time.perf_counter() - since)
    outcome.statuses[status] += 1
    outcome.bodies.append(body)
