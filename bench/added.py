"""What Pronto adds to a turn beside Rasa: from the webhook posted to the request at WhatsApp."""

from __future__ import annotations

import asyncio
import math
import time
from itertools import count
from statistics import median

import httpx

from bench.conversations import TALKS, make_contacts, talk_to_pronto
from bench.figures import Figure, Plan, bound, percentile
from bench.load import Connection, build_request
from bench.processes import BenchError, running_stack
from tests.e2e.stack import Stack, text_webhook

CONTACTS = 20  # per round
PATIENCE = 20  # seconds for the last reply
GAP = 0.3  # seconds between two messages: nothing ever waits for something else
WARM, MEASURED = TALKS["it"][:2]


def measure_added(plan: Plan) -> list[Figure]:
    """One message at a time, through everything and to Rasa's channel alone, in turns."""
    whole: list[float] = []
    channel: list[float] = []
    with running_stack("sandbox", "web", "rasa", "worker", burst_seconds=0) as stack:
        talks = talk_to_pronto(stack, make_contacts(stack, CONTACTS), "a")
        for number in range(plan.rounds):
            whole += asyncio.run(time_whole(stack, number))
            turns = [next(talks) for _ in range(CONTACTS)]
            channel += asyncio.run(time_channel(stack, turns))
    added = median(whole) - median(channel)
    return [
        bound("added by everything but Rasa, median", added, "ms", below=15),
        bound("webhook posted to reply at WhatsApp, median", median(whole), "ms"),
        bound("webhook posted to reply at WhatsApp, p95", percentile(whole, 0.95), "ms"),
        bound("Rasa's channel with its actions, median", median(channel), "ms"),
    ]


async def time_whole(stack: Stack, number: int) -> list[float]:
    """Milliseconds from posting each webhook to the moment the sandbox took the reply."""
    connection = await connect(stack.ports["web"])
    phones = [f"39336{number:03}{contact:04}" for contact in range(CONTACTS)]
    wamids = (f"wamid.added{number}.{place}" for place in count())
    posted = {}
    for text in (WARM, MEASURED):
        for phone in phones:
            body = text_webhook(next(wamids), phone, text, int(time.time()))
            request = build_request("/webhook", body, stack.sign(body))
            posted[phone] = time.time()
            await connection.ask(request)
            await asyncio.sleep(GAP)
    taken = await wait_for_replies(stack, posted)
    return [1000 * (taken[phone] - posted[phone]) for phone in phones]


async def wait_for_replies(stack: Stack, posted: dict[str, float]) -> dict[str, float]:
    """When the sandbox took the reply to what was posted last, by customer."""
    deadline = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(base_url=stack.settings.graph_url) as sandbox:
        while time.monotonic() < deadline:
            await asyncio.sleep(1)
            answer = await sandbox.get("/control/messages", params={"limit": 100_000})
            sent = reversed(answer.raise_for_status().json()["messages"])
            taken = {one["customer"]: one["at"] for one in sent if one["at"] >= posted.get(one["customer"], math.inf)}
            if len(taken) == len(posted):
                return taken
    raise BenchError(f"{len(posted) - len(taken)} of {len(posted)} messages got no reply within {PATIENCE} s")


async def time_channel(stack: Stack, talks: list[list[bytes]]) -> list[float]:
    """Milliseconds of the same message's turn, asked of Rasa directly."""
    connection = await connect(stack.ports["rasa"])
    times = []
    for place in (0, 1):
        for turns in talks:
            begun = time.perf_counter()
            await connection.ask(turns[place])
            if place == 1:
                times.append(1000 * (time.perf_counter() - begun))
            await asyncio.sleep(GAP)
    return times


async def connect(port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection
