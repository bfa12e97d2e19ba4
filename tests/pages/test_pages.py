"""The frame and the pages about accounts, in a real browser."""

from __future__ import annotations

import asyncio
import re
import signal
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor
from accounts.people import create_account
from core.tables import Account, AccountSession
from core.types import Role
from pages.room import read_time
from tests.pages.conftest import People, Web, find_barriers, reloading

CSS = Path("pages/look/page.css").read_text(encoding="utf-8")
PATHS = ("/account", "/people", "/audit", "/nothing-here")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
async def test_pages_have_no_barriers_and_fit(people: People, width: int, scheme: str) -> None:
    page = await people.open("/login", viewport={"width": width, "height": 740}, color_scheme=scheme, locale="de-DE")
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    assert await find_barriers(page) == []
    await page.click("form[action='/enter/admin'] button")
    for path in PATHS:
        await page.goto(path)
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        await expect(page.locator("h1")).to_be_visible()
        assert await find_barriers(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_the_navigation_follows_the_role(people: People) -> None:
    page = await people.open("/people", "marketer")
    await expect(page.locator("h1")).to_have_text("Not for your role")
    await expect(page.locator("nav a[href='/people']")).to_have_count(0)
    admin = await people.open("/account", "admin")
    await admin.click("nav a[href='/people']")
    await expect(admin.locator("nav a[href='/people']")).to_have_attribute("aria-current", "page")
    await expect(admin.locator("[role=note]")).to_contain_text("Demo")


async def test_the_keyboard_is_enough(people: People) -> None:
    page = await people.open("/account", "admin")
    await page.wait_for_function("window.did_handshake")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#keys")).to_be_hidden()
    async with reloading(page):
        await page.keyboard.type("ga")
    await expect(page.locator("h1")).to_have_text("Audit log")
    await page.keyboard.press("/")
    await expect(page.locator("input[type=search]")).to_be_focused()


async def test_at_360_pixels_the_navigation_opens_and_closes(people: People) -> None:
    page = await people.open("/account", "admin", viewport={"width": 360, "height": 740})
    await expect(page.locator("#navigation")).to_be_hidden()
    await page.click("button.menu")
    await expect(page.locator("#navigation")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#navigation")).to_be_hidden()
    await page.click("button.menu")
    await page.click("nav a[href='/audit']")
    await expect(page.locator("h1")).to_have_text("Audit log")


async def test_language_and_light_belong_to_the_account(people: People, session: AsyncSession) -> None:
    page = await people.open("/account", "agent")
    await page.select_option("select[name=language]", "it")
    await page.select_option("select[name=theme]", "dark")
    await page.fill("input[name=name]", "Sofia B.")
    async with reloading(page):
        await page.click("button[type=submit].main")
    await expect(page.locator("h1")).to_have_text("Il mio account")
    await expect(page.locator(".me")).to_contain_text("Sofia B.")
    await expect(page.locator("body")).to_have_class(re.compile("body--dark"))
    assert await page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


async def test_an_invite_is_made_shown_once_and_withdrawn(people: People) -> None:
    page = await people.open("/people", "admin")
    await page.fill("input[name=email]", "new@example.org")
    await page.click("form button[type=submit].main")
    link = await page.locator("#invite-link").input_value()
    assert link.startswith(f"{people.web.url}/invite/")
    await page.reload()
    await expect(page.locator("#invite-link")).to_have_count(0)
    await page.click("tr:has-text('new@example.org') button")
    await expect(page.locator("tr:has-text('new@example.org')")).to_have_count(0)
    stranger = await people.open(link)
    await expect(stranger.locator("h1")).to_have_text("Link not valid")


async def test_who_is_deactivated_is_shown_the_door_at_once(people: People, session: AsyncSession) -> None:
    agent = await people.open("/account", "agent")
    await agent.wait_for_function("window.did_handshake")
    admin = await people.open("/people", "admin")
    await admin.click("tr:has-text('demo-agent@') button.danger")
    await expect(agent.locator("h1")).to_have_text("Log in")
    await expect(admin.locator("tr:has-text('demo-agent@')")).to_contain_text("deactivated")


async def test_the_last_admin_cannot_step_down(people: People) -> None:
    page = await people.open("/people", "admin")
    await page.select_option("tr:has-text('demo-admin@') select", "agent")
    await expect(page.locator(".q-notification")).to_contain_text("Nobody else could manage accounts")
    await expect(page.locator("tr:has-text('demo-admin@') select")).to_have_value("admin")


async def test_another_role_counts_at_once(people: People, session: AsyncSession) -> None:
    page = await people.open("/people", "admin")
    await page.wait_for_function("window.did_handshake")
    await create_account(session, "b@example.org", "B", Role.ADMIN, None, Actor(None, "pronto"), read_time())
    await session.execute(update(Account).where(Account.email.startswith("demo-admin")).values(role="agent"))
    await session.commit()
    await page.fill("input[name=email]", "evil@example.org")
    await page.click("form button[type=submit].main")
    await expect(page.locator("#invite-link")).to_have_count(0)
    assert (await session.scalars(select(Account.email).where(Account.email == "evil@example.org"))).all() == []


async def test_logging_out_elsewhere_ends_the_other_browser(people: People) -> None:
    here, there = [await people.open("/account", "agent") for _ in range(2)]
    await there.wait_for_function("window.did_handshake")
    await here.reload()
    await here.click("button:has-text('Log out everywhere else')")
    await expect(there.locator("h1")).to_have_text("Log in")
    await expect(here.locator("tbody tr")).to_have_count(1)


async def test_the_log_tells_who_did_what_and_finds_it(people: People) -> None:
    page = await people.open("/people", "admin")
    await page.fill("input[name=email]", "<b>new</b>@example.org")
    await page.evaluate("document.querySelector('form.row').noValidate = true")
    await page.click("form button[type=submit].main")
    await expect(page.locator("#invite-link")).to_be_visible()
    await page.goto("/audit")
    await expect(page.locator("tbody tr").first).to_contain_text("<b>new</b>@example.org · Agent")
    await page.fill("input[type=search]", "nobody")
    await expect(page.locator("tbody")).to_have_text("Nothing to show.")


async def test_a_page_comes_back_after_a_restart(people: People, web: Web) -> None:
    page = await people.open("/account", "agent")
    await page.wait_for_function("window.did_handshake")
    await web.stop(signal.SIGKILL)
    await web.start()
    await page.wait_for_event("load", timeout=30_000)
    await expect(page.locator("h1")).to_have_text("My account")
    await page.wait_for_function("window.did_handshake")


async def test_files_are_kept_by_the_browser_and_known_by_their_content(client: httpx.AsyncClient) -> None:
    address = re.search(r'href="(/_look/page.css[^"]*)"', (await client.get("/login")).text)
    assert address
    answer = await client.get(address[1])
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text == CSS


async def test_someone_at_an_open_page_stays_logged_in(people: People, session: AsyncSession) -> None:
    page = await people.open("/account", "agent")
    await page.wait_for_function("window.did_handshake")
    long_ago = read_time() - timedelta(minutes=100)
    await session.execute(update(AccountSession).values(seen_at=long_ago))
    await session.commit()
    await page.evaluate("{const real = Date.now; Date.now = () => real() + 61000}")
    await page.mouse.click(5, 300)
    while await session.scalar(select(AccountSession.seen_at)) == long_ago:
        await session.rollback()
        await asyncio.sleep(0.05)
