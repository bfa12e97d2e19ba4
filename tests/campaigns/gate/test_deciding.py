"""Many messages decided at once over the real database: queued, held, stored, also by two workers at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.approved import NotSendableError, queue_approved
from campaigns.gate.deciding import decide_many, foresee_many
from campaigns.gate.explain import explain_held
from campaigns.gate.limits import SHIPPED, find_limits
from campaigns.gate.preparing import UnknownTemplateError
from campaigns.gate.reading import lock_contacts
from campaigns.gate.room import call_waiting
from campaigns.gate.wishes import Held, Origin, SendWish, Sent, Verdict
from core.db import Sessions
from core.settings import Settings
from core.tables import Campaign, Consent, Contact, Contract, Handoff, TemplateState
from core.types import HoldReason
from whatsapp.claim import claim_messages

NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
STILL_WAITING = "SELECT count(*) FROM send_decision WHERE reason = 'pace' AND again_at > '2026-11-18 11:01+00'"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

type Add = Callable[..., Awaitable[int]]


@pytest_asyncio.fixture
async def add(sessions: Sessions) -> Add:
    """A contact in Bologna who wants offers, and whose insurance ends in 20 days."""

    async def add(name: str = "Ada", **known: Any) -> int:
        async with sessions.begin() as session:
            own = {"language": "en", "country": "IT", "place": "Bologna", "phone": f"+39{abs(hash(name)) % 10**9:09}"}
            contact = Contact(token=name, name=name, **own | known)
            session.add(contact)
            await session.flush()
            said = {"given": True, "channel": "api", "wording": "yes", "proof": "p"}
            session.add(Consent(contact_id=contact.id, purpose="marketing", at=NOON - DAY, **said))
            ends_on = (NOON + 20 * DAY).date()
            session.add(Contract(contact_id=contact.id, kind="insurance", expires_on=ends_on, source="api"))
            return contact.id

    return add


@pytest_asyncio.fixture
async def running(sessions: Sessions) -> None:
    """The campaign all wishes are of runs."""
    async with sessions.begin() as session:
        session.add(Campaign(name="energy", state="running", changed_at=NOON))


def wish(contact_id: int, key: str = "k", template: str = "win_back", **more: Any) -> SendWish:
    return SendWish(contact_id, template, f"{key}:{contact_id}", campaign="energy", step="value", arm="message", **more)


async def decide_all(
    sessions: Sessions, settings: Settings, wishes: Sequence[SendWish], now: datetime = NOON
) -> list[Verdict]:
    async with sessions.begin() as session:
        return await decide_many(session, settings, wishes, now)


async def ask(sessions: Sessions, query: str) -> list[tuple[Any, ...]]:
    async with sessions() as session:
        return [tuple(row) for row in await session.execute(text(query))]


def change_limits(settings: Settings, folder: Path, old: str, new: str) -> Settings:
    words = SHIPPED.read_text(encoding="utf-8")
    assert old in words
    file = folder / f"limits-{abs(hash(new))}.yml"
    file.write_text(words.replace(old, new, 1), encoding="utf-8")
    return settings.model_copy(update={"limits": str(file)})


async def test_what_may_go_is_queued_and_every_decision_stored(
    sessions: Sessions, settings: Settings, add: Add
) -> None:
    ada, bruno = await add(), await add("Bruno")
    async with sessions.begin() as session:
        session.add(Handoff(contact_id=bruno, reason="wish", turn_key="t", card={}, opened_at=NOON))
    sent, held = await decide_all(sessions, settings, [wish(ada), wish(bruno)])
    assert sent == Sent(1)
    assert isinstance(held, Held)
    assert (held.reason, held.again_at) == (HoldReason.HANDOFF, NOON + timedelta(hours=1))
    rows = await ask(sessions, "SELECT contact_id, send, reason, outbox_id, cost, campaign, step FROM send_decision")
    assert [row[:4] for row in rows] == [(ada, True, None, 1), (bruno, False, "handoff", None)]
    assert [str(row[4]) for row in rows] == ["0.060000", "None"]
    ((text_, options, before),) = await ask(sessions, "SELECT text, options, leave_before FROM outbox")
    assert text_.startswith("Hi Ada, it's been a while")
    assert [option["id"] for option in options][-1] == "STOP_MKT"
    assert before == datetime(2026, 11, 18, 19, 0, tzinfo=UTC)
    assert [tuple(map(str, row)) for row in await ask(sessions, "SELECT campaign, messages, cost FROM spent")] == [
        ("energy", "1", "0.060000")
    ]


async def test_a_key_goes_once(sessions: Sessions, settings: Settings, add: Add) -> None:
    ada = await add()
    first, twin = await decide_all(sessions, settings, [wish(ada), wish(ada)])
    (again,) = await decide_all(sessions, settings, [wish(ada)])
    assert first == twin == Sent(1)
    assert again == Sent(1, repeated=True)
    assert await ask(sessions, "SELECT count(*) FROM send_decision") == [(1,)]


async def test_the_cap_counts_over_campaigns_within_a_batch_and_between_workers(
    sessions: Sessions, settings: Settings, add: Add
) -> None:
    people = [await add(f"P{number}") for number in range(20)]
    batches = [[wish(one, f"{worker}:{n}") for one in people for n in range(2)] for worker in range(3)]
    told = await asyncio.gather(*(decide_all(sessions, settings, batch) for batch in batches))
    sent = [verdict for verdicts in told for verdict in verdicts if isinstance(verdict, Sent)]
    assert len(sent) == len(people)
    assert await ask(sessions, "SELECT max(n) FROM (SELECT count(*) n FROM outbox GROUP BY contact_id) o") == [(1,)]
    reasons = {verdict.reason for verdicts in told for verdict in verdicts if isinstance(verdict, Held)}
    assert reasons == {HoldReason.DAILY_CAP}


async def test_a_journey_and_another_system_that_mean_the_same_contact_do_not_wait_for_each_other_for_ever(
    sessions: Sessions, settings: Settings, add: Add
) -> None:
    ada = await add()
    async with sessions.begin() as session:
        await lock_contacts(session, [ada])  # as a journey does before it comes to the gate
        asked = wish(ada, "other", origin=Origin.SYSTEM)
        other = asyncio.create_task(decide_all(sessions, settings, [asked]))
        while await ask(sessions, WAITING) == [(0,)]:
            assert not other.done()
        (first,) = await decide_many(session, settings, [wish(ada)], NOON)
    (second,) = await other
    assert isinstance(first, Sent)
    assert isinstance(second, Held)
    assert second.reason is HoldReason.DAILY_CAP


@pytest.mark.usefixtures("running")
async def test_people_per_day_hold_over_workers_until_whatsapp_raises_them(
    sessions: Sessions, settings: Settings, add: Add, tmp_path: Path
) -> None:
    few = change_limits(settings, tmp_path, "people_per_day: 250", "people_per_day: 3")
    people = [await add(f"P{number}") for number in range(6)]
    halves = ([wish(one) for one in people[::2]], [wish(one) for one in people[1::2]])
    told = await asyncio.gather(*(decide_all(sessions, few, half) for half in halves))
    held = [verdict for verdicts in told for verdict in verdicts if isinstance(verdict, Held)]
    assert [one.reason for one in held] == [HoldReason.PORTFOLIO_LIMIT] * 3
    (behind,) = await decide_all(sessions, few, [wish(await add("P7"))])
    assert isinstance(behind, Held)
    assert [one.again_at for one in (*held, behind)] == [NOON + DAY] * 3 + [NOON + 2 * DAY]  # each its place and turn
    async with sessions.begin() as session:
        assert await call_waiting(session, find_limits(few), NOON) == 0  # nobody is on a journey, yet all are called
    assert await ask(sessions, "SELECT DISTINCT again_at FROM send_decision WHERE NOT send") == [(NOON,)]
    async with sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO platform_report (key, field, account_id, value) VALUES ('1', 'business_capability_update',"
                """ '700', '{"max_daily_conversations_per_business": 2000}')"""
            )
        )
    late = await decide_all(sessions, few, [wish(one, "later") for one in people])
    assert sum(isinstance(verdict, Sent) for verdict in late) == 3


@pytest.mark.parametrize(
    ("old", "new", "reason", "again_at"),
    [
        ("per_minute: 2400", "per_minute: 1", HoldReason.PACE, NOON + MINUTE),
        ("per_day: 0", "per_day: 0.10", HoldReason.BUDGET, datetime(2026, 11, 19, 8, tzinfo=UTC)),
        ("per_month: 0", "per_month: 0.10", HoldReason.BUDGET, datetime(2026, 12, 1, 8, tzinfo=UTC)),
    ],
)
async def test_pace_and_money_hold_the_second_message(
    sessions: Sessions,
    settings: Settings,
    add: Add,
    tmp_path: Path,
    old: str,
    new: str,
    reason: HoldReason,
    again_at: Any,
) -> None:
    scarce = change_limits(settings, tmp_path, old, new)
    ada, bruno = await add(), await add("Bruno")
    assert isinstance((await decide_all(sessions, scarce, [wish(ada)]))[0], Sent)
    (held,) = await decide_all(sessions, scarce, [wish(bruno)])
    assert isinstance(held, Held)
    assert (held.reason, held.again_at) == (reason, again_at)
    (later,) = await decide_all(sessions, scarce, [wish(bruno)], again_at)
    assert isinstance(later, Sent)


@pytest.mark.usefixtures("running")
async def test_who_waits_until_morning_or_for_a_paused_campaign_takes_no_minute_of_now(
    sessions: Sessions, settings: Settings, add: Add, tmp_path: Path
) -> None:
    evening = NOON.replace(hour=18, minute=40)  # twenty minutes before the quiet hours in Italy
    few = change_limits(settings, tmp_path, "per_minute: 2400", "per_minute: 1")
    told = await decide_all(sessions, few, [wish(await add(f"P{number}")) for number in range(30)], evening)
    minutes = sorted(one.again_at for one in told if isinstance(one, Held) and one.again_at)
    tonight = [at for at in minutes if at < evening + MINUTE * 60]
    assert 5 < len(tonight) < 20
    elsewhere = await add("New York", country="US", place=None, timezone="America/New_York")
    assert await decide_all(sessions, few, [wish(elsewhere)], evening) == [Held(HoldReason.PACE, tonight[-1] + MINUTE)]
    async with sessions.begin() as session:
        await session.execute(text("UPDATE campaign SET state = 'paused'"))
    other = await decide_all(sessions, few, [wish(elsewhere, "other")], evening)
    assert other == [Held(HoldReason.PACE, evening + MINUTE)]


@pytest.mark.usefixtures("running")
async def test_a_minute_that_is_full_gives_each_its_turn(
    sessions: Sessions, settings: Settings, add: Add, tmp_path: Path
) -> None:
    few = change_limits(settings, tmp_path, "per_minute: 2400", "per_minute: 2")
    people = [await add(f"P{number}") for number in range(7)]
    async with sessions.begin() as session:
        await call_waiting(session, find_limits(few), NOON)
    told = await decide_all(sessions, few, [wish(one) for one in people[:5]])
    told += await decide_all(sessions, few, [wish(one) for one in people[5:]])  # they come behind the others
    minutes = [(one.again_at - NOON) // MINUTE for one in told if isinstance(one, Held) and one.again_at]
    assert minutes == [1, 1, 2, 2, 3]
    first = [place for place, one in enumerate(told) if one == Held(HoldReason.PACE, NOON + MINUTE)]
    due = [wish(people[place]) for place in first]
    later = await decide_all(sessions, few, due, NOON + MINUTE)
    assert [isinstance(one, Sent) for one in later] == [True, True]
    for limits, waiting in ((few, 3), (settings, 0)):  # another pace calls all who wait for their minute
        async with sessions.begin() as session:
            await call_waiting(session, find_limits(limits), NOON + MINUTE)
        assert await ask(sessions, STILL_WAITING) == [(waiting,)]


@pytest.mark.parametrize(
    ("status", "language", "reason"),
    [
        ("APPROVED", "en", None),
        ("PENDING", "en", HoldReason.TEMPLATE_UNAPPROVED),
        ("PAUSED", "en", HoldReason.TEMPLATE_PAUSED),
        ("APPROVED", "it", HoldReason.LANGUAGE_MISSING),
        (None, "en", HoldReason.TEMPLATE_UNAPPROVED),
    ],
)
async def test_outside_the_demo_a_template_needs_whatsapps_yes(
    sessions: Sessions, settings: Settings, add: Add, status: str | None, language: str, reason: HoldReason | None
) -> None:
    real = settings.model_copy(update={"demo": False})
    ada = await add()
    if status:
        async with sessions.begin() as session:
            state = {"status": status, "category": "MARKETING", "changed_at": NOON}
            session.add(TemplateState(name="win_back", language=language, **state))
    (verdict,) = await decide_all(sessions, real, [wish(ada)])
    assert (verdict.reason if isinstance(verdict, Held) else None) is reason


async def test_a_template_whose_text_was_changed_since_waits_for_a_push(
    sessions: Sessions, settings: Settings, add: Add
) -> None:
    ada = await add()
    async with sessions.begin() as session:
        state: dict[str, Any] = {"status": "APPROVED", "category": "MARKETING", "changed_at": NOON}
        state["components"] = [{"type": "BODY", "text": "Hello."}]
        session.add(TemplateState(name="win_back", language="en", **state))
    (held,) = await decide_all(sessions, settings, [wish(ada)])
    assert isinstance(held, Held)
    assert held.reason is HoldReason.TEMPLATE_UNAPPROVED
    assert "run `pronto templates push`" in explain_held(held, "en")


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"name": " "}, HoldReason.VALUE_MISSING),
        ({"phone": None}, HoldReason.NO_ADDRESS),
        ({"erase_at": NOON}, HoldReason.ERASED),
        ({"last_inbound_at": NOON}, HoldReason.CONVERSATION),
        ({"timezone": "Asia/Tokyo"}, HoldReason.QUIET_HOURS),
        ({"country": "DE", "region": "Sachsen", "timezone": "Europe/Berlin"}, HoldReason.HOLIDAY),  # Buß- und Bettag
    ],
)
async def test_what_is_known_of_a_contact_decides(
    sessions: Sessions, settings: Settings, add: Add, known: dict[str, Any], reason: HoldReason
) -> None:
    (held,) = await decide_all(sessions, settings, [wish(await add(**known))])
    assert isinstance(held, Held)
    assert held.reason is reason


@pytest.mark.parametrize(
    ("code", "count", "reason"),
    [(131026, 3, HoldReason.BLOCKED), (131026, 2, None), (131049, 1, HoldReason.MARKETING_REST)],
)
async def test_what_whatsapp_could_not_deliver_counts(
    sessions: Sessions, settings: Settings, add: Add, code: int, count: int, reason: HoldReason | None
) -> None:
    ada = await add()
    for number in range(count):
        await decide_all(
            sessions, settings, [wish(ada, f"old{number}", origin=Origin.PERSON)], NOON - timedelta(hours=2)
        )
    async with sessions.begin() as session:
        failed = text("UPDATE outbox SET state = 'failed', error_code = :code, failed_at = :at")
        await session.execute(failed, {"code": code, "at": NOON - timedelta(hours=1)})
    (verdict,) = await decide_all(sessions, settings, [wish(ada)])
    assert (verdict.reason if isinstance(verdict, Held) else None) is reason


async def test_foreseeing_says_the_same_and_writes_nothing(sessions: Sessions, settings: Settings, add: Add) -> None:
    wishes = [wish(await add()), wish(await add("Bruno", last_inbound_at=NOON))]
    async with sessions() as session:
        foreseen = await foresee_many(session, settings, wishes, NOON)
    assert [one.held.reason if one.held else None for one in foreseen] == [None, HoldReason.CONVERSATION]
    assert foreseen[0].text
    assert (foreseen[0].text.startswith("Hi Ada"), str(foreseen[0].cost)) == (True, "0.06")
    assert await ask(sessions, "SELECT count(*) FROM outbox, send_decision") == [(0,)]


async def test_a_message_that_waited_into_the_night_does_not_leave(
    sessions: Sessions, settings: Settings, add: Add
) -> None:
    await decide_all(sessions, settings, [wish(await add())])
    async with sessions.begin() as session:
        claimed = await claim_messages(session, settings, 1, 10, NOON.replace(hour=21))
    assert claimed.ready == []
    assert await ask(sessions, "SELECT state, reason FROM outbox") == [("blocked", "it waited until its time was over")]


async def test_a_person_of_ours_may_write_at_night_but_not_against_a_no(
    session: AsyncSession, settings: Settings, add: Add
) -> None:
    ada = await session.get_one(Contact, await add())
    night = NOON.replace(hour=23)
    with pytest.raises(NotSendableError, match=r"quiet hours where the contact lives.*2026-11-19 09:00"):
        await queue_approved(session, settings, ada, "win_back", {}, "k1", night, Origin.SYSTEM)
    assert await queue_approved(session, settings, ada, "win_back", {}, "k2", night) == 1
    said = {"given": False, "channel": "api", "wording": "no", "proof": "p2"}
    session.add(Consent(contact_id=ada.id, purpose="marketing", at=NOON, **said))
    await session.flush()
    with pytest.raises(NotSendableError, match="has withdrawn the consent"):
        await queue_approved(session, settings, ada, "win_back", {}, "k3", night)


async def test_a_template_nobody_knows_is_an_error(session: AsyncSession, settings: Settings, add: Add) -> None:
    with pytest.raises(UnknownTemplateError, match="'nonsense' is unknown: use"):
        await decide_many(session, settings, [replace(wish(await add()), template="nonsense")], NOON)
