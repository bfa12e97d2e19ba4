"""How fast one worker empties the outbox into the sandbox, beside bare HTTP posts without a store."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import Any

import httpx
import orjson
import psycopg
from psycopg.types.json import Jsonb

from bench.figures import Figure, Plan, bound, compare
from bench.load import open_pool
from bench.processes import BenchError, cpu_seconds, pid_of, running_stack
from core.types import Language, Outbound
from tests.e2e.stack import PHONE_NUMBER_ID, Stack
from whatsapp.payload import build_payloads

CONTACTS = 2000
MESSAGES = 5000  # per round; WhatsApp's pair limit (45 at once) is kept
SEND_RATE = 1000  # the highest that Meta grants a number
CONCURRENCY = 64
PATIENCE = 180
TEXT = "Ecco le due offerte migliori per te. Quale preferisci?"
QUEUE = """
    INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, due_at, created_at)
    SELECT c.id, %(number)s, 'bench:' || %(round)s || ':' || n, gen_random_uuid()::text, 'reply', 'service',
           %(body)s, %(text)s, clock_timestamp(), clock_timestamp()
    FROM generate_series(1, %(messages)s) AS n
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM contact) AS c ON c.place = n %% %(contacts)s + 1
"""


def measure_outbox(plan: Plan) -> list[Figure]:
    """Rounds of MESSAGES sends, worker and bare posts in turns. Statuses come back to the web app all the while."""
    rates, bare, costs, settled = [], [], [], []
    with (
        running_stack("sandbox", "web", send_rate=SEND_RATE) as stack,
        httpx.Client(base_url=stack.settings.graph_url, timeout=PATIENCE) as sandbox,
    ):
        sandbox.patch("/control/config", json={"throughput": 0}).raise_for_status()
        make_contacts(stack, sandbox)
        stack.start("worker")
        for number in range(plan.rounds):
            before = cpu_seconds(pid_of(stack, "worker"))
            rate, whole = send_with_worker(stack, sandbox, number)
            rates.append(rate)
            settled.append(whole)
            costs.append(1000 * (cpu_seconds(pid_of(stack, "worker")) - before) / MESSAGES)
            bare.append(send_bare(stack, sandbox))
    line = compare("messages sent by one worker", rates, bare, "/s")
    goal = bound("", median(rates), "/s", above=500)
    return [
        Figure(line.what, line.pronto, "/s", line.yardstick, line.ratio, goal.goal, goal.met),
        bound("... until every status is stored too", median(settled), "/s"),
        bound("CPU of the worker per message", median(costs), "ms"),
    ]


def make_contacts(stack: Stack, sandbox: httpx.Client) -> None:
    """Every customer writes once, so that the window is open; nobody is to answer, so the lanes are cleared."""
    phones = [f"39334{number:07}" for number in range(CONTACTS)]
    sandbox.post("/control/inbound", json=[{"customer": phone, "text": "Ciao"} for phone in phones]).raise_for_status()
    settle(sandbox)
    stack.wait_for("SELECT count(*) FROM message", CONTACTS)
    with psycopg.connect(stack.settings.database_url) as connection:
        connection.execute("UPDATE lane SET ready_at = NULL, waiting_since = NULL")
        connection.execute("INSERT INTO sender (phone_number_id) VALUES (%s) ON CONFLICT DO NOTHING", [PHONE_NUMBER_ID])


def send_with_worker(stack: Stack, sandbox: httpx.Client, number: int) -> tuple[float, float]:
    """Sends per second as the sandbox saw them, and counted until the last status is stored."""
    done = count_accepted(sandbox)
    values = {"number": PHONE_NUMBER_ID, "round": number, "text": TEXT, "messages": MESSAGES, "contacts": CONTACTS}
    values["body"] = Jsonb(build_payloads(Outbound(text=TEXT), Language.IT)[0].body)
    begun = time.monotonic()
    with psycopg.connect(stack.settings.database_url) as connection:
        connection.execute(QUEUE, values)
        connection.execute("SELECT pg_notify('outbox', '')")
    stack.wait_for("SELECT count(*) FROM outbox WHERE state = 'queued'", 0, seconds=PATIENCE)
    settle(sandbox)
    stack.wait_for("SELECT count(*) FROM outbox WHERE state <> 'delivered'", 0, seconds=PATIENCE)
    whole = time.monotonic() - begun
    answer = sandbox.get("/control/messages", params={"since": done, "limit": 2 * MESSAGES}).raise_for_status().json()
    times = [message["at"] for message in answer["messages"]]
    if len(times) != MESSAGES:
        raise BenchError(f"{MESSAGES} messages were queued, the sandbox accepted {len(times)}")
    return len(times) / (max(times) - min(times)), MESSAGES / whole


def send_bare(stack: Stack, sandbox: httpx.Client) -> float:
    """The yardstick from a process of its own; sends per second."""
    token = stack.settings.access_token.get_secret_value()
    url = f"{stack.settings.graph_url}/{stack.settings.graph_version}/{PHONE_NUMBER_ID}/messages"
    rate = open_pool().submit(post_all, url, token).result()
    settle(sandbox)
    return rate


def post_all(url: str, token: str) -> float:
    return asyncio.run(post_side_by_side(url, token))


async def post_side_by_side(url: str, token: str) -> float:
    """CONCURRENCY loops with a connection each: the quickest way to post with httpx, whose shared pool is slow."""
    numbers = iter(range(MESSAGES))
    payload = build_payloads(Outbound(text=TEXT), Language.IT)[0].body
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def post_on() -> None:
        async with httpx.AsyncHTTPTransport() as transport:
            for number in numbers:
                body: dict[str, Any] = {**payload, "to": f"+39334{number % CONTACTS:07}"}
                request = httpx.Request("POST", url, headers=headers, content=orjson.dumps(body))
                response = await transport.handle_async_request(request)
                await response.aread()
                if response.status_code != 200:
                    raise BenchError(f"a bare post was answered with {response.status_code}: {response.text[:200]}")

    begun = time.perf_counter()
    await asyncio.gather(*(post_on() for _ in range(CONCURRENCY)))
    return MESSAGES / (time.perf_counter() - begun)


def settle(sandbox: httpx.Client) -> None:
    """Waits until every webhook has reached the web app."""
    if not sandbox.post(f"/control/webhook/settle?seconds={PATIENCE}").raise_for_status().json()["settled"]:
        raise BenchError("the sandbox could not deliver its webhooks")


def count_accepted(sandbox: httpx.Client) -> int:
    total: int = sandbox.get("/control/messages", params={"limit": 1}).raise_for_status().json()["total"]
    return total
