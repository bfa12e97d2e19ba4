"""What the score's pages read, and publishing."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor
from accounts.people import change_role, create_account
from accounts.sessions import Lifetime, NotAllowedError, Visitor, open_account_session, read_visitor
from core.db import Sessions
from core.tables import AuditLog, ContactMerge, RuleEdition
from core.types import Role
from scoring.nodes import RulesError
from scoring.reading import RULES
from studio.score.publish import OvertakenError, UnchangedError, publish_rules, read_counting
from studio.score.read import (
    PER_PAGE,
    Filter,
    count_found,
    finish_task,
    list_contacts,
    read_changes,
    read_contact,
    read_overview,
)
from tests.studio.filling import add_change, add_contact, add_task, line

SHIPPED = RULES.read_text(encoding="utf-8")
LIFE = Lifetime(timedelta(hours=1), timedelta(hours=2))


async def fill(session: AsyncSession, now: datetime) -> dict[str, int]:
    """Ana (88, ends in 45 days), Bruno (50, ends in 46), Carla (0, a shop's), each known by a token."""
    today = now.date()
    near = [line("expiry_near", 88, "days_left", today + timedelta(days=45))]
    far = [line("expiry_near", 50, "days_left", today + timedelta(days=46))]
    ids = {
        "ana": await add_contact(session, "ana", near, now, name="Ana 100%", phone="+390200000001",
                                 expires_on=today + timedelta(days=45)),
        "bruno": await add_contact(session, "bruno", far, now, name="Bruno", expires_on=today + timedelta(days=46),
                                   gate=[{"above": 70}]),
        "carla": await add_contact(session, "carla", [], now, pack="shop"),
    }  # fmt: skip
    await session.commit()
    return ids


async def find(session: AsyncSession, **wish: object) -> list[str]:
    return [row.token for row in await list_contacts(session, Filter(**wish))]  # type: ignore[arg-type]


async def test_the_list_is_filtered_searched_and_sorted(session: AsyncSession, now: datetime) -> None:
    await fill(session, now)
    assert await find(session) == ["ana", "bruno", "carla"]
    assert await find(session, sort="least") == ["carla", "bruno", "ana"]
    assert await find(session, sort="expires") == ["ana", "bruno"]
    assert await find(session, pack="shop") == ["carla"]
    assert await find(session, band="middle", pack="energy") == ["bruno"]
    for words in ("100%", "0200000001"[-3:], "_", "\x00", "'; DROP TABLE score; --"):
        found = await find(session, search=words)
        assert found == (["ana"] if words == "100%" else ["ana", "bruno", "carla"] if words == "\x00" else [])
    for words in ("+39 02 0000 0001", "ana", "ANA"):
        assert await find(session, search=words) == ["ana"]
    assert await count_found(session, Filter(search="a")) == 1
    assert await count_found(session, Filter(sort="expires")) == 2
    assert [row.closed for row in await list_contacts(session, Filter())] == [False, True, False]


async def test_pages_follow_each_other_without_gap(session: AsyncSession, now: datetime) -> None:
    for n in range(PER_PAGE + 5):
        await add_contact(session, f"t{n}", [line("replied", n % 3, "days_since_reply", now.date())], now)
    first, second = [await list_contacts(session, Filter(page=page)) for page in range(2)]
    assert (len(first), len(second)) == (PER_PAGE + 1, 5)
    assert len({row.token for row in (*first[:PER_PAGE], *second)}) == PER_PAGE + 5


async def test_the_overview_counts_moves_ends_and_tasks(session: AsyncSession, now: datetime) -> None:
    ids = await fill(session, now)
    clicked = line("offer_clicked", 15, "days_since_click", now.date())
    await add_change(session, ids["bruno"], now - timedelta(days=8), 0, [clicked])
    await add_change(session, ids["bruno"], now - timedelta(days=6), 15, [])
    await add_change(
        session,
        ids["bruno"],
        now - timedelta(hours=1),
        0,
        [clicked, line("replied", 35, "days_since_reply", now.date())],
    )
    task_id = await add_task(session, ids["ana"], now, now.date())
    overview = await read_overview(session, now, now.date())
    assert {(row.pack, row.band, row.points): row.contacts for row in overview.counts} == {
        ("energy", "high", 88): 1, ("energy", "middle", 50): 1, ("shop", "low", 0): 1,
    }  # fmt: skip
    assert [(row.token, row.before, row.after) for row in overview.movers] == [("bruno", 15, 50)]
    assert ([row.token for row in overview.due], overview.due_count) == (["ana"], 1), "day 45 is inside, day 46 is not"
    assert ([row.token for row in overview.tasks], overview.task_count) == (["ana"], 1)
    assert await finish_task(session, task_id, now)
    assert await finish_task(session, task_id, now) is None


async def test_a_contact_is_found_by_its_old_token_and_not_once_erased(session: AsyncSession, now: datetime) -> None:
    ids = await fill(session, now)
    session.add(ContactMerge(loser_id=99, loser_token="old", winner_id=ids["ana"], at=now))
    await session.flush()
    found = await read_contact(session, "old")
    assert found
    assert (found.token, found.points) == ("ana", 88)
    assert [change.points for change in await read_changes(session, found.id)] == [88]
    await session.execute(ContactMerge.__table__.delete())
    assert await read_contact(session, "old") is None


async def make_visitor(session: AsyncSession, role: Role, now: datetime) -> Visitor:
    account_id = await create_account(session, f"{role}@example.org", "", role, None, Actor(None, "pronto"), now)
    token = await open_account_session(session, account_id, "key", "", "", now, LIFE)
    await session.commit()
    visitor = await read_visitor(session, token, "key", now, LIFE)
    assert visitor
    return visitor


async def test_rules_are_published_with_note_and_told_in_the_log(session: AsyncSession, now: datetime) -> None:
    visitor = await make_visitor(session, Role.MARKETER, now)
    other = SHIPPED + "# by us\n"
    edition = await publish_rules(session, visitor, other, " why ", 0, now, now, "Europe/Rome")
    assert (edition.note, edition.published_by) == ("why", "marketer@example.org")
    assert (await read_counting(session)).content == other
    told = (
        await session.execute(select(AuditLog.deed, AuditLog.who, AuditLog.data).order_by(AuditLog.id.desc()))
    ).first()
    assert told == ("rules_published", "marketer@example.org", {"note": "why"})
    with pytest.raises(UnchangedError):
        await publish_rules(session, visitor, other, "", edition.id, now, now, "Europe/Rome")
    with pytest.raises(OvertakenError, match="marketer@"):
        await publish_rules(session, visitor, SHIPPED, "", 0, now, now, "Europe/Rome")


async def test_wrong_rules_and_people_without_the_role_publish_nothing(session: AsyncSession, now: datetime) -> None:
    visitor = await make_visitor(session, Role.MARKETER, now)
    with pytest.raises(RulesError):
        await publish_rules(session, visitor, "packs: 1", "", 0, now, now, "Europe/Rome")
    await session.rollback()
    await change_role(session, visitor.account_id, Role.AGENT, visitor.actor, now)
    with pytest.raises(NotAllowedError):
        await publish_rules(session, visitor, SHIPPED + "#", "", 0, now, now, "Europe/Rome")
    assert (await session.scalars(select(RuleEdition))).all() == []


async def test_of_two_who_publish_at_once_one_is_told(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    visitor = await make_visitor(session, Role.ADMIN, now)

    async def publish(content: str) -> None:
        async with sessions.begin() as own:
            await publish_rules(own, visitor, content, "", 0, now, now, "Europe/Rome")

    ends = await asyncio.gather(*(publish(f"{SHIPPED}# {n}\n") for n in range(2)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "OvertakenError"]
