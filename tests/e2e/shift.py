"""Agents at real pages and customers at their phones, and what must be true of a shift afterwards."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict
from dataclasses import dataclass, field

import httpx
from playwright.async_api import Browser, Page, expect

from tests.browser import open_browser
from tests.e2e.stack import PATIENCE as WAIT
from tests.e2e.stack import Stack

DOORS = {"agent": "Sofia", "agent-2": "Jonas"}  # of the demo
CUSTOMERS = 3
PATIENCE = 60_000  # milliseconds: a killed worker's turn is taken over after some beats
WISH = "voglio parlare con una persona"
numbers = itertools.count(39_020_777_0000)
DURING = """
    SELECT o.id, o.text FROM outbox o
    JOIN handoff h ON h.contact_id = o.contact_id AND o.created_at > h.opened_at AND o.created_at < h.closed_at
    JOIN contact c ON c.id = o.contact_id
    WHERE c.phone = ANY(%s) AND o.turn_id IS NOT NULL AND 't' || o.turn_id <> h.turn_key
"""


@dataclass
class Shift:
    """What was said, by customer in order. seen: what customers wrote, as pages showed it; done: finished handoffs."""

    phones: list[str]
    written: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    answered: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    seen: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    done: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def arrived(self, stack: Stack) -> dict[str, list[str]]:
        """What agents wrote and the sandbox took, by customer."""
        answer = httpx.get(f"{stack.settings.graph_url}/control/messages", params={"limit": 100_000}, timeout=WAIT)
        arrived: dict[str, list[str]] = defaultdict(list)
        for message in answer.raise_for_status().json()["messages"]:
            text, phone = message["body"].get("text", {}).get("body", ""), "+" + message["customer"].lstrip("+")
            if phone in self.phones and text.startswith("answer "):
                arrived[phone].append(text)
        return arrived

    def stored(self, stack: Stack) -> dict[str, list[str]]:
        """What the customers wrote to a person, as it is kept."""
        rows = stack.query(
            "SELECT c.phone, array_agg(m.text ORDER BY m.sent_at, m.id) FROM message m JOIN contact c"
            " ON c.id = m.contact_id WHERE c.phone = ANY(%s) AND m.text LIKE 'question %%' GROUP BY 1",
            self.phones,
        )
        return dict(rows)

    def count_handoffs(self, stack: Stack) -> tuple[int, int]:
        """All, and those still open."""
        rows = stack.query(
            "SELECT count(*), count(*) FILTER (WHERE closed_at IS NULL) FROM handoff h JOIN contact c"
            " ON c.id = h.contact_id WHERE c.phone = ANY(%s)",
            self.phones,
        )
        return int(rows[0][0]), int(rows[0][1])

    def find_words_of_the_assistant(self, stack: Stack) -> list[tuple[object, ...]]:
        """What it said while a person had the contact."""
        return stack.query(DURING, self.phones)


async def work_shift(stack: Stack, handoffs: int, kills: int) -> Shift:
    """Plays the shift; workers are killed, and started again, so many times spread over it."""
    shift = Shift([f"+{next(numbers)}" for _ in range(CUSTOMERS)])
    moments = [(number + 1) * handoffs // (kills + 1) for number in range(kills)]
    lanes = [range(first, handoffs, CUSTOMERS) for first in range(CUSTOMERS)]
    async with open_browser() as browser, httpx.AsyncClient(base_url=stack.settings.graph_url, timeout=WAIT) as sandbox:
        desks = [await open_desk(stack, browser, shift, door) for door in DOORS]
        locks = [asyncio.Lock() for _ in desks]

        async def live(lane: range, phone: str) -> None:
            for number in lane:
                place = number % len(desks)
                await ask_for_a_person(stack, sandbox, shift, phone)
                async with locks[place]:
                    name = list(DOORS.values())[place]
                    await meet(stack, sandbox, shift, desks[place], name, phone, number)
                shift.done.append(number)
                if len(shift.done) in moments:
                    await asyncio.to_thread(kill_worker, stack, moments.index(len(shift.done)))

        await asyncio.gather(*(live(lane, phone) for lane, phone in zip(lanes, shift.phones, strict=True)))
        await asyncio.to_thread(
            stack.wait_for, "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending', 'unknown')", 0
        )
    return shift


async def open_desk(stack: Stack, browser: Browser, shift: Shift, door: str) -> Page:
    url = stack.settings.public_url
    context = await browser.new_context(base_url=url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    await context.request.post(f"/enter/{door}", headers={"Origin": url})
    page = await context.new_page()
    page.on("pageerror", lambda error: shift.problems.append(str(error)))
    await page.goto("/inbox")
    await page.wait_for_function("window.did_handshake")
    return page


def kill_worker(stack: Stack, number: int) -> None:
    """kill -9 of one worker after the other, started again at once."""
    name = f"worker-{number % 2 + 1}"
    stack.kill(name)
    stack.start(name)


async def write(sandbox: httpx.AsyncClient, phone: str, text: str) -> None:
    (await sandbox.post("/control/inbound", json={"customer": phone, "text": text})).raise_for_status()


async def ask_for_a_person(stack: Stack, sandbox: httpx.AsyncClient, shift: Shift, phone: str) -> None:
    """The customer asks the assistant for a person, and waits until there is a handoff."""
    await write(sandbox, phone, WISH)
    sql = "SELECT count(*) FROM handoff h JOIN contact c ON c.id = h.contact_id WHERE closed_at IS NULL AND phone = %s"
    deadline = time.monotonic() + PATIENCE / 1000
    while not stack.query(sql, phone)[0][0]:
        assert time.monotonic() < deadline, f"{phone} never got a person"
        await asyncio.sleep(0.1)


async def meet(
    stack: Stack, sandbox: httpx.AsyncClient, shift: Shift, page: Page, name: str, phone: str, number: int
) -> None:
    """The agent takes the handoff by keyboard, answers twice with a question between, and closes it."""
    token = stack.query("SELECT token FROM contact WHERE phone = %s", phone)[0][0]
    await page.click(".view:has-text('Open')")
    await page.click(f".queue [data-token='{token}']")
    await expect(page.locator(".chat-head h2")).to_be_visible(timeout=PATIENCE)
    await page.wait_for_function("token => document.querySelector('.composer').dataset.contact === token", arg=token)
    await page.keyboard.press("t")
    await expect(page.locator(".about")).to_contain_text(f"assigned · {name}", timeout=PATIENCE)
    await answer(shift, page, phone, f"answer {number} first")
    question = f"question {number}"
    shift.written[phone].append(question)
    await write(sandbox, phone, question)
    shown = page.locator(".bubble.in", has_text=question).filter(has=page.locator(f"p.text:text-is('{question}')"))
    await expect(shown).to_have_count(1, timeout=PATIENCE)
    shift.seen[phone].append(question)
    await answer(shift, page, phone, f"answer {number} second")
    await expect(page.locator(".bubble.out", has_text=f"answer {number} second")).to_have_count(1)
    await page.keyboard.press("c")
    await page.locator("dialog.ask form button[type=submit]").click()
    await expect(page.locator(".about")).to_contain_text("closed", timeout=PATIENCE)


async def answer(shift: Shift, page: Page, phone: str, text: str) -> None:
    """Writes and sends by keyboard, and waits until it stands in the conversation."""
    await page.keyboard.press("r")
    await expect(page.locator("#reply")).to_be_focused()
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    shift.answered[phone].append(text)
    await expect(page.locator(".bubble.out", has_text=text)).to_have_count(1, timeout=PATIENCE)
    await page.keyboard.press("Escape")
