"""How soon agents see what customers write, with fifty at work, and how soon what they answer is at WhatsApp."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

import httpx
import psycopg

from bench.added import connect
from bench.desks import MARK, Desk, open_pages, seat_agents, time_paints
from bench.figures import Figure, Plan, bound, percentile
from bench.load import build_request
from bench.outbox import settle
from bench.processes import BenchError, cpu_seconds, pid_of, running_stack
from tests.e2e.stack import PHONE_NUMBER_ID, Stack, text_webhook

AGENTS = 50
IN_CHROMIUM = 2  # of them real browsers; more would measure Chromium's own load
CUSTOMERS = 1000
RATE = 20  # messages per second
REPLIES = 4  # answers of agents per second, beside the messages
PATIENCE = 10
GOAL = 300  # milliseconds
PAINT = 1000


def measure_inbox(plan: Plan) -> list[Figure]:
    """Customers write at a steady rate while agents answer, twice as long as a round; every message is awaited."""
    with running_stack("sandbox", "web", send_rate=1000, burst_seconds=0) as stack:
        phones = [f"39335{number:07}" for number in range(CUSTOMERS)]
        with httpx.Client(base_url=stack.settings.graph_url, timeout=60) as sandbox:
            greetings = [{"customer": phone, "text": "Ciao"} for phone in phones]
            sandbox.post("/control/inbound", json=greetings).raise_for_status()
            settle(sandbox)
        stack.wait_for("SELECT count(*) FROM message", CUSTOMERS)
        with psycopg.connect(stack.settings.database_url) as connection:
            connection.execute("UPDATE lane SET ready_at = NULL, waiting_since = NULL")
            number = "INSERT INTO sender (phone_number_id) VALUES (%s) ON CONFLICT DO NOTHING"
            connection.execute(number, [PHONE_NUMBER_ID])
        return asyncio.run(measure_desks(stack, phones, 2 * plan.seconds * plan.rounds))


async def measure_desks(stack: Stack, phones: list[str], seconds: float) -> list[Figure]:
    desks = await seat_agents(stack, AGENTS)
    stack.start("worker")
    real, light = desks[:IN_CHROMIUM], desks[IN_CHROMIUM:]
    async with AsyncExitStack() as opened:
        for desk in light:
            await desk.open(stack.settings.public_url)
            opened.push_async_callback(desk.socket.disconnect)
        async with open_pages(stack, real):
            await write_some(stack, desks, phones, 2, -1000)  # warm
            used, begun = cpu_seconds(pid_of(stack, "web")), time.monotonic()
            posted, answered = await write_some(stack, desks, phones, seconds, 0)
            used = (cpu_seconds(pid_of(stack, "web")) - used) / (time.monotonic() - begun)
            await asyncio.sleep(1)
            taken = await find_taken(stack, answered)
            await wait_until_seen(light, posted)
        chats, lists = find_delays(desks, posted), find_delays(desks, posted, "list")
        browsers = find_delays(real, {mark: at for mark, at in posted.items() if desk_of(mark) < IN_CHROMIUM})
    paints = [one for times in (await time_paints(stack, real[0], 3)).values() for one in times]
    replies = [1000 * (taken[mark] - at) for mark, at in answered.items()]
    return [
        *(show("message in the open conversation", chats, share) for share in (0.5, 0.95)),
        *(show("message in the list", lists, share) for share in (0.5, 0.95)),
        show("message painted in Chromium", browsers, 0.95),
        *(show("answer at the Graph API", replies, share) for share in (0.5, 0.95)),
        bound("slowest first paint of an inbox page", max(paints), "ms", below=PAINT),
        bound("CPU of the web app, of one core", 100 * used, "%"),
    ]


def show(what: str, values: Sequence[float], share: float) -> Figure:
    below = GOAL if share == 0.95 else None
    return bound(f"{what}, p{share * 100:.0f}", percentile(values, share), "ms", below=below)


def desk_of(mark: int) -> int:
    """Whose customer a message comes from: even marks from the open conversation, odd ones from another."""
    return (mark // 2) % AGENTS


async def write_some(
    stack: Stack, desks: list[Desk], phones: list[str], seconds: float, first: int
) -> tuple[dict[int, float], dict[int, float]]:
    """Customers write and agents answer; when each message was posted, and when each answer was sent, by its mark."""
    connection = await connect(stack.ports["web"])
    posted: dict[int, float] = {}
    answered: dict[int, float] = {}
    begun = time.time()
    for count in range(int(seconds * RATE)):
        mark = count + abs(first)
        await asyncio.sleep(begun + count / RATE - time.time())
        place = desk_of(mark) + (0 if mark % 2 == 0 else AGENTS * (1 + mark % 7))
        body = text_webhook(f"wamid.inbox{mark}", phones[place], f"bench:{mark}: quando?", int(time.time()))
        request = build_request("/webhook", body, stack.sign(body))
        posted[mark] = time.time()
        status, _ = await connection.ask(request)
        if status != 200:
            raise BenchError(f"a webhook was answered with {status}")
        if count % (RATE // REPLIES) == 0:
            desk = desks[IN_CHROMIUM + (mark // 5) % (AGENTS - IN_CHROMIUM)]
            answer = 100_000 + mark
            answered[answer] = time.time()
            await desk.reply(f"bench:{answer}: subito", f"k{answer}")
    return posted, answered


async def wait_until_seen(desks: list[Desk], posted: dict[int, float]) -> None:
    """Raises BenchError if a message was never shown."""
    seats = {desk.name: desk for desk in desks}
    wanted = [(mark, seats.get(f"d{desk_of(mark)}")) for mark in posted]
    deadline = time.monotonic() + PATIENCE
    while missing := [mark for mark, desk in wanted if desk and (mark, "list") not in desk.seen and mark % 2]:
        if time.monotonic() > deadline:
            raise BenchError(f"{len(missing)} messages were never shown in a list, such as {missing[:3]}")
        await asyncio.sleep(0.1)


def find_delays(desks: list[Desk], posted: dict[int, float], where: str = "chat") -> list[float]:
    """Milliseconds from posting to showing, in the page of whose customer it is.

    An open conversation must show each message; in a list a newer one may take its place before it is drawn.
    """
    delays = []
    seats = {desk.name: desk for desk in desks}
    for mark, at in posted.items():
        desk = seats.get(f"d{desk_of(mark)}")
        if desk is None or (where == "chat") != (mark % 2 == 0):
            continue
        shown = desk.seen.get((mark, where))
        if shown is None:
            raise BenchError(f"message {mark} was never shown in the {where} of {desk.name}")
        delays.append(1000 * (shown - at))
    return delays


async def find_taken(stack: Stack, answered: dict[int, float]) -> dict[int, float]:
    """When the sandbox took each answer."""
    deadline = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(base_url=stack.settings.graph_url, timeout=30) as sandbox:
        while time.monotonic() < deadline:
            answer = await sandbox.get("/control/messages", params={"limit": 100_000})
            taken = {}
            for one in answer.raise_for_status().json()["messages"]:
                found = MARK.search(str(one["body"]))
                if found and int(found[1]) in answered:
                    taken[int(found[1])] = one["at"]
            if len(taken) == len(answered):
                return taken
            await asyncio.sleep(0.3)
    raise BenchError(f"{len(answered) - len(taken)} answers of agents never came to WhatsApp")
