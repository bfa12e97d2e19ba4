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


async def press(page: Page, what: Locator) -> None:
    """Puts the mouse down on something and holds it there."""
    box = await what.bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()


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
    await receive(session, ana, "One more thing", now)
    await hear_customer(session, ana, now)
    await session.execute(RING_CONTACTS, {"ids": [ana]})
    await session.commit()
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
