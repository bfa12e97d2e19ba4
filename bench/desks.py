"""Agents at the inbox, for measuring: pages without a browser that speak the pages' own protocol, and real ones."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import socketio  # type: ignore[import-untyped]
from playwright.async_api import Page, async_playwright

from accounts.audit import Actor
from accounts.people import create_account
from accounts.sessions import Lifetime, open_account_session
from bench.processes import BenchError
from core.db import open_engine, open_sessions
from core.types import Role
from tests.chromium import find_chromium
from tests.e2e.stack import Stack

MARK = re.compile(r"bench:(\d+):")
ELEMENTS = re.compile(r"String\.raw`(.*?)`\)?,", re.DOTALL)
CLIENT = re.compile(r"'client_id': '([0-9a-f-]+)'")
CLOCK_JS = """() => {
  window.seen = [];
  const mark = /bench:(\\d+):/g;
  const note = (node) => {
    const text = node.textContent ?? "";
    if (!text.includes("bench:")) return;
    const where = node.parentElement?.closest(".queue-list") || node.closest?.(".queue-list") ? "list" : "chat";
    const marks = [...text.matchAll(mark)].map((one) => Number(one[1]));
    requestAnimationFrame(() => marks.forEach((one) => window.seen.push([one, where, Date.now() / 1000])));
  };
  new MutationObserver((changes) => {
    for (const change of changes) change.addedNodes.forEach(note);
  }).observe(document.body, {childList: true, subtree: true});
}"""
HANDOFFS = """
    INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at, state, account_id, assigned_at, read_at)
    SELECT id, 'wish', 'bench:' || id, '{}', now(), 'assigned', (%(accounts)s::bigint[])[(place - 1) %% %(agents)s + 1],
           now(), now()
    FROM (SELECT id, row_number() OVER (ORDER BY phone) AS place FROM contact) AS numbered
"""


@dataclass
class Desk:
    """One agent's open page. seen: (mark, where) to the first moment it was there."""

    name: str
    token: str
    chat: str
    seen: dict[tuple[int, str], float] = field(default_factory=dict)
    client_id: str = ""
    listener: str = ""
    socket: socketio.AsyncClient = field(default_factory=lambda: socketio.AsyncClient(reconnection=False))

    async def open(self, url: str) -> None:
        """Loads the page and shakes hands, as the browser's part of it does."""
        headers = {"Cookie": f"pronto={self.token}", "Accept": "text/html", "Origin": url}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
            page = (await client.get("/inbox", params={"chat": self.chat})).raise_for_status().text
        elements, found = ELEMENTS.search(page), CLIENT.search(page)
        if elements is None or found is None:
            raise BenchError("the inbox page is not what this bench knows")
        self.client_id = found[1]
        events = json.loads(elements[1])["0"]["events"]
        self.listener = next(one["listener_id"] for one in events if one["type"] == "inboxSend")
        self.socket.on("*", self.hear)
        wishes = f"client_id={self.client_id}&tab_id={self.name}&document_id={self.name}"
        await self.socket.connect(
            f"{url}?{wishes}&next_message_id=0&implicit_handshake=true",
            headers=headers,
            transports=["websocket"],
            socketio_path="/_nicegui_ws/socket.io",
        )

    def hear(self, event: str, data: Any) -> None:
        """Notes every mark the page would show; the list is changed by a script, the conversation by elements."""
        text, now = str(data), time.time()
        where = "list" if event == "run_javascript" else "chat"
        for mark in MARK.findall(text):
            self.seen.setdefault((int(mark), where), now)

    async def reply(self, text: str, key: str) -> None:
        args = [json.dumps({"token": self.chat, "text": text, "key": key, "mode": "reply"})]
        await self.socket.emit(
            "event", {"id": 0, "client_id": self.client_id, "listener_id": self.listener, "args": args}
        )


async def seat_agents(stack: Stack, agents: int) -> list[Desk]:
    """So many accounts, logged in, with everybody who wrote dealt among them; each desk has its first one open."""
    engine = open_engine(stack.settings.database_url)
    secret, now = stack.settings.secret_key.get_secret_value(), datetime.now(UTC)
    lifetime = Lifetime(idle=timedelta(hours=2), whole=timedelta(hours=12))
    accounts, tokens = [], []
    async with open_sessions(engine).begin() as session:
        for number in range(agents):
            email, actor = f"agent{number}@example.org", Actor(None, "bench")
            accounts.append(await create_account(session, email, f"Agent {number}", Role.AGENT, None, actor, now))
            tokens.append(
                await open_account_session(session, accounts[-1], secret, "127.0.0.1", "bench", now, lifetime)
            )
    await engine.dispose()
    with psycopg.connect(stack.settings.database_url) as connection:
        connection.execute(HANDOFFS, {"accounts": accounts, "agents": agents})
        chats = connection.execute("SELECT token FROM contact ORDER BY phone LIMIT %s", [agents]).fetchall()
        connection.execute("ANALYZE")
    return [Desk(f"d{place}", token, chats[place][0]) for place, token in enumerate(tokens)]


@asynccontextmanager
async def open_pages(stack: Stack, desks: list[Desk]) -> AsyncIterator[list[Page]]:
    """Real pages in Chromium; what they saw lands in their desks at the end."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        pages = []
        for desk in desks:
            context = await browser.new_context(base_url=stack.settings.public_url)
            await context.add_cookies([{"name": "pronto", "value": desk.token, "url": stack.settings.public_url}])
            page = await context.new_page()
            await page.goto(f"/inbox?chat={desk.chat}")
            await page.wait_for_function("window.did_handshake")
            await page.evaluate(CLOCK_JS)
            pages.append(page)
        yield pages
        for desk, page in zip(desks, pages, strict=True):
            for mark, where, at in await page.evaluate("window.seen"):
                desk.seen.setdefault((mark, where), at)
        await browser.close()


async def time_paints(stack: Stack, desk: Desk, rounds: int) -> dict[str, list[float]]:
    """Milliseconds from asking for a page to its first paint with something on it, by path, in fresh browsers."""
    paints: dict[str, list[float]] = {path: [] for path in ("/inbox", f"/inbox?chat={desk.chat}", "/inbox/numbers")}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for path in list(paints) * rounds:
            context = await browser.new_context(base_url=stack.settings.public_url)
            await context.add_cookies([{"name": "pronto", "value": desk.token, "url": stack.settings.public_url}])
            page = await context.new_page()
            await page.goto(path)
            await page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            entry = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            paints[path].append(float(entry))
            await context.close()
        await browser.close()
    return paints
