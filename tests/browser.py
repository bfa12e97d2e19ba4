"""The browser of the tests that look at pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright, expect

from tests.chromium import find_chromium

PATIENCE = 20_000  # milliseconds until a page must show what is expected; the machine may be busy


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A Chromium without a window."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser
        await browser.close()
