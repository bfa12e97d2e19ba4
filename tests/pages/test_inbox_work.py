"""What agents do beside answering: call colleagues, send files, keep tasks, teach, go away, look at numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Attachment, Satisfaction
from core.types import Language
from inbox.pages.composer import find_called
from inbox.pages.figures import describe_bars
from inbox.pages.intents import name_intents, read_intents
from inbox.states import take
from pages.room import read_time
from tests.inbox.filling import add_customer, answer, find_account, hand_over, receive
from tests.pages.conftest import People, find_barriers

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001"
                    "00000500010d0a2db40000000049454e44ae426082")  # fmt: skip


async def fill(session: AsyncSession) -> tuple[int, int]:
    """Ana, who wants a person and sent a picture; her id and that of her handoff."""
    now = read_time()
    ana = await add_customer(session, "ana", now)
    await answer(session, ana, "What would you like?", now - timedelta(minutes=30))
    await receive(session, ana, "boh non so", now - timedelta(minutes=20))
    handoff = await hand_over(session, ana, now - timedelta(minutes=10))
    picture = await receive(session, ana, None, now - timedelta(minutes=2), "image", id="m1")
    session.add(Attachment(contact_id=ana, message_id=picture.id, kind="image", name="", mime_type="image/png",
                           media_id="m1", data=PNG, created_at=now))  # fmt: skip
    await session.commit()
    return ana, handoff


async def open_chat(people: People, key: str = "agent", **options: object) -> Page:
    page = await people.open("/inbox?chat=ana", key, **options)
    await expect(page.locator(".queue [aria-current=true]")).to_have_count(1)  # it listens to keys now
    return page


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "dark", "de-DE"), (360, "light", "it-IT")])
async def test_the_other_pages_have_no_barriers_fit_and_paint_soon(
    people: People, session: AsyncSession, width: int, scheme: str, locale: str
) -> None:
    ana, handoff = await fill(session)
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "locale": locale}
    page = await people.open("/account", "admin", **options)
    admin, now = await find_account(session, "demo-admin@example.org"), read_time()
    await take(session, handoff, admin, now)
    session.add(Satisfaction(contact_id=ana, handoff_id=handoff, stars=4, asked_at=now, answered_at=now))
    await session.execute(
        text("INSERT INTO teaching (contact_id, message_id, sentence, language, intent, account_id, at)"
             " SELECT contact_id, id, text, 'it', 'dont_know', :by, :now FROM message WHERE text IS NOT NULL"),
        {"by": admin, "now": now},
    )  # fmt: skip
    await session.commit()
    for path in ("/inbox/numbers", "/teaching", "/inbox/agents"):
        await page.goto(path)
        await page.wait_for_function("window.did_handshake")
        await expect(page.locator(".chart canvas, .review q, .agent").first).to_be_visible()
        assert await find_barriers(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_a_note_calls_a_colleague_until_they_look(people: People, session: AsyncSession) -> None:
    await fill(session)
    jonas = await people.open("/inbox", "agent-2")
    sofia = await open_chat(people)
    await expect(jonas.locator(".view:has-text('Calls you')")).to_be_hidden()
    await sofia.keyboard.press("n")
    await sofia.keyboard.type("can you look @jo")
    await expect(sofia.locator("#people li")).to_have_text("Jonas")
    await sofia.keyboard.press("Enter")
    await expect(sofia.locator("#reply")).to_have_value("can you look @Jonas ")
    await sofia.keyboard.press("Enter")
    await jonas.click(".view:has-text('Calls you')")
    await jonas.click(".queue [data-token=ana]")
    await expect(jonas.locator(".bubble.note")).to_contain_text("@Jonas")
    await expect(jonas.locator(".queue .nothing")).to_contain_text("No new note")


async def test_files_go_both_ways(people: People, session: AsyncSession) -> None:
    ana, _ = await fill(session)
    page = await open_chat(people)
    picture = page.locator(".bubble.in img")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("async (one) => { await one.decode(); return one.naturalWidth }") == 1
    await page.set_input_files("#pick", {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"})
    await expect(page.locator("#files li")).to_contain_text("plan.pdf")
    await page.fill("#reply", "Here it is")
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble.out .media")).to_contain_text("plan.pdf")
    await expect(page.locator("#files li")).to_have_count(0)
    queued = await session.execute(
        text("SELECT body FROM outbox WHERE contact_id = :id AND key LIKE 'agent:%'"), {"id": ana}
    )
    (body,) = [row.body for row in queued]
    assert (body["document"]["filename"], body["document"]["caption"]) == ("plan.pdf", "Here it is")
    sent = await page.context.request.get(f"/inbox/files/{body['document']['attachment']}")
    assert (sent.headers["content-type"], await sent.body()) == ("application/pdf", b"%PDF-1.4 x")
    await page.set_input_files("#pick", {"name": "x.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"})
    await page.fill("#reply", "and this")
    await page.keyboard.press("Enter")
    await expect(page.locator(".q-notification")).to_contain_text("x.exe")
    await expect(page.locator("#reply")).to_have_value("and this")


async def test_files_are_for_people_who_are_logged_in(people: People, session: AsyncSession) -> None:
    await fill(session)
    stranger = await people.open("/login")
    for answered in (
        await stranger.context.request.get("/inbox/files/1"),
        await stranger.context.request.post("/inbox/files?chat=ana&name=x&key=k", data=b"x"),
    ):
        assert answered.status in (401, 403)


async def test_what_was_misunderstood_is_marked_and_reviewed(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await open_chat(people)
    await page.keyboard.press("m")
    await expect(page.locator("dialog.ask q")).to_have_text("boh non so")
    await page.select_option("dialog.ask select", "dont_know")
    await page.keyboard.press("Tab")
    await page.click("dialog.ask form button[type=submit]")
    await expect(page.locator(".q-notification")).to_contain_text("Marked")
    marketer = await people.open("/teaching", "marketer")
    await marketer.wait_for_function("window.did_handshake")
    await expect(marketer.locator(".review q")).to_have_text("boh non so")
    await marketer.click(".review button:has-text('Accept')")
    await expect(marketer.locator(".reviews")).to_contain_text("Nothing to review")
    await marketer.goto("/teaching?list=accepted")
    await marketer.wait_for_function("window.did_handshake")
    async with marketer.expect_download() as download:
        await marketer.click("button:has-text('Italian')")
    file = await (await download.value).path()
    assert "- boh non so" in file.read_text()


async def test_tasks_are_added_done_and_undone(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await open_chat(people)
    await page.click("button[aria-label='New task']")
    await page.fill("dialog.ask input[name=title]", "Call back about the gas")
    await page.keyboard.press("Enter")
    await expect(page.locator(".task")).to_contain_text("Call back about the gas")
    await page.click(".task button")
    await expect(page.locator(".task s")).to_have_text("Call back about the gas")
    await page.click(".task button")
    await expect(page.locator(".task p")).to_contain_text("Sofia")
    assert [row.done_at for row in await session.execute(text("SELECT done_at FROM task"))] == [None]


async def test_away_is_stored_and_sound_is_remembered_here(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await open_chat(people)
    await expect(page.locator("[data-bell=sound]")).to_have_attribute("aria-pressed", "false")
    await page.click("[data-bell=sound]")
    away = page.locator(".switch:has-text('Away')")
    await away.click()
    await expect(away).to_have_attribute("aria-pressed", "true")
    await page.reload()
    await expect(away).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("[data-bell=sound]")).to_have_attribute("aria-pressed", "true")
    assert await session.scalar(text("SELECT away FROM agent")) is True


async def test_admins_say_who_speaks_and_knows_what(people: People, session: AsyncSession) -> None:
    await people.open("/account", "agent")  # Sofia has an account
    page = await people.open("/people", "admin")
    await page.click("a[href='/inbox/agents']")
    sofia = page.locator(".agent:has-text('Sofia')")
    await sofia.get_by_label("German").check()
    await sofia.get_by_label("energy").check()
    await sofia.get_by_label("Team").fill("North")
    await sofia.get_by_label("At most").fill("4")
    await sofia.get_by_role("button").click()
    await expect(page.locator(".q-notification")).to_contain_text("Saved: Sofia")
    kept = (await session.execute(text("SELECT languages, skills, team, most_open FROM agent WHERE team <> ''"))).one()
    assert tuple(kept) == (["de"], ["energy"], "North", 4)
    await page.goto("/audit")
    await expect(page.locator("tbody")).to_contain_text("demo-agent@example.org · de · energy · North · 4")


async def test_only_admins_see_numbers_of_single_people(people: People, session: AsyncSession) -> None:
    await fill(session)
    agent = await people.open("/inbox/numbers", "agent")
    await expect(agent.locator(".key-numbers")).to_contain_text("Handed to a person1")
    await expect(agent.locator("h2:has-text('Per person')")).to_have_count(0)
    admin = await people.open("/inbox/numbers", "admin")
    await admin.wait_for_function("window.did_handshake")
    await expect(admin.locator("h2:has-text('Per person')")).to_have_count(1)
    async with admin.expect_download() as download:
        await admin.click("button:has-text('Download the numbers')")
    assert (await (await download.value).path()).read_text().startswith("group,key,handoffs")


def test_a_note_calls_those_whose_whole_name_stands_in_it() -> None:
    people = {1: "Sofia", 2: "Sofia Bianchi", 3: "Jonas"}
    assert find_called("@sofia bianchi and @Jonas, not sofia", people) == [2, 3]
    assert find_called("mail sofia@jonas.example", people) == [3]
    assert find_called("nobody", people) == []


def test_every_intent_has_a_name_that_stands_once() -> None:
    names = name_intents(Language.IT)
    assert set(names) == read_intents()
    assert len(set(names.values())) == len(names)


def test_pictures_show_their_bars_in_order() -> None:
    told = describe_bars(["a", "b"], [2, 1])
    assert told["yAxis"]["data"] == ["a", "b"]
    assert told["series"][0]["data"] == [2, 1]
    assert told["yAxis"]["inverse"] is True
