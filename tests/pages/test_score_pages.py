"""The score's pages in a real browser: overview, one contact, the rule editor."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import LearnedModel, LearnedScore, NextOffer
from pages.room import read_time
from scoring.reading import RULES
from tests.pages.conftest import People, find_barriers
from tests.studio.filling import add_change, add_contact, add_task, line


async def fill(session: AsyncSession, now: datetime) -> int:
    """Ana with everything, and Bruno, who replied; Ana's id."""
    ends = now.date() + timedelta(days=20)
    receipt = [
        line("expiry_near", 40, "days_left", ends, at_least=0, at_most=60),
        line("replied", 20, "days_since_reply", now.date(), at_least=0, at_most=30),
    ]
    gate = [{"above": 85}]
    ana = await add_contact(
        session, "ana", receipt, now, name="Ana <b>Rossi</b>", phone="+390200000001", expires_on=ends, gate=gate
    )
    await add_change(session, ana, now - timedelta(days=20), 0, receipt[:1])
    await add_contact(session, "bruno", receipt[1:], now, name="Bruno")
    await add_task(session, ana, now, now.date())
    reason = [{"fact": "saving", "amount": "70.91", "percent": "9.1", "currency": "EUR"}]
    session.add(
        NextOffer(contact_id=ana, kind="electricity", offer_code="x", supplier="S", yearly_saving=70, saving_percent=9,
                  currency="EUR", reason=reason, computed_at=now)
    )  # fmt: skip
    model = LearnedModel(trained_at=now, horizon_days=90, model={}, report={})
    session.add(model)
    await session.flush()
    session.add(LearnedScore(contact_id=ana, model_id=model.id, chance=0.42, reasons=[], computed_at=now))
    await session.commit()
    return ana


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "de-DE"), (360, "dark", "it-IT")])
async def test_the_scores_pages_have_no_barriers_and_fit(
    people: People, session: AsyncSession, width: int, scheme: str, locale: str
) -> None:
    await fill(session, read_time())
    page = await people.open(
        "/score", "marketer", viewport={"width": width, "height": 800}, color_scheme=scheme, locale=locale
    )
    for path in ("/score", "/score/ana", "/rules"):
        await page.goto(path)
        if path == "/rules":
            await expect(page.locator(".cm-content")).to_have_attribute("aria-label", re.compile("reg|Reg"))
            await expect(page.locator(".workshop .good")).to_be_visible()
        await expect(page.locator("h1")).to_be_visible()
        assert await find_barriers(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_the_list_is_searched_and_the_address_says_so(people: People, session: AsyncSession) -> None:
    await fill(session, read_time())
    page = await people.open("/score", "agent")
    rows = page.locator("table.contacts tbody tr")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("Ana <b>Rossi</b>")
    await page.fill("input[type=search]", "bru")
    await expect(rows).to_have_count(1)
    await expect(page).to_have_url(re.compile(r"/score\?search=bru$"))
    await page.reload()
    await expect(rows).to_have_count(1)
    await page.fill("input[type=search]", "")
    await expect(rows).to_have_count(2)
    await page.select_option("label:has-text('Band') select", "middle")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Ana")
    await rows.locator("a").click()
    await expect(page.locator(".score strong")).to_have_text("60 of 100")


async def test_a_task_is_done_once(people: People, session: AsyncSession) -> None:
    await fill(session, read_time())
    page = await people.open("/score", "agent")
    task = page.locator("section:has-text('Open tasks: 1')")
    await expect(task).to_contain_text("Now in the band high, 88 points")
    await task.locator("button").click()
    await expect(page.locator("h2:has-text('No open task')")).to_be_visible()
    deed = await session.execute(text("SELECT who, deed, subject FROM audit_log ORDER BY id DESC LIMIT 1"))
    assert deed.one() == ("demo-agent@example.org", "task_done", "ana")


async def test_a_contact_tells_receipt_week_gate_and_offer_and_hears_news(
    people: People, session: AsyncSession
) -> None:
    ana = await fill(session, read_time())
    page = await people.open("/score/ana", "agent")
    await expect(page.locator("section:has(h2:text-is('Where the points come from')) li")).to_have_count(2)
    await expect(page.locator(".held")).to_contain_text("not above 85")
    week = page.locator("section:has(h2:text-is('Changed since last week'))")
    await expect(week).to_contain_text("from 40 to 60 points")
    await expect(page.locator("section:has(h2:text-is('Next best offer'))")).to_contain_text("€70.91")
    await expect(page.locator("section:has(h2:text-is('Learned from outcomes'))")).to_contain_text("42")
    await expect(page.locator("svg[role=img]")).to_have_attribute("aria-label", re.compile("from 40 to 60 points"))
    await page.wait_for_function("window.did_handshake")
    await session.execute(text("UPDATE score SET points = 71, band = 'high' WHERE contact_id = :id"), {"id": ana})
    await session.execute(text("SELECT pg_notify('contact', CAST(CAST(:id AS bigint) AS text))"), {"id": ana})
    await session.commit()
    await expect(page.locator(".score strong")).to_have_text("71 of 100")
    missing = await people.open("/score/nobody", "agent")
    await expect(missing.locator("#main")).to_contain_text("no contact at this address")


async def write_rules(page: Page, content: str) -> None:
    """Replaces the editor's whole text, as if it was pasted."""
    await page.click(".cm-content")
    await page.keyboard.press("Control+a")
    await page.evaluate("(text) => navigator.clipboard.writeText(text)", content)
    await page.keyboard.press("Control+v")


async def test_rules_are_checked_previewed_published_and_taken_back(people: People, session: AsyncSession) -> None:
    now = read_time()
    await fill(session, now)
    today = date.today()  # noqa: DTZ011  (where the web app's clock stands)
    await session.execute(text("UPDATE contact_stat SET replied_on = :today"), {"today": today})
    await session.commit()
    page = await people.open("/rules", "marketer", permissions=["clipboard-read", "clipboard-write"])
    await expect(page.locator(".workshop .good")).to_be_visible()
    content = RULES.read_text(encoding="utf-8")
    wrong = content.replace("signal: days_since_reply", "signal: days_since_replay", 1)
    number = wrong[: wrong.index("days_since_replay")].count("\n") + 1
    await write_rules(page, wrong)
    await expect(page.locator(".workshop .problem")).to_contain_text(f"Line {number}:")
    await expect(page.locator(".wrong-line")).to_have_count(0)  # it is further down than one sees
    await page.click("text=Go to the line")
    await expect(page.locator(".wrong-line")).to_be_visible()
    await page.fill("input[name=note]", "try")
    await page.click(".publish button")
    await expect(page.locator(".workshop .problem")).to_be_visible()
    better = content.replace("at_most: 30, points: 20}", "at_most: 30, points: 60}")
    await write_rules(page, better)
    await expect(page.locator(".workshop .good")).to_be_visible()
    effect = page.locator("section:has(h2:text-is('What would change'))")
    await expect(effect).to_contain_text("2 of 2 contacts would have other points")
    await expect(effect).to_contain_text("Band high: 1 move in, 0 leave")
    await expect(effect.locator(".short-list li").first).to_contain_text("+40")
    await page.click(".publish button")
    await expect(page.locator("table tbody tr").first).to_contain_text("demo-marketer@example.org")
    await expect(page.locator("table tbody tr").first).to_contain_text("counts now")
    await page.click("tr:has-text('Rules shipped') button")
    await expect(page.locator(".cm-content")).to_be_visible()
    await page.click("summary")
    await expect(page.locator(".difference .removed").first).to_contain_text("points: 60")
    assert await session.scalar(text("SELECT note FROM rule_edition")) == "try"


async def test_agents_see_scores_but_no_rules(people: People, session: AsyncSession) -> None:
    page = await people.open("/rules", "agent")
    await expect(page.locator("h1")).to_have_text("Not for your role")
    await page.goto("/score")
    await expect(page.locator("#main")).to_contain_text("There is no score yet")
    await expect(page.locator("nav a[href='/rules']")).to_have_count(0)
