"""Results come from rows alone, count nothing twice, and say what each arm adds."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal

import pytest_asyncio
from sqlalchemy import text

from campaigns.results.chain import read_chain
from campaigns.results.effect import read_effects
from campaigns.results.read import count_held, count_steps, read_groups
from campaigns.results.table import HEADINGS, write_csv
from campaigns.results.uplift import Verdict
from core.db import Sessions
from core.settings import Settings
from core.tables import (
    Consent,
    Contact,
    Enrollment,
    EnrollmentStep,
    Event,
    Message,
    Outbox,
    Plan,
    SendDecision,
)
from tests.campaigns.spring import SPRING, add_spring

JOURNEY = SPRING + "steps: {done: {end: finished}}"
CROWD = text("""
    WITH people AS (
        INSERT INTO contact (token) SELECT 'crowd' || n FROM generate_series(1, :many) n RETURNING id)
    INSERT INTO enrollment (campaign, version_id, contact_id, arm, segment, language, step_at, entered_at, ended_at,
                            converted_at, revenue)
    SELECT 'spring', :version, id, CASE WHEN id % 2 = 0 THEN 'control' ELSE 'message' END, 'high', 'it', :at, :at, :at,
           CASE WHEN id % (CASE WHEN id % 2 = 0 THEN 40 ELSE 10 END) < 2 THEN CAST(:at AS timestamptz) END,
           CASE WHEN id % (CASE WHEN id % 2 = 0 THEN 40 ELSE 10 END) < 2 THEN 50 END
    FROM people
""")


@pytest_asyncio.fixture
async def version(sessions: Sessions, now: datetime) -> int:
    return await add_spring(sessions, JOURNEY, now)


@pytest_asyncio.fixture
async def ada(sessions: Sessions, version: int, now: datetime) -> int:
    """She got two messages, read one, answered twice, clicked twice, bought twice, complained and opted out."""
    async with sessions.begin() as session:
        contact = Contact(token="ada")
        session.add(contact)
        await session.flush()
        own = {"contact_id": contact.id}
        plan = Plan(campaign="spring", occasion="manual", created_at=now, outcome="entered", done_at=now, **own)
        session.add(plan)
        enrollment = Enrollment(
            **{"campaign": "spring", "version_id": version, "arm": "message", "segment": "high", "language": "it"},
            **{"step": "wait", "step_at": now, "entered_at": now, "converted_at": now + timedelta(days=2)},
            **{"revenue": Decimal("80.50"), "currency": "EUR"},
            **own,
        )
        session.add(enrollment)
        await session.flush()
        session.add(EnrollmentStep(enrollment_id=enrollment.id, step="value", at=now, moved_by="entered"))
        told = {"campaign": "spring", "enrollment_id": enrollment.id, "arm": "message", "facts": {}, "currency": "EUR"}
        for hours, state, billable in ((1, "read", True), (2, "delivered", False)):
            at = now + timedelta(hours=hours)
            outbox = Outbox(
                **{"phone_number_id": "900", "key": f"k{hours}", "callback": f"k{hours}", "kind": "template"},
                **{"purpose": "marketing", "body": {}, "text": "Ciao", "state": state, "due_at": at, "created_at": at},
                **{"delivered_at": at, "read_at": at if state == "read" else None, "pricing": {"billable": billable}},
                **own,
            )
            session.add(outbox)
            await session.flush()
            sent = SendDecision(template="t", step=f"s{hours}", at=at, send=True, outbox_id=outbox.id, **told, **own)
            sent.cost = Decimal("0.07")
            session.add(sent)
            for _ in range(2):  # asked again and again
                held = {"template": "t", "step": "s3", "send": False, "reason": "quiet_hours"}
                session.add(SendDecision(at=at, **held, **told, **own))
            session.add(
                Message(
                    **{"wamid": f"w{hours}", "phone_number_id": "900", "kind": "text", "text": "Sì", "payload": {}},
                    **{"sent_at": at + timedelta(minutes=1)},
                    **own,
                )
            )
            for kind in ("offer_click", "purchase"):
                session.add(Event(kind=kind, at=at + timedelta(minutes=2), data={}, **own))
        session.add(Event(kind="complaint", at=now + timedelta(days=3), data={}, **own))
        said = {"purpose": "marketing", "given": False, "channel": "whatsapp", "wording": "stop"}
        session.add(Consent(at=now + timedelta(days=4), **said, **own))
        return contact.id


async def test_what_one_person_did_many_times_counts_once(sessions: Sessions, ada: int, now: datetime) -> None:
    async with sessions() as session:
        groups = await read_groups(session, "spring")
        assert [(one.by, one.arm, one.segment, one.language) for one in groups] == [
            ("all", "", "", ""),
            ("arm", "message", "", ""),
            ("language", "message", "", "it"),
            ("segment", "message", "high", ""),
        ]
        for one in groups:
            assert (one.entered, one.under_way, one.sent, one.messages, one.failed) == (1, 1, 1, 2, 0)
            assert (one.delivered, one.read, one.replied, one.clicked, one.converted) == (1, 1, 1, 1, 1)
            assert (one.opted_out, one.complained) == (1, 1)
            assert (one.revenue, one.cost) == (Decimal("80.50"), Decimal("0.07"))
            assert one.close == timedelta(days=2)
        assert await count_held(session, "spring") == {"quiet_hours": 1}
        assert await count_steps(session, "spring") == {"wait": 1}


async def test_times_bound_who_is_counted(sessions: Sessions, ada: int, now: datetime) -> None:
    async with sessions() as session:
        assert await read_groups(session, "spring", until=now) == await read_groups(session, "autumn")
        assert (await read_groups(session, "spring", since=now))[0].entered == 1
        assert await count_held(session, "spring", until=now) == {}


async def test_the_chain_tells_everything_in_order(sessions: Sessions, ada: int) -> None:
    async with sessions() as session:
        chain = await read_chain(session, "spring", ada)
        assert await read_chain(session, "autumn", ada) == []
    kinds = [one.kind for one in chain]
    assert kinds[:3] == ["planned", "entered", "step"]
    assert set(kinds[3:]) == {"sent", "held", "delivered", "read", "reply", "event", "converted"}
    assert kinds.count("reply") == 2
    assert kinds.count("converted") == 1
    assert {one.text for one in chain if one.kind == "sent"} == {"Ciao"}
    assert [one.at for one in chain] == sorted(one.at for one in chain)


async def test_the_uplift_counts_contacts_whose_time_is_over(
    sessions: Sessions, settings: Settings, version: int, now: datetime
) -> None:
    async with sessions.begin() as session:
        await session.execute(CROWD, {"many": 4000, "version": version, "at": now})
    for days, count in ((13, 0), (14, 3)):
        async with sessions() as session:
            effects = await read_effects(session, settings, "spring", now + timedelta(days=days))
            assert len(effects) == count
    whole = effects[0]
    assert (whole.by, whole.arm, whole.beside, whole.sample.contacts) == ("all", "message", "control", 2000)
    assert whole.rate is not None
    assert whole.rate.low < whole.rate.value < whole.rate.high
    assert whole.revenue is not None
    assert whole.revenue.low > 0
    assert whole.verdict is Verdict.TOO_EARLY
    async with sessions.begin() as session:
        (later, *_) = await read_effects(session, settings, "spring", now + timedelta(days=28))
        assert later.verdict is Verdict.EFFECTIVE
        await session.execute(text("UPDATE campaign SET promoted_at = :at"), {"at": now + timedelta(days=1)})
        assert await read_effects(session, settings, "spring", now + timedelta(days=28)) == []


async def test_a_contact_that_entered_twice_is_one_in_its_first_arm(
    sessions: Sessions, settings: Settings, version: int, now: datetime
) -> None:
    async with sessions.begin() as session:
        for token, arm in (("one", "message"), ("other", "control")):
            contact = Contact(token=token)
            session.add(contact)
            await session.flush()
            for days, again in ((0, arm), (20, "message")):
                at = now + timedelta(days=days)
                common = {"campaign": "spring", "version_id": version, "step_at": at, "ended_at": at}
                session.add(Enrollment(contact_id=contact.id, arm=again, entered_at=at, revenue=5, **common))
        await session.flush()
        effects = await read_effects(session, settings, "spring", now + timedelta(days=60))
    assert {(one.sample.contacts, one.control.contacts) for one in effects} == {(1, 1)}
    assert effects[0].sample.paid == 10


async def test_the_file_has_a_line_per_group_and_the_uplift_where_it_belongs(
    sessions: Sessions, settings: Settings, version: int, now: datetime
) -> None:
    async with sessions.begin() as session:
        await session.execute(CROWD, {"many": 100, "version": version, "at": now})
        groups = await read_groups(session, "spring")
        effects = await read_effects(session, settings, "spring", now + timedelta(days=30))
    rows = list(csv.DictReader(io.StringIO(write_csv(groups, effects))))
    assert [row["by"] for row in rows] == ["all", "arm", "arm", "language", "language", "segment", "segment"]
    assert tuple(rows[0]) == HEADINGS
    assert (rows[0]["entered"], rows[0]["uplift_points"]) == ("100", "")
    message = next(row for row in rows if row["by"] == "arm" and row["arm"] == "message")
    assert (message["uplift_contacts"], message["uplift_beside"], message["verdict"]) == ("50", "control", "too_early")
    assert float(message["uplift_low"]) < float(message["uplift_points"])
