"""The real web app as a process of its own, a browser, and people logged in to it."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request

from core.db import Sessions
from core.postgres import free_port
from core.settings import Settings
from tests.browser import PATIENCE, open_browser

PRONTO = "from webhook.cli import app; app()"
# axe-core 4.14.1 by Deque Systems, Mozilla Public License 2.0 (axe-LICENSE.txt), unchanged but packed.
AXE = gzip.decompress(Path(__file__).with_name("axe-4.14.1.min.js.gz").read_bytes()).decode()


@dataclass
class Web:
    """The web app at url."""

    url: str
    port: int
    environment: dict[str, str]
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = (sys.executable, "-c", PRONTO, "serve", "--port", str(self.port))
        self.process = await asyncio.create_subprocess_exec(*command, env=self.environment)
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            while True:
                assert self.process.returncode is None, "the web app ended"
                try:
                    await client.get("/healthz")
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                else:
                    return

    async def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process:
            self.process.send_signal(number)
            await self.process.wait()


@dataclass
class People:
    """Opens pages as somebody. problems: what went wrong in any of them; foreign: requests to anywhere else."""

    browser: Browser
    web: Web
    problems: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def open(self, path: str, key: str = "", **options: Any) -> Page:
        """A page in a browser of its own; key: enters the demo by this door first."""
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options
        context = await self.browser.new_context(base_url=self.web.url, **options)
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self.problems.append(line.text) if "Content Security" in line.text else None)
        page.on("request", self.note_foreign)
        page.on("websocket", lambda socket: self.note_address(socket.url))
        if key:
            await context.request.post(f"/enter/{key}", headers={"Origin": self.web.url})
        await page.goto(path)
        return page

    def note_foreign(self, request: Request) -> None:
        self.note_address(request.url)

    def note_address(self, url: str) -> None:
        if not url.startswith((self.web.url, self.web.url.replace("http", "ws", 1), "data:", "blob:")):
            self.foreign.append(url)


@pytest_asyncio.fixture(scope="session")
async def web(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Web]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    home = tmp_path_factory.mktemp("web")
    settings = Settings(demo=True, database_url=postgres_url, data_dir=home, public_url=url, phone_number_id="900")
    web = Web(url, port, {**os.environ, **settings.as_environment()})
    await web.start()
    yield web
    await web.stop()


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture
async def people(browser: Browser, web: Web, sessions: Sessions) -> AsyncIterator[People]:
    """People at a store that is empty but for the catalogue."""
    people = People(browser, web)
    yield people
    for context in people.contexts:
        await context.close()
    assert people.problems == []
    assert people.foreign == []


@pytest_asyncio.fixture
async def client(web: Web, sessions: Sessions) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a screen: cookies, Origin, no redirects followed."""
    headers = {"Origin": web.url, "Accept": "text/html", "Accept-Language": "en"}
    async with httpx.AsyncClient(base_url=web.url, headers=headers, trust_env=False, timeout=30) as client:
        yield client


async def find_barriers(page: Page) -> list[str]:
    """axe-core's serious and critical findings."""
    await page.evaluate(AXE)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes']]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@asynccontextmanager
async def reloading(page: Page) -> AsyncIterator[None]:
    """What happens inside makes the page load anew."""
    async with page.expect_navigation(wait_until="load"):
        yield
