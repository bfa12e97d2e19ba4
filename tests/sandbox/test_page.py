"""The phone page in a real browser: writing, tapping, ticks, what Pronto knows, small screens."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser import open_browser
from tests.sandbox.conftest import CONTACT, Sandbox, template

GIULIA = "+390200000001"


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture
async def page(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Page]:
    """The page in English, with every error of its own counted."""
    async for one in open_page(browser, sandbox, 1280, 800):
        yield one


@pytest_asyncio.fixture
async def small_page(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Page]:
    async for one in open_page(browser, sandbox, 360, 740):
        yield one


async def open_page(browser: Browser, sandbox: Sandbox, width: int, height: int) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    context.set_default_timeout(15_000)
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Content Security" in line.text else None)
    await page.goto(sandbox.url)
    yield page
    await context.close()
    assert problems == []


async def reply(sandbox: Sandbox, **body: Any) -> str:
    return await sandbox.accepted(to=GIULIA, **body)


async def told_pronto(sandbox: Sandbox, call: tuple[str, str, Any]) -> None:
    """Waits until the sandbox passed this on to Pronto; the page does not wait for it."""
    deadline = time.monotonic() + 15
    while call not in sandbox.application.calls:
        assert time.monotonic() < deadline, f"{call} is not among {sandbox.application.calls}"
        await asyncio.sleep(0.05)


def ask(kind: str, action: dict[str, Any]) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": "Scegli"}, "action": action}}


async def write(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")


async def test_a_message_gets_one_two_and_blue_ticks(page: Page, sandbox: Sandbox) -> None:
    await sandbox.control("webhook/pause", {"on": True})
    await write(page, "Ciao")
    bubble = page.locator(".bubble.mine")
    await expect(bubble).to_have_attribute("data-state", "sent")
    await sandbox.control("webhook/pause", {"on": False})
    await expect(bubble).to_have_attribute("data-state", "delivered")
    (message,) = await sandbox.control(f"customers/{GIULIA}/messages", method="GET")
    seen = {"messaging_product": "whatsapp", "status": "read", "message_id": message["wamid"]}
    await sandbox.client.post("/v25.0/900/messages", json=seen | {"typing_indicator": {"type": "text"}})
    await expect(bubble).to_have_attribute("data-state", "read")
    await expect(page.locator("#presence")).to_have_text("typing…")
    await reply(sandbox)
    await expect(page.locator(".bubble.theirs")).to_have_text(re.compile("Ciao"))
    await expect(page.locator("#presence")).to_have_text("online")


async def test_an_open_chat_is_read_and_another_counts_unread(page: Page, sandbox: Sandbox) -> None:
    await sandbox.write(customer=GIULIA, text="Ciao")
    await sandbox.write(customer="+49300000001", text="Hallo")
    wamid = await reply(sandbox)
    await sandbox.accepted(to="+49300000001")
    await expect(page.locator(".person .badge")).to_have_text("1")
    await expect(page.locator(f'[data-id="{wamid}"]')).to_have_attribute("data-state", "read")
    await page.click(".person:has-text('Jonas')")
    await expect(page.locator(".person .badge")).to_have_count(0)
    await expect(page.locator(".bubble.mine")).to_have_text(re.compile("Hallo"))


async def test_a_reply_button_answers_once(page: Page, sandbox: Sandbox) -> None:
    await sandbox.write(customer=GIULIA, text="Ciao")
    wamid = await reply(
        sandbox, **ask("button", {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Sì"}}]})
    )
    await page.click(".tap:has-text('Sì')")
    await expect(page.locator(".bubble.mine .quote")).to_have_text(re.compile("Scegli"))
    await expect(page.locator(".tap")).to_be_disabled()
    await sandbox.settle()
    message = sandbox.application.values("messages")[-1]
    assert message["interactive"] == {"type": "button_reply", "button_reply": {"id": "yes", "title": "Sì"}}
    assert message["context"]["id"] == wamid


async def test_a_list_is_chosen_with_the_keyboard(page: Page, sandbox: Sandbox) -> None:
    await sandbox.write(customer=GIULIA, text="Ciao")
    rows = [{"id": str(n), "title": f"Riga {n}", "description": "d"} for n in range(1, 4)]
    await reply(sandbox, **ask("list", {"button": "Apri", "sections": [{"rows": rows}]}))
    await page.focus(".tap")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble.mine")).to_have_count(2)
    await sandbox.settle()
    reply_node = sandbox.application.values("messages")[-1]["interactive"]["list_reply"]
    assert reply_node == {"id": "2", "title": "Riga 2", "description": "d"}


async def test_a_templates_button_sends_its_payload(page: Page, sandbox: Sandbox) -> None:
    await reply(sandbox, type="template", template=template())
    await page.click(".tap:has-text('No grazie')")
    await expect(page.locator(".bubble.mine")).to_have_count(1)
    await sandbox.settle()
    assert sandbox.application.values("messages")[-1]["button"] == {"payload": "No grazie", "text": "No grazie"}


@pytest.mark.parametrize(
    ("thing", "kind"), [("location", "location"), ("meter", "image"), ("bill", "image"), ("voice", "audio")]
)
async def test_things_can_be_attached(page: Page, sandbox: Sandbox, thing: str, kind: str) -> None:
    await page.click("#attach")
    await page.click(f".a-{thing}")
    await expect(page.locator(".bubble.mine")).to_have_count(1)
    await sandbox.settle()
    assert sandbox.application.values("messages")[0]["type"] == kind


async def test_text_is_never_taken_for_html_and_marks_are_shown(page: Page, sandbox: Sandbox) -> None:
    await sandbox.write(customer=GIULIA, text="Ciao")
    await reply(sandbox, text={"body": "<img src=x onerror=alert(1)> *grassetto* _corsivo_ https://example.org/a."})
    bubble = page.locator(".bubble.theirs")
    await expect(bubble.locator("b")).to_have_text("grassetto")
    await expect(bubble.locator("i")).to_have_text("corsivo")
    await expect(bubble.locator("a")).to_have_attribute("href", "https://example.org/a")
    await expect(bubble.locator("img")).to_have_count(0)


async def test_the_panel_shows_what_pronto_knows(page: Page, sandbox: Sandbox) -> None:
    panel = page.locator("#panel")
    for words in ("Giulia", "40121 · Bologna", "60", "Contract ends soon", "il contratto scade", "+40", "inform"):
        await expect(panel).to_contain_text(words)
    for words in ("2,700 kWh", "circa 2700", "ask_price", "91 %", "asks: Postcode", "blocked", "A person answers now"):
        await expect(panel).to_contain_text(words)
    await expect(panel).to_contain_text(str(CONTACT["turns"][0]["text"]))
    for words in ("What happened", "Bought something", "MAT-01", "Left a cart", "RUN-01, 2 × <b>Tee</b>"):
        await expect(panel).to_contain_text(words)
    await page.click(".person:has-text('Jonas')")
    await expect(panel).to_contain_text("Pronto does not know this person yet")


async def test_pronto_can_be_asked_to_write_first_and_the_key_stays_here(page: Page, sandbox: Sandbox) -> None:
    await page.click("#first")
    await expect(page.locator("#first-note")).to_have_text("Pronto has queued the first message.")
    await told_pronto(
        sandbox, ("POST", "/api/messages", {"contact": GIULIA, "template": "energy_value", "at_once": True})
    )
    assert "Bearer" not in await page.content()


@pytest.mark.parametrize(
    ("name", "occasion", "phone", "first"),
    [
        ("Luca", "Car insurance ends", "+390200000004", "insurance_value"),
        ("Oliver", "Gym membership ends", "+390200000005", "membership_renewal"),
        ("Grace", "Left a cart behind", "+390200000006", "cart_reminder"),
        ("Lena", "Former customer", "+49300000002", "win_back"),
    ],
)
async def test_the_first_message_fits_the_person(
    page: Page, sandbox: Sandbox, name: str, occasion: str, phone: str, first: str
) -> None:
    await expect(page.locator(f".person:has-text('{name}') small")).to_have_text(occasion)
    await page.click(f".person:has-text('{name}')")
    await expect(page.locator("#occasion")).to_have_text(occasion)
    await page.click("#first")
    await told_pronto(sandbox, ("POST", "/api/messages", {"contact": phone, "template": first, "at_once": True}))


async def test_the_clock_moves_here_and_at_pronto(page: Page, sandbox: Sandbox) -> None:
    before = await sandbox.control("clock", method="GET")
    await page.click("[data-move='3600']")
    await expect(page.locator("#moved")).to_be_visible()
    after = await sandbox.control("clock", method="GET")
    assert after["moved_seconds"] - before["moved_seconds"] == 3600
    await told_pronto(sandbox, ("POST", "/api/clock", {"seconds": 3600.0}))


async def test_the_switches_work(page: Page, sandbox: Sandbox) -> None:
    await page.click("#stop")
    await expect(page.locator("#stop")).to_have_attribute("aria-checked", "true")
    await page.click("#down")
    await expect(page.locator("#presence")).to_have_text("Connecting…")
    assert (await sandbox.send(to=GIULIA)).status_code == 503
    await page.click("#down")
    await expect(page.locator("#presence")).to_have_text("online")
    await sandbox.settle()
    assert [row["value"] for row in sandbox.application.values("user_preferences")] == ["stop"]


@pytest.mark.parametrize(("language", "words"), [("it", "Cosa sa Pronto"), ("de", "Was Pronto weiß")])
async def test_the_page_speaks_the_chosen_language(page: Page, language: str, words: str) -> None:
    await page.click(f"[data-language='{language}']")
    await expect(page.locator("#knows-title")).to_have_text(words)
    await expect(page.locator("html")).to_have_attribute("lang", language)
    assert "undefined" not in await page.inner_text("body")


async def test_every_language_has_every_text(page: Page) -> None:
    keys = await page.evaluate(
        "import('/page/texts.js').then(({TEXTS}) => Object.values(TEXTS).map((one) => Object.keys(one).sort().join()))"
    )
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_at_360_pixels_everything_is_reached_by_tabs(small_page: Page) -> None:
    for tab, part in (("knows", "#panel"), ("stage", "#first"), ("phone", "#text")):
        await small_page.click(f"#tab-{tab}")
        await expect(small_page.locator(part)).to_be_visible()
        assert await small_page.evaluate("document.documentElement.scrollWidth") <= 360
    await small_page.keyboard.press("Tab")
    await small_page.focus("#tab-phone")
    await small_page.keyboard.press("ArrowRight")
    await expect(small_page.locator("#tab-knows")).to_be_focused()


async def test_at_360_pixels_a_conversation_works(small_page: Page, sandbox: Sandbox) -> None:
    await small_page.click(".face:has-text('Ana')")
    await write(small_page, "Ciao")
    await expect(small_page.locator(".bubble.mine")).to_have_count(1)
    await sandbox.accepted(to=None, recipient="IT.900100200300")
    await expect(small_page.locator(".bubble.theirs")).to_be_visible()


async def test_the_companys_pages_are_one_click_away(page: Page) -> None:
    await expect(page.locator("#pages")).to_have_attribute("href", re.compile(r"^http://127\.0\.0\.1:\d+/$"))
    await expect(page.locator("#pages")).to_be_visible()


async def test_every_control_has_a_name(page: Page) -> None:
    nameless = await page.evaluate(
        "[...document.querySelectorAll('button, a, textarea, input')].filter((one) =>"
        " !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length)).map((one) => one.outerHTML)"
    )
    assert nameless == []
