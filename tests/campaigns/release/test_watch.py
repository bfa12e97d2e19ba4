"""Campaigns start and end when it was said, and pause by themselves when they do harm."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from campaigns.release.watch import Harm, list_harm, watch_campaigns
from campaigns.release.whys import read_why
from core.db import Sessions
from core.settings import Settings
from core.tables import Campaign, Consent, PlatformPreference, TemplateState
from core.types import AddressForm
from pages.words import load_words
from tests.campaigns.spring import SPRING, add_spring

JOURNEY = (
    SPRING
    + """
steps:
  value: {send: energy_value, then: done}
  done: {end: finished}
"""
)
MESSAGES = text("""
    WITH people AS (INSERT INTO contact (token) SELECT 'c' || n FROM generate_series(1, :many) n RETURNING id),
    sent AS (INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, due_at,
            created_at, state)
        SELECT id, '900', 'k' || id, 'k' || id, 'template', 'marketing', '{}', '', :now, :now,
               CASE WHEN id <= :failed THEN 'failed' ELSE 'delivered' END FROM people RETURNING id, contact_id)
    INSERT INTO send_decision (contact_id, campaign, template, at, send, facts, outbox_id)
    SELECT contact_id, 'spring', 'energy_value', :now, true, '{}', id FROM sent
""")


@pytest_asyncio.fixture
async def spring(sessions: Sessions, now: datetime) -> None:
    """A campaign that has been running for a day."""
    await add_spring(sessions, JOURNEY, now, began=now - timedelta(days=1))


async def send(sessions: Sessions, now: datetime, many: int, failed: int = 0) -> None:
    async with sessions.begin() as session:
        await session.execute(MESSAGES, {"many": many, "failed": failed, "now": now})


async def read_state(sessions: Sessions) -> tuple[str, str | None]:
    async with sessions() as session:
        campaign = await session.get_one(Campaign, "spring")
        return campaign.state, campaign.why


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (Harm(200, 20, 4, 4), None),
        (Harm(200, 21, 0, 0), "too_many_errors"),
        (Harm(200, 0, 5, 0), "too_many_blocks"),
        (Harm(200, 199, 5, 5), "too_many_blocks"),
        (Harm(200, 199, 0, 5), "too_many_opt_outs"),
    ],
)
def test_the_gravest_harm_above_its_limit_is_named(settings: Settings, harm: Harm, code: str | None) -> None:
    why = next(list_harm(harm, settings), None)
    told = read_why(why) if why else None
    assert (told and told[0]) == code
    if told:
        for texts in load_words(Path("campaigns/release/words.yml")).values():
            assert str(harm.messages) in texts[told[0]].format(**told[1])


@pytest.mark.usefixtures("spring")
async def test_too_many_errors_pause_a_campaign_but_not_too_few_messages(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    await send(sessions, now, 99, failed=99)
    assert await watch_campaigns(sessions, settings, now) == 0
    settings.campaign_pause_messages = 99
    assert await watch_campaigns(sessions, settings, now) == 1
    assert await read_state(sessions) == (
        "paused",
        "!too_many_errors count=99 messages=99 percent=100.0 limit=10",
    )
    async with sessions() as session:
        assert (await session.execute(text("SELECT who, state FROM campaign_change"))).all() == [(None, "paused")]


@pytest.mark.usefixtures("spring")
async def test_a_stop_after_a_message_counts_and_one_before_it_does_not(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    await send(sessions, now, 100)
    said = {"purpose": "marketing", "given": False, "channel": "whatsapp", "wording": "stop"}
    async with sessions.begin() as session:
        people = list(await session.scalars(text("SELECT id FROM contact ORDER BY id LIMIT 4")))
        session.add(Consent(contact_id=people[0], at=now - timedelta(hours=1), **said))
        for contact_id in people[1:3]:
            session.add(Consent(contact_id=contact_id, at=now + timedelta(hours=1), **said))
        for contact_id in people[1:3]:
            session.add(PlatformPreference(contact_id=contact_id, value="stop", at=now, payload={}))
    assert await watch_campaigns(sessions, settings, now) == 0
    async with sessions.begin() as session:
        session.add(Consent(contact_id=people[3], at=now + timedelta(hours=2), **said))
    await watch_campaigns(sessions, settings, now)
    assert await read_state(sessions) == (
        "paused",
        "!too_many_opt_outs count=3 messages=100 percent=3.0 limit=2",
    )


@pytest.mark.usefixtures("spring")
async def test_what_was_before_the_campaign_was_resumed_is_forgiven(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    await send(sessions, now, 100, failed=100)
    async with sessions.begin() as session:
        await session.execute(text("UPDATE campaign SET changed_at = :at"), {"at": now + timedelta(hours=1)})
    assert await watch_campaigns(sessions, settings, now) == 0


@pytest.mark.usefixtures("spring")
@pytest.mark.parametrize(
    ("template", "status", "address", "state"),
    [
        ("energy_value", "PAUSED", "informal", "paused"),
        ("energy_value", "REJECTED", "informal", "paused"),
        ("energy_value_formal", "DISABLED", "formal", "paused"),
        ("energy_value_formal", "DISABLED", "informal", "running"),
        ("cart_reminder", "PAUSED", "informal", "running"),
        ("energy_value", "APPROVED", "informal", "running"),
    ],
)
async def test_a_template_that_whatsapp_stopped_pauses_the_campaigns_that_send_it(
    sessions: Sessions, settings: Settings, now: datetime, template: str, status: str, address: str, state: str
) -> None:
    settings.address = AddressForm(address)
    async with sessions.begin() as session:
        session.add(TemplateState(name=template, language="it", status=status, changed_at=now))
    await watch_campaigns(sessions, settings, now)
    found, why = await read_state(sessions)
    assert found == state
    assert why == (f"!template_stopped template=energy_value status={status}" if state == "paused" else None)


@pytest.mark.usefixtures("spring")
async def test_campaigns_start_and_end_by_themselves(sessions: Sessions, settings: Settings, now: datetime) -> None:
    async with sessions.begin() as session:
        await session.execute(
            text("UPDATE campaign SET state = 'scheduled', starts_at = :starts, ends_at = :ends"),
            {"starts": now + timedelta(hours=1), "ends": now + timedelta(days=1)},
        )
    assert await watch_campaigns(sessions, settings, now) == 0
    await watch_campaigns(sessions, settings, now + timedelta(hours=1))
    assert await read_state(sessions) == ("running", "!time_come")
    await watch_campaigns(sessions, settings, now + timedelta(days=1))
    assert await read_state(sessions) == ("finished", "!time_over")


@pytest.mark.usefixtures("spring")
async def test_what_was_queued_behind_a_pause_is_withdrawn(
    sessions: Sessions, settings: Settings, now: datetime
) -> None:
    await send(sessions, now, 3)
    async with sessions.begin() as session:
        await session.execute(text("UPDATE campaign SET state = 'paused', changed_at = :now"), {"now": now})
        await session.execute(text("UPDATE outbox SET state = 'queued'"))
    await watch_campaigns(sessions, settings, now)
    async with sessions() as session:
        assert set(await session.scalars(text("SELECT state FROM outbox"))) == {"cancelled"}
