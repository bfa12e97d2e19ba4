"""The inbox redraws itself while people click in it: nothing they click or press is lost, or meant for another one."""

from __future__ import annotations

from datetime import date, timedelta

from playwright.async_api import Locator, Page, expect
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import RING_CONTACTS
from inbox.states import hear_customer, take, wait
from inbox.tasks import add_task
from pages.room import read_time
from tests.inbox.filling import add_customer, find_account, hand_over, receive
from tests.pages.conftest import People

SOFIA = "demo-agent@example.org"
WATCH = """() => {
  window.heard = [null, 0];
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { heard[1] += 1; return make.call(this); };
  window.Notification = class extends Notification {
    constructor(title, more) { super(title, more); heard[0] = [title, more.body]; }
  };
  window.hide = (hidden) => {
    Object.defineProperty(document, "hidden", {get: () => hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
  };
}"""


async def press(page: Page, what: Locator) -> None:
    """Puts the mouse down on something and holds it there."""
    box = await what.bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()


async def hear(session: AsyncSession, contact_id: int, words: str) -> None:
    """The customer of an open handoff writes, and open pages are told."""
    now = read_time()
    await receive(session, contact_id, words, now)
    await hear_customer(session, contact_id, now)
    await session.execute(RING_CONTACTS, {"ids": [contact_id]})
    await session.commit()


async def test_what_is_redrawn_under_the_mouse_or_on_its_way_is_still_done(
    people: People, session: AsyncSession
) -> None:
    now = read_time()
    ana = await add_customer(session, "ana", now)
    handoff = await hand_over(session, ana, now - timedelta(minutes=9))
    await session.commit()
    page = await people.open("/inbox?chat=ana", "agent")
    sofia = await find_account(session, SOFIA)
    await take(session, handoff, sofia, now)
    await wait(session, handoff, sofia, now)
    await add_task(session, ana, "Call back", date(2030, 1, 2), sofia, now)
    await session.commit()
    await expect(page.locator("[data-deed=wait]")).to_have_count(0)
    close = page.locator("[data-deed=close_chat]")
    await press(page, close)
    await hear(session, ana, "One more thing")
    await expect(page.locator("[data-deed=wait]")).to_be_visible()  # other buttons, at other places
    await page.mouse.up()
    await expect(page.locator("dialog.ask h2")).to_have_text("Close")
    await page.keyboard.press("Escape")

    await press(page, page.locator(".task button"))
    await add_task(session, ana, "Send the offer", date(2030, 1, 1), sofia, now)
    await session.commit()
    await expect(page.locator(".task")).to_have_count(2)
    await page.mouse.up()
    await expect(page.locator(".task s")).to_have_text("Call back")
    done = await session.scalars(text("SELECT facts ->> 'title' FROM task WHERE done_at IS NOT NULL"))
    assert list(done) == ["Call back"]

    await page.evaluate("doDeed('ana', 'reopen')")  # as if it had been clicked before the handoff changed
    await expect(page.locator(".q-notification", has_text="not possible here now")).to_be_visible()
    await page.evaluate("doDeed('ben', 'close_chat')")
    await expect(page.locator(".q-notification", has_text="Another conversation")).to_be_visible()
    await expect(page.locator("dialog.ask")).to_have_count(0)


async def test_a_key_right_after_the_next_conversation_is_meant_for_that_one(
    people: People, session: AsyncSession
) -> None:
    now = read_time()
    for place, token in enumerate(("ana", "ben")):
        await hand_over(session, await add_customer(session, token, now), now - timedelta(minutes=9 - place))
    await session.commit()
    page = await people.open("/inbox?chat=ana", "agent")
    await expect(page.locator(".queue [aria-current=true]")).to_have_count(1)
    await page.keyboard.press("j")
    await page.keyboard.press("t")
    await expect(page.locator(".about")).to_contain_text("assigned · Sofia")
    taken = text("SELECT c.token FROM handoff h JOIN contact c ON c.id = h.contact_id WHERE h.account_id IS NOT NULL")
    assert list(await session.scalars(taken)) == ["ben"]


async def test_what_comes_while_another_page_is_in_front_is_told_and_stays_unread(
    people: People, session: AsyncSession
) -> None:
    now = read_time()
    ana = await add_customer(session, "ana", now)
    handoff = await hand_over(session, ana, now - timedelta(minutes=9))
    await session.commit()
    page = await people.open("/inbox?chat=ana", "agent", permissions=["notifications"])
    await page.evaluate(WATCH)
    await page.click("[data-bell=sound]")
    await page.click("[data-bell=notice]")
    await take(session, handoff, await find_account(session, SOFIA), now)
    await session.commit()
    await expect(page.locator("[data-deed=close_chat]")).to_be_visible()
    for words, hidden in (("neu", True), ("neuer", False)):
        await page.evaluate("hide", hidden)
        await hear(session, ana, words)
        await expect(page.locator(".log .bubble.in").last).to_contain_text(words)
        unread = page.locator(".queue [data-token=ana] .badge")
        await (expect(unread).to_be_visible() if hidden else expect(unread).to_have_count(0))
    assert await page.evaluate("heard") == [["Ana", "neu"], 4]  # a notice; two tones to try the bell, two for the news


async def test_the_list_shows_more_than_sixty_when_asked(people: People, session: AsyncSession) -> None:
    now = read_time()
    ids = [await add_customer(session, f"c{number}", now) for number in range(62)]
    for number, one in enumerate(ids):
        await hand_over(session, one, now - timedelta(minutes=100 - number))
    await session.commit()
    page = await people.open("/inbox", "agent")
    lines = page.locator(".queue [data-token]")
    await expect(lines).to_have_count(60)
    await expect(page.locator(".view:has-text('Open')")).to_contain_text("62")
    await page.click(".queue-list .more")
    await expect(lines).to_have_count(62)
    await expect(page.locator(".queue-list .more")).to_be_hidden()
    for table in ("handoff_change", "handoff"):
        await session.execute(text(f"DELETE FROM {table}"))
    await session.execute(RING_CONTACTS, {"ids": ids})
    await session.commit()
    await expect(lines).to_have_count(0)  # the web app outlives this test and must not remember them
