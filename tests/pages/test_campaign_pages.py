"""The campaigns' pages in a real browser: list, one campaign, its people, release by buttons."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor
from campaigns.journeys.reading import load_journeys
from campaigns.pages.drawing import draw_journey
from campaigns.pages.names import NAMES, say_move, say_occasion
from campaigns.pages.parts import WORDS
from campaigns.pages.said import RELEASE_WORDS
from campaigns.release.release import check
from core.tables import Consent, Contact, Enrollment, EnrollmentStep, SendDecision
from core.types import EventKind, Language, OutboxState
from inbox.pages.parts import WORDS as INBOX_WORDS
from pages.room import read_time
from pages.words import Words
from tests.pages.conftest import People, find_barriers


async def fill(session: AsyncSession) -> None:
    """The cart's campaign, checked, with Ana waiting in it, whose next message was held, and Bruno left alone."""
    now = read_time()
    campaign = await check(session, "cart", Actor(None, "pronto"), now)
    for name, arm in (("Ana <b>Rossi</b>", "message"), ("Bruno", "control")):
        contact = Contact(token=name[:3].lower(), name=name, phone=f"+39020000{len(name):04}", language="it")
        session.add(contact)
        await session.flush()
        enrollment = Enrollment(
            campaign="cart", version_id=campaign.version_id, contact_id=contact.id, arm=arm, segment="high",
            language="it", step="answer" if arm == "message" else None, step_at=now, entered_at=now,
        )  # fmt: skip
        session.add(enrollment)
        await session.flush()
        if arm == "message":
            session.add(EnrollmentStep(enrollment_id=enrollment.id, step="remind", at=now, moved_by="entered"))
            session.add(
                SendDecision(contact_id=contact.id, campaign="cart", enrollment_id=enrollment.id, step="remind",
                             arm=arm, template="cart_reminder", at=now, send=False, reason="quiet_hours", facts={})
            )  # fmt: skip
    said = {"purpose": "marketing", "given": True, "channel": "import", "wording": "sì"}
    session.add(Consent(contact_id=contact.id, at=now, **said))
    await session.commit()


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "de-DE"), (360, "dark", "it-IT")])
async def test_the_campaigns_pages_have_no_barriers_and_fit(
    people: People, session: AsyncSession, width: int, scheme: str, locale: str
) -> None:
    await fill(session)
    page = await people.open(
        "/campaigns", "marketer", viewport={"width": width, "height": 800}, color_scheme=scheme, locale=locale
    )
    paths = ("/campaigns", "/campaigns/cart", "/campaigns/cart/people", "/campaigns/cart/people/ana")
    for path in (*paths, "/campaigns/cart/edit"):
        await page.goto(path)
        await expect(page.locator("h1")).to_be_visible()
        if path.endswith(("cart", "edit")):
            await expect(page.locator(".journey svg .node").first).to_be_visible()
            await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert await find_barriers(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_a_campaign_is_foreseen_released_and_stopped_by_buttons(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await people.open("/campaigns", "marketer")
    await page.click("a:has-text('Abandoned cart')")
    await expect(page.locator(".summary .tag")).to_have_text("checked")
    await page.click("button:has-text('What it would do today')")
    await expect(page.locator("text=nobody would enter")).to_be_visible()
    for button, state in (("Approve", "approved"), ("Start", "running"), ("Pause", "paused"), ("Resume", "running")):
        await page.click(f".summary button:has-text('{button}')")
        await expect(page.locator(".summary .tag")).to_have_text(state)
    who = await session.scalar(text("SELECT who FROM campaign_change ORDER BY id DESC LIMIT 1"))
    assert who == "demo-marketer@example.org"


async def test_people_at_a_step_and_their_story_are_found(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await people.open("/campaigns/cart", "marketer")
    await page.click("a[aria-label='People at step answer: 1']")
    await page.click("a:has-text('Ana')")
    await expect(page.locator("tbody")).to_contain_text("quiet hours")
    agent = await people.open("/campaigns", "agent")
    await expect(agent.locator("h1")).to_have_text("Not for your role")


async def test_results_come_as_a_file(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await people.open("/campaigns/cart", "marketer")
    async with page.expect_download() as download:
        await page.click("button:has-text('Download CSV')")
    file = await (await download.value).path()
    assert file.read_text(encoding="utf-8").startswith("by,arm,segment")


async def test_what_happens_is_shown_and_takes_nothing_away(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await people.open("/campaigns/cart", "marketer")
    await page.click("summary:has-text('Add people')")
    await page.fill("textarea", "+39 02 0000-0004, crm-9")
    pressed = page.locator(".summary button:has-text('Approve')")
    await pressed.hover()
    await page.mouse.down()
    await session.execute(text("UPDATE enrollment SET step = 'talking' WHERE step = 'answer'"))
    await session.commit()
    await expect(page.locator("a[aria-label='People at step talking: 1']")).to_be_visible()
    await page.mouse.up()
    await expect(page.locator(".summary .tag")).to_have_text("approved")
    await expect(page.locator("textarea")).to_have_value("+39 02 0000-0004, crm-9")
    # The press is meant where it was; what was typed can be sent.
    await session.execute(text("UPDATE contact SET phone = '+390200000004' WHERE token = 'bru'"))
    await session.commit()
    await page.locator("button:has-text('Count first')").first.click()
    await expect(page.locator("text=Unknown: crm-9")).to_be_visible()
    await page.click("summary:has-text('Who may not enter')")
    await expect(page.locator("tr:has-text('+390200000004')")).to_contain_text("in the campaign already")
    await session.execute(text("UPDATE enrollment SET ended_at = entered_at - interval '9 days', "
                               "entered_at = entered_at - interval '10 days' WHERE step IS NULL"))  # fmt: skip
    await session.commit()
    await page.locator("button:has-text('Count first')").first.click()
    await page.click("button:has-text('Add: 1')")
    await expect(page.locator("text=People added: 1")).to_be_visible()
    assert await session.scalar(text("SELECT count(*) FROM plan WHERE campaign = 'cart'")) == 1


async def test_a_marketer_edits_a_journey_and_somebody_approves_it(people: People, session: AsyncSession) -> None:
    await fill(session)
    page = await people.open("/campaigns/cart/edit", "marketer")
    await expect(page.locator(".workshop .good")).to_be_visible()
    box = page.locator(".cm-content")
    await box.click()
    await page.keyboard.press("Control+End")
    await page.keyboard.insert_text("\nsteps: 1")
    await expect(page.locator(".workshop .problem")).to_contain_text("stands here twice")
    await page.click("button:has-text('Save as a new version')")
    await expect(page.locator(".workshop .problem")).to_be_visible()
    await box.click()
    await page.keyboard.press("Control+End")
    for _ in "\nsteps: 1":
        await page.keyboard.press("Backspace")
    await page.keyboard.insert_text("\n# looked at\n")
    await expect(page.locator(".workshop .good")).to_be_visible()
    await page.click("button:has-text('Save as a new version')")
    await expect(page.locator("tr:has-text('counts for newcomers')")).to_contain_text("demo-marketer")
    content = await session.scalar(text("SELECT content FROM campaign_text WHERE name = 'cart'"))
    assert content.endswith("# looked at\n")
    assert await session.scalar(text("SELECT max(number) FROM campaign_version WHERE campaign = 'cart'")) == 2
    await page.goto("/campaigns")
    await page.click("summary:has-text('New campaign')")
    await page.fill("input[name=name]", "spring")
    await page.select_option("select[name=copy]", "gym")
    await page.click("button:has-text('Begin')")
    await expect(page.locator(".workshop .good")).to_be_visible()
    await page.click("button:has-text('Save as a new version')")
    await expect(page.locator("tr:has-text('counts for newcomers')")).to_be_visible()
    await page.goto("/campaigns/spring")
    await expect(page.locator(".summary .tag")).to_have_text("checked")


def test_what_a_journey_speaks_of_has_a_name_in_every_language() -> None:
    for language in Language:
        words = Words(language, RELEASE_WORDS, WORDS, NAMES)
        assert {f"event_{kind}" for kind in EventKind} <= words.texts.keys()
        assert {f"state_{state}" for state in OutboxState} <= Words(language, INBOX_WORDS).texts.keys()
        for journey in load_journeys().values():
            drawn = draw_journey(journey, words, {})
            assert not re.search(r"\b(offer_chosen|affirm|no_answer)\b", drawn)


@pytest.mark.parametrize(
    ("occasion", "told"),
    [
        ("deadline:electricity:2026-12-22:-30", "30 Tage vor dem Vertragsende am 22.12.2026"),
        ("deadline:gym:2026-12-22:5", "5 Tage nach dem Vertragsende am 22.12.2026"),
        ("event:7", "etwas, das geschah"),
        ("manual:Messe", "von Hand hinzugefügt: Messe"),
        ("moon:full", "moon:full"),
    ],
)
def test_an_occasion_is_told_in_words(occasion: str, told: str) -> None:
    assert say_occasion(occasion, Words(Language.DE, NAMES)) == told


@pytest.mark.parametrize(
    ("moved_by", "told"),
    [
        ("sent", "Nachricht gesendet"),
        ("reply:deny", "Antwort: Nein"),
        ("reply:any", "Antwort: beliebig"),
        ("event:offer_chosen", "Angebot gewählt"),
        ("held:quiet_hours", "nicht gesendet: beim Kontakt ist Ruhezeit"),
        ("case:2", "Fall 2"),
        ("moon", "moon"),
    ],
)
def test_what_moved_somebody_on_is_told_in_words(moved_by: str, told: str) -> None:
    assert say_move(moved_by, Words(Language.DE, NAMES)) == told
