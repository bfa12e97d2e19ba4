"""A campaign runs only after it was checked and approved, stops at once, and every step is written down."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import COMMAND_LINE, Actor
from campaigns.pages.said import RELEASE_WORDS
from campaigns.release.release import approve, check, finish, pause, promote, resume, schedule, start
from campaigns.release.resuming import LONGEST_PAUSE
from campaigns.release.states import Deed, ReleaseError, list_deeds, next_state
from campaigns.release.stopping import STOPPED
from campaigns.release.whys import read_why, write_why
from campaigns.running import hold_running
from campaigns.walking import walk_due
from core.db import Sessions
from core.settings import Settings
from core.tables import Account, Contact, Enrollment, SendDecision
from core.types import CampaignState as State
from core.types import Language, OutboundKind
from offers.yaml_file import FileError
from pages.words import Words, load_words
from tests.campaigns.journeys.world import World
from tests.campaigns.spring import SPRING

JOURNEY = (
    SPRING
    + """
arms: {short: 50, long: 50}
steps:
  value: {send: energy_value, then: wait}
  wait:
    wait: [{reply: affirm, go: done}, {after: 1 day, go: done}]
  done: {end: finished}
"""
)
LINE = Actor(None, COMMAND_LINE)


@pytest.fixture
def world(sessions: Sessions, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PRONTO_DEMO", "1")  # offers/ reads the company's facts by the settings of the process
    return World(sessions, settings, now.replace(hour=10, day=18))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spring.yml").write_text(JOURNEY, encoding="utf-8")
    return tmp_path


async def add_actor(session: AsyncSession, email: str, now: datetime) -> Actor:
    account = Account(email=email, name=email, role="marketer", created_at=now)
    session.add(account)
    await session.flush()
    return Actor(account.id, email)


async def run_spring(session: AsyncSession, settings: Settings, folder: Path, now: datetime) -> int:
    """Checked, approved, started; the id of its version."""
    campaign = await check(session, "spring", LINE, now, folder)
    await approve(session, settings, "spring", LINE, "", now, folder)
    await start(session, "spring", LINE, "", now)
    assert campaign.version_id is not None
    return campaign.version_id


async def read_changes(session: AsyncSession) -> list[Any]:
    found = await session.execute(text("SELECT state_before, state, who, why FROM campaign_change ORDER BY id"))
    return [tuple(row) for row in found]


async def queue_message(session: AsyncSession, version_id: int, number: int, now: datetime, state: str) -> int:
    """Somebody who waits after a message of the campaign; the enrollment's id."""
    contact = Contact(token=f"c{number}", phone=f"+39020{number:06}")
    session.add(contact)
    await session.flush()
    enrollment = Enrollment(
        campaign="spring", version_id=version_id, contact_id=contact.id, arm="short", step="wait",
        step_at=now, due_at=now + timedelta(days=1), entered_at=now,
    )  # fmt: skip
    session.add(enrollment)
    await session.flush()
    outbox_id = await session.scalar(
        text(
            "INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, state, due_at,"
            " created_at) VALUES (:id, '900', :key, :key, :kind, 'marketing', '{}', 'Ciao', :state, :now, :now)"
            " RETURNING id"
        ),
        {"id": contact.id, "key": f"k{number}", "kind": OutboundKind.TEMPLATE, "state": state, "now": now},
    )
    session.add(
        SendDecision(
            contact_id=contact.id,
            campaign="spring",
            enrollment_id=enrollment.id,
            step="value",
            arm="short",
            template="energy_value",
            at=now,
            send=True,
            facts={},
            outbox_id=outbox_id,
        )
    )
    await session.flush()
    return enrollment.id


async def test_every_step_is_written_down(
    session: AsyncSession, settings: Settings, folder: Path, now: datetime
) -> None:
    await check(session, "spring", LINE, now, folder)
    await approve(session, settings, "spring", LINE, "Guarda bene", now, folder)
    await schedule(session, "spring", LINE, now, now + timedelta(hours=1))
    await start(session, "spring", None, write_why("time_come"), now)
    await pause(session, "spring", LINE, "prices are wrong", now)
    await resume(session, "spring", LINE, "", now)
    await finish(session, "spring", LINE, "", now)
    assert await read_changes(session) == [
        ("draft", "checked", "pronto", "!published version=1"),
        ("checked", "approved", "pronto", "Guarda bene"),
        ("approved", "scheduled", "pronto", "!scheduled at=2026-11-21T22:00+00:00"),
        ("scheduled", "running", None, "!time_come"),
        ("running", "paused", "pronto", "prices are wrong"),
        ("paused", "running", "pronto", "!resumed"),
        ("running", "finished", "pronto", "!finished"),
    ]
    assert await session.scalar(text("SELECT count(*) FROM audit_log WHERE deed = 'campaign_changed'")) == 6


async def test_a_file_that_does_not_hold_together_stays_a_draft(
    session: AsyncSession, folder: Path, now: datetime
) -> None:
    (folder / "spring.yml").write_text(JOURNEY.replace("go: done", "go: gone"), encoding="utf-8")
    with pytest.raises(FileError, match=r"spring.yml, line \d+: .*gone"):
        await check(session, "spring", LINE, now, folder)
    with pytest.raises(ReleaseError, match="unchecked"):
        await start(session, "spring", LINE, "", now)
    with pytest.raises(ReleaseError, match="no_file"):
        await check(session, "summer", LINE, now, folder)


async def test_what_was_edited_after_the_check_cannot_be_approved(
    session: AsyncSession, settings: Settings, folder: Path, now: datetime
) -> None:
    await check(session, "spring", LINE, now, folder)
    (folder / "spring.yml").write_text(JOURNEY.replace("1 day", "2 days"), encoding="utf-8")
    with pytest.raises(ReleaseError, match="edited"):
        await approve(session, settings, "spring", LINE, "", now, folder)
    await check(session, "spring", LINE, now, folder)
    await approve(session, settings, "spring", LINE, "", now, folder)


async def test_an_edit_of_what_was_approved_takes_the_approval_back(
    session: AsyncSession, settings: Settings, folder: Path, now: datetime
) -> None:
    await check(session, "spring", LINE, now, folder)
    await approve(session, settings, "spring", LINE, "", now, folder)
    assert (await check(session, "spring", LINE, now, folder)).state == "approved"
    (folder / "spring.yml").write_text(JOURNEY.replace("1 day", "2 days"), encoding="utf-8")
    assert (await check(session, "spring", LINE, now, folder)).state == "checked"


async def test_newcomers_of_a_running_campaign_enter_an_edit_once_it_is_approved(
    session: AsyncSession, settings: Settings, folder: Path, now: datetime
) -> None:
    first = await run_spring(session, settings, folder, now)
    with pytest.raises(ReleaseError, match="nothing_new"):
        await approve(session, settings, "spring", LINE, "", now, folder)
    (folder / "spring.yml").write_text(JOURNEY.replace("1 day", "2 days"), encoding="utf-8")
    campaign = await check(session, "spring", LINE, now, folder)
    assert (campaign.version_id, campaign.state) == (first, "running")
    campaign = await approve(session, settings, "spring", LINE, "", now, folder)
    assert (campaign.version_id, campaign.state) == (first + 1, "running")


async def test_a_second_person_approves_where_the_setting_says_so(
    session: AsyncSession, settings: Settings, folder: Path, now: datetime
) -> None:
    settings.campaign_second_person = True
    ada, bea = await add_actor(session, "ada@example.org", now), await add_actor(session, "bea@example.org", now)
    await check(session, "spring", ada, now, folder)
    with pytest.raises(ReleaseError, match="second_person"):
        await approve(session, settings, "spring", ada, "", now, folder)
    with pytest.raises(ReleaseError, match="second_person_unknown"):
        await approve(session, settings, "spring", LINE, "", now, folder)
    await approve(session, settings, "spring", bea, "", now, folder)
    await start(session, "spring", ada, "", now)
    (folder / "spring.yml").write_text(JOURNEY.replace("1 day", "2 days"), encoding="utf-8")
    with pytest.raises(ReleaseError, match="unchecked"):
        await approve(session, settings, "spring", bea, "", now, folder)
    await check(session, "spring", bea, now, folder)
    with pytest.raises(ReleaseError, match="second_person"):
        await approve(session, settings, "spring", bea, "", now, folder)
    await approve(session, settings, "spring", ada, "", now, folder)


async def test_a_pause_withdraws_what_is_queued_and_resuming_asks_the_gate_again(
    session: AsyncSession, settings: Settings, folder: Path, now: datetime
) -> None:
    version_id = await run_spring(session, settings, folder, now)
    waiting, left = [
        await queue_message(session, version_id, number, now, state)
        for number, state in enumerate(("queued", "accepted"))
    ]
    done = await pause(session, "spring", LINE, "", now + timedelta(minutes=1))
    assert done.cancelled == 1
    states = (await session.execute(text("SELECT state, reason FROM outbox ORDER BY id"))).all()
    assert [tuple(row) for row in states] == [("cancelled", STOPPED), ("accepted", None)]
    later = now + timedelta(hours=1)
    assert (await resume(session, "spring", LINE, "", later)).moved == 1
    rows = (await session.execute(text("SELECT id, step, due_at FROM enrollment ORDER BY id"))).all()
    assert [tuple(row) for row in rows] == [(waiting, "value", later), (left, "wait", now + timedelta(days=1))]
    await pause(session, "spring", LINE, "", later)
    assert (await resume(session, "spring", LINE, "", later)).moved == 0


SHORT = (
    SPRING
    + """
steps:
  thanks: {send: first_order, then: wait}
  wait:
    wait: [{reply: deny, go: done}, {after: 1 minute, go: call}]
  call: {task: {it: Chiama, de: Ruf an, en: Call}, then: done}
  done: {end: finished}
"""
)


async def pause_short(world: World) -> list[int]:
    """Three journeys are over before the only message of each has left: by time, by a no, by time. Then a pause."""
    await world.run("spring", SHORT)
    people = [await world.meet(number) for number in range(3)]
    await world.enter("spring", *people)
    await world.walk()
    await world.say(people[1], "deny")
    await world.walk(minutes=2)
    assert await world.stands() == [("done", "finished")] * 3
    assert await world.count("task") == 2
    async with world.sessions.begin() as session:
        assert (await pause(session, "spring", LINE, "", world.now)).cancelled == 3
    return people


async def resume_short(world: World) -> int:
    async with world.sessions.begin() as session:
        return (await resume(session, "spring", LINE, "", world.now)).moved


async def test_who_was_through_when_the_message_was_withdrawn_gets_it_after_the_pause_unless_it_is_over(
    world: World,
) -> None:
    people = await pause_short(world)
    await world.happen(people[2], "purchase")
    assert await resume_short(world) == 2
    await asyncio.gather(*(walk_due(world.sessions, world.settings, world.now) for _ in range(3)))
    await world.walk(minutes=2)
    assert await world.stands() == [("done", "finished"), ("done", "finished"), ("thanks", "converted")]
    queued = await world.read("SELECT contact_id FROM outbox WHERE state = 'queued'")
    assert [row.contact_id for row in queued] == people[:1]
    assert await world.count("task") == 2  # what was done for them once is not done again
    async with world.sessions.begin() as session:
        await pause(session, "spring", LINE, "", world.now)
    await world.enter("spring", people[0], occasion="o2")  # what comes later goes before
    assert await resume_short(world) == 0


async def test_after_a_long_pause_nobody_is_sought_out_again_whose_journey_is_over(world: World) -> None:
    await pause_short(world)
    world.now += LONGEST_PAUSE + timedelta(minutes=1)
    assert await resume_short(world) == 0


async def test_an_edit_during_the_pause_is_what_those_get_who_were_through(world: World) -> None:
    await pause_short(world)
    edit = SHORT.replace("thanks", "greeting").replace("first_order", "second_order")
    version_id = await world.run("spring", edit + "running: move\nmoves: {thanks: greeting}\n")
    async with world.sessions.begin() as session:
        await session.execute(text("UPDATE campaign SET state = 'paused'"))
    assert await resume_short(world) == 2
    rows = await world.read("SELECT version_id, step FROM enrollment WHERE ended_at IS NULL")
    assert [tuple(row) for row in rows] == [(version_id, "greeting")] * 2


async def test_what_a_pause_withdraws_is_not_spent(world: World) -> None:
    await pause_short(world)
    (row,) = await world.read("SELECT sum(messages) AS messages, sum(cost) AS cost, max(cost) AS most FROM spent")
    assert (row.messages, row.cost) == (3, 0)
    assert row.most > 0


async def test_a_pause_waits_for_the_batch_under_way_and_nobody_begins_behind_it(
    sessions: Sessions, settings: Settings, folder: Path, now: datetime
) -> None:
    async with sessions.begin() as session:
        version_id = await run_spring(session, settings, folder, now)

    async def stop() -> int:
        async with sessions.begin() as session:
            return (await pause(session, "spring", LINE, "", now)).cancelled

    async with sessions.begin() as working:
        assert await hold_running(working) == {"spring": version_id}
        stopping = asyncio.create_task(stop())
        await queue_message(working, version_id, 1, now, "queued")
        await asyncio.sleep(0.05)
        assert not stopping.done()
    assert await stopping == 1
    async with sessions.begin() as session:
        assert await hold_running(session) == {}


async def test_a_pause_withdraws_all_that_is_queued(
    sessions: Sessions, settings: Settings, folder: Path, now: datetime
) -> None:
    async with sessions.begin() as session:
        version_id = await run_spring(session, settings, folder, now)
        await queue_message(session, version_id, 0, now, "queued")
        await session.execute(
            text(
                "WITH queued AS (INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body,"
                " text, due_at, created_at) SELECT contact_id, '900', 'm' || n, 'm' || n, kind, purpose, body, text,"
                " due_at, created_at FROM outbox, generate_series(1, 999) AS n RETURNING id, contact_id)"
                " INSERT INTO send_decision (contact_id, campaign, template, at, send, facts, outbox_id)"
                " SELECT contact_id, 'spring', 'energy_value', :now, true, '{}', id FROM queued"
            ),
            {"now": now},
        )
    async with sessions.begin() as session:
        assert (await pause(session, "spring", LINE, "", now)).cancelled == 1000


async def test_finishing_ends_who_is_under_way_and_drops_plans(
    session: AsyncSession, settings: Settings, folder: Path, now: datetime
) -> None:
    version_id = await run_spring(session, settings, folder, now)
    await queue_message(session, version_id, 1, now, "queued")
    await session.execute(
        text(
            "INSERT INTO plan (campaign, contact_id, occasion, due_at, created_at)"
            " SELECT 'spring', id, 'manual', :now, :now FROM contact"
        ),
        {"now": now},
    )
    done = await finish(session, "spring", LINE, "", now)
    assert (done.cancelled, done.moved) == (1, 1)
    assert (await session.execute(text("SELECT outcome, due_at FROM plan"))).one() == ("campaign_finished", None)
    ended = (await session.execute(text("SELECT outcome, due_at, ended_at FROM enrollment"))).one()
    assert tuple(ended) == ("campaign_finished", None, now)


async def test_a_person_promotes_an_arm_and_takes_it_back(
    session: AsyncSession, settings: Settings, folder: Path, now: datetime
) -> None:
    await run_spring(session, settings, folder, now)
    assert (await promote(session, "spring", "long", LINE, now)).promoted_arm == "long"
    with pytest.raises(ReleaseError, match="no_arm"):
        await promote(session, "spring", "red", LINE, now)
    assert (await promote(session, "spring", None, LINE, now)).promoted_arm is None


async def test_a_start_in_the_past_is_refused(session: AsyncSession, now: datetime) -> None:
    with pytest.raises(ReleaseError, match="wrong_times"):
        await schedule(session, "spring", LINE, now, now - timedelta(minutes=1))
    with pytest.raises(ReleaseError, match="wrong_times"):
        await schedule(session, "spring", LINE, now, now + timedelta(days=2), now + timedelta(days=1))


@pytest.mark.parametrize("deed", Deed)
def test_a_deed_out_of_order_is_refused_with_a_sentence(deed: Deed) -> None:
    for state in State:
        if deed in list_deeds(state):
            assert next_state(deed, state)
        else:
            with pytest.raises(ReleaseError) as refused:
                next_state(deed, state)
            for texts in load_words(Path("campaigns/release/words.yml")).values():
                assert texts[refused.value.code].format(**refused.value.facts)


def test_every_refusal_has_its_words() -> None:
    told = Words(Language.EN, RELEASE_WORDS)
    source = "".join(file.read_text(encoding="utf-8") for file in Path("campaigns").rglob("*.py"))
    codes = {code for given in re.findall(r"ReleaseError\(([^,)]*)", source) for code in re.findall(r'"(\w+)"', given)}
    assert {"second_person_unknown", "nothing_new", "edited"} < codes
    assert [code for code in sorted(codes) if code not in told] == []


def test_reasons_of_pronto_are_read_back_and_those_of_people_left_alone() -> None:
    assert read_why(write_why("too_many_errors", count=3, messages=100)) == (
        "too_many_errors",
        {"count": "3", "messages": "100"},
    )
    assert read_why("Preise falsch!") is None
