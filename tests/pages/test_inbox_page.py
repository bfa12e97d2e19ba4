"""The agents' inbox in a real browser: the queue, a conversation, answering, and what colleagues see of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import HandoffReason
from inbox.pages.bubble import format_text
from pages.room import read_time
from tests.inbox.filling import add_customer, answer, hand_over, receive, tell
from tests.pages.conftest import People, find_barriers

OPEN = ".queue [data-token=ana]"


async def fill(session: AsyncSession) -> int:
    """Ana, who is upset, Ben, whose window closed, and Carl, who is with the assistant; Ana's id."""
    now = read_time()
    ana = await add_customer(session, "ana", now, name="Ana <b>Rossi</b>")
    early = now - timedelta(minutes=30)
    await answer(session, ana, "What would you like?", early, buttons=("Compare", "A person"))
    await receive(session, ana, "A person", early + timedelta(minutes=1), "button_reply")
    await answer(session, ana, "Pick one", early + timedelta(minutes=2), "delivered", rows=("Green", "Fixed"))
    await receive(session, ana, "my bill", early + timedelta(minutes=3), "document", filename="bill.pdf")
    await answer(session, ana, "Someone will answer.", early + timedelta(minutes=4), "failed", reason="no such number")
    await tell(session, ana, "yearly_kwh", 2700, "about 2700 kWh", early)
    await hand_over(session, ana, early + timedelta(minutes=5), HandoffReason.FRUSTRATION)
    await receive(session, ana, "Hello? I am *waiting*", now - timedelta(minutes=1))
    ben = await add_customer(session, "ben", now, language="de", last_inbound_at=now - timedelta(hours=30))
    await receive(session, ben, "Strom bitte", now - timedelta(hours=30))
    await hand_over(session, ben, now - timedelta(hours=29))
    carl = await add_customer(session, "carl", now, language="en")
    await receive(session, carl, "zebra question", now - timedelta(minutes=2))
    await session.commit()
    return ana


async def open_chat(people: People, key: str = "agent", token: str = "ana", **options: object) -> Page:
    page = await people.open(f"/inbox?chat={token}", key, **options)
    await page.wait_for_function("window.did_handshake")
    return page


async def ring(session: AsyncSession, contact_id: int) -> None:
    await session.execute(text("SELECT pg_notify('contact', CAST(CAST(:id AS bigint) AS text))"), {"id": contact_id})
    await session.commit()


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "de-DE"), (360, "dark", "it-IT")])
async def test_the_inbox_has_no_barriers_and_fits(
    people: People, session: AsyncSession, width: int, scheme: str, locale: str
) -> None:
    await fill(session)
    viewport = {"width": width, "height": 800}
    page = await people.open("/inbox", "agent", viewport=viewport, color_scheme=scheme, locale=locale)
    await page.wait_for_function("window.did_handshake")
    await page.click(OPEN)
    await expect(page.locator(".log .bubble").last).to_be_visible()
    assert await find_barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.keyboard.press("i")
    await expect(page.locator(".panel h2")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_conversation_looks_as_the_customer_saw_it(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await open_chat(people)
    log = page.locator("#log")
    await expect(log.locator(".tap").first).to_have_text("Compare")
    await expect(log.locator("details .tap")).to_contain_text("Scegli")
    await expect(log.locator(".bubble.in").first).to_contain_text("tapped")
    await expect(log.locator(".media")).to_contain_text("Document: bill.pdf")
    await expect(log.locator(".tick-read")).to_have_count(1)
    await expect(log.locator(".stopped")).to_have_text("Not delivered: no such number")
    await expect(log.locator(".bubble.in b").last).to_have_text("waiting")
    await expect(page.locator(".chat-head h2")).to_have_text("Ana <b>Rossi</b>")
    await expect(page.locator(".answers")).to_contain_text("about 2700 kWh")


async def test_an_agent_takes_answers_and_notes_by_keyboard_alone(people: People, session: AsyncSession) -> None:
    ana = await fill(session)
    page = await people.open("/inbox", "agent")
    await page.wait_for_function("window.did_handshake")
    await expect(page.locator(".view[aria-pressed=true]")).to_contain_text("Open")
    await expect(page.locator(OPEN)).to_contain_text("is upset")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(page.locator(".chat-head h2")).to_contain_text("Ana")
    await page.keyboard.press("t")
    await expect(page.locator(".about")).to_contain_text("assigned · Sofia")
    await page.keyboard.press("r")
    await page.keyboard.type("First line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble.out").last).to_contain_text("Sofia")
    await expect(page.locator("#reply")).to_have_value("")
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await page.keyboard.type("be kind")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble.note")).to_contain_text("be kind")
    sent = await session.execute(
        text("SELECT text FROM outbox WHERE contact_id = :id AND key LIKE 'agent:%'"), {"id": ana}
    )
    assert [row.text for row in sent] == ["First line\nsecond"]
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_contain_text("Next conversation")


async def test_a_new_message_comes_by_itself_and_disturbs_no_writing(people: People, session: AsyncSession) -> None:
    ana = await fill(session)
    page = await open_chat(people)
    await page.fill("#reply", "half a sen")
    await receive(session, ana, "one more thing", read_time())
    await ring(session, ana)
    await expect(page.locator(".bubble.in").last).to_contain_text("one more thing")
    await expect(page.locator(OPEN)).to_contain_text("one more thing")
    await session.execute(text("UPDATE outbox SET state = 'read' WHERE state = 'delivered'"))
    await ring(session, ana)
    await expect(page.locator(".tick-read")).to_have_count(2)
    await expect(page.locator("#reply")).to_have_value("half a sen")
    await page.reload()
    await expect(page.locator("#reply")).to_have_value("half a sen")


async def test_what_one_has_another_cannot_answer(people: People, session: AsyncSession) -> None:
    await fill(session)
    sofia = await open_chat(people)
    jonas = await open_chat(people, "agent-2")
    await jonas.fill("#reply", "me too")
    await sofia.click(".deeds [data-key=t]")
    await expect(jonas.locator(".notice")).to_contain_text("Sofia takes care of this")
    await expect(jonas.locator(".composer")).to_have_attribute("data-writes", "note")
    await expect(jonas.locator("#reply")).to_have_value("me too")


async def test_two_who_write_at_once_are_told(people: People, session: AsyncSession) -> None:
    await fill(session)
    sofia = await open_chat(people)
    jonas = await open_chat(people, "agent-2")
    await jonas.locator("#reply").press_sequentially("me too")
    await expect(sofia.locator(".notice.warn")).to_have_text("Jonas: writing just now.")


async def test_suggested_and_canned_replies_are_one_click_away(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await open_chat(people)
    await expect(page.locator(".suggestion")).to_have_count(2)
    await page.locator(".suggestion").first.click()
    await expect(page.locator("#reply")).to_have_value(re.compile("Sofia"))
    await page.fill("#reply", "")
    await page.keyboard.type("/")
    await page.click("dialog.ask summary")
    await page.fill("dialog.ask input[name=name]", "greeting")
    await page.fill("dialog.ask textarea", "Ciao {name}, {company} qui")
    await page.click("dialog.ask form button[type=submit]")
    await page.click("dialog.ask .suggestion")
    await expect(page.locator("#reply")).to_have_value("Ciao Ana, Pronto qui")


async def test_a_wrong_value_is_corrected_where_it_is_read(people: People, session: AsyncSession) -> None:
    ana = await fill(session)
    page = await open_chat(people)
    await page.click(".answers button")
    await page.fill("dialog.ask input[name=value]", "3100")
    await page.keyboard.press("Enter")
    await expect(page.locator(".answers b")).to_have_text("3100")
    told = text("SELECT value FROM answer WHERE contact_id = :id ORDER BY id DESC LIMIT 1")
    assert await session.scalar(told, {"id": ana}) == 3100


async def test_a_closed_window_leaves_templates_and_notes(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await open_chat(people, token="ben")
    await expect(page.locator(".about")).to_contain_text("window closed")
    await expect(page.locator(".composer")).to_have_attribute("data-may", "template")
    await page.click(".notice button")
    await expect(page.locator("dialog.ask")).to_contain_text(re.compile("template", re.IGNORECASE))
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog.ask")).to_have_count(0)


async def test_it_is_passed_on_snoozed_closed_and_reopened(people: People, session: AsyncSession) -> None:
    ana = await fill(session)
    await people.open("/account", "agent-2")  # Jonas has an account
    page = await open_chat(people)
    await page.click(".deeds [data-key=t]")
    await page.click(".deeds [data-key=z]")
    await page.click("dialog.ask button:has-text('In an hour')")
    await expect(page.locator(".about")).to_contain_text("snoozed")
    await page.click(".deeds [data-key=c]")
    await page.fill("dialog.ask input[name=why]", "solved")
    await page.keyboard.press("Enter")
    await expect(page.locator(".about")).to_contain_text("closed")
    await expect(page.locator(".change-line").last).to_contain_text("solved")
    await expect(page.locator(".notice")).to_contain_text("The assistant answers here")
    await page.click(".deeds [data-key=t]")
    await expect(page.locator(".about")).to_contain_text("assigned")
    await page.click(".deeds [data-key=p]")
    await page.select_option("dialog.ask select", label="Jonas")
    await page.fill("dialog.ask input[name=why]", "speaks German")
    await page.keyboard.press("Enter")
    await expect(page.locator(".about")).to_contain_text("Jonas")
    states = text("SELECT state FROM handoff_change WHERE contact_id = :id ORDER BY id")
    told = [row.state for row in await session.execute(states, {"id": ana})]
    assert told == ["open", "assigned", "snoozed", "closed", "assigned", "assigned"]


async def test_search_reaches_every_message_and_filters_narrow_the_queue(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await people.open("/inbox", "agent")
    await page.wait_for_function("window.did_handshake")
    lines = page.locator(".queue [data-token]")
    await expect(lines).to_have_count(2)
    await page.fill("input[type=search]", "zebra")
    await expect(lines).to_have_count(1)
    await lines.click()
    await expect(page.locator(".deeds button")).to_have_text(re.compile("Step in"))
    await page.click(".view:has-text('Open')")
    await expect(lines).to_have_count(2)
    await page.click(".queue-filters summary")
    await page.select_option(".queue-filters label:has-text('Language') select", "de")
    await expect(lines).to_have_count(1)
    await expect(lines).to_contain_text("Ben")


def test_texts_keep_whatsapps_marks_and_nothing_else() -> None:
    assert format_text("*a* <i>_b_</i> 2*3*4") == "<b>a</b> &lt;i&gt;<i>b</i>&lt;/i&gt; 2*3*4"
    told = format_text('see https://a.example/x?y="1">.')
    assert told.startswith('see <a href="https://a.example/x?y="')
    assert "<script" not in format_text("https://a.example/<script>")
