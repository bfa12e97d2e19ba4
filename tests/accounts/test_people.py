"""Accounts, invites, sessions and what the audit log says of them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, Deed, read_deeds
from accounts.invites import accept_invite, find_invite, list_invites, make_invite, make_password_link, withdraw_invite
from accounts.people import (
    AccountError,
    change_role,
    create_account,
    deactivate_account,
    list_accounts,
    reactivate_account,
    set_password,
    set_wishes,
)
from accounts.sessions import (
    Lifetime,
    NotAllowedError,
    end_sessions,
    find_ended,
    list_sessions,
    open_account_session,
    read_visitor,
    require_role,
)
from core.db import Sessions
from core.tables import Account
from core.types import Language, Role, Theme

KEY = "a secret of this test"
LIFE = Lifetime(idle=timedelta(hours=2), whole=timedelta(hours=12))
SYSTEM = Actor(None, "pronto")


@pytest_asyncio.fixture
async def admin(session: AsyncSession, now: datetime) -> Actor:
    account_id = await create_account(session, "Ada@Example.org", "Ada", Role.ADMIN, "hash", SYSTEM, now)
    await session.commit()
    return Actor(account_id, "ada@example.org")


async def enter(session: AsyncSession, account_id: int, now: datetime) -> str:
    token = await open_account_session(session, account_id, KEY, "10.0.0.1", "Firefox", now, LIFE)
    await session.commit()
    return token


async def test_a_session_knows_its_visitor(session: AsyncSession, admin: Actor, now: datetime) -> None:
    assert admin.account_id
    token = await enter(session, admin.account_id, now)
    await set_wishes(session, admin.account_id, " Ada L. ", Language.DE, Theme.DARK)
    visitor = await read_visitor(session, token, KEY, now, LIFE)
    assert visitor
    assert (visitor.email, visitor.name, visitor.role) == ("ada@example.org", "Ada L.", Role.ADMIN)
    assert (visitor.language, visitor.theme, visitor.actor) == (Language.DE, Theme.DARK, admin)


async def test_forged_foreign_and_cut_tokens_are_nobody(session: AsyncSession, admin: Actor, now: datetime) -> None:
    assert admin.account_id
    token = await enter(session, admin.account_id, now)
    for forged in ("", ".", token[:-1], token.replace(".", ""), "ü" + token, token + "\x00"):
        assert await read_visitor(session, forged, KEY, now, LIFE) is None
    assert await read_visitor(session, token, "another key", now, LIFE) is None
    assert await read_visitor(session, token, KEY, now, LIFE)


async def test_a_session_ends_after_silence_and_at_its_age(session: AsyncSession, admin: Actor, now: datetime) -> None:
    assert admin.account_id
    token = await enter(session, admin.account_id, now)
    for hours in (1.9, 3.8, 5.7, 7.6, 9.5, 11.4):
        assert await read_visitor(session, token, KEY, now + timedelta(hours=hours), LIFE)
    assert await read_visitor(session, token, KEY, now + timedelta(hours=12), LIFE) is None
    other = await enter(session, admin.account_id, now)
    assert await read_visitor(session, other, KEY, now + timedelta(hours=2), LIFE) is None


async def test_logging_out_everywhere_leaves_one_browser_if_wished(
    session: AsyncSession, admin: Actor, now: datetime
) -> None:
    assert admin.account_id
    first, second = [await enter(session, admin.account_id, now) for _ in range(2)]
    here = await read_visitor(session, first, KEY, now, LIFE)
    there = await read_visitor(session, second, KEY, now, LIFE)
    assert here
    assert there
    assert await end_sessions(session, admin.account_id, but=here.session_id) == 1
    both = {here.session_id: here, there.session_id: there}
    assert await find_ended(session, both, now, LIFE) == {there.session_id}
    assert [one.id for one in await list_sessions(session, admin.account_id, now)] == [here.session_id]
    await require_role(session, here, Role.ADMIN)
    with pytest.raises(NotAllowedError):
        await require_role(session, there, Role.ADMIN)


async def test_another_role_counts_at_once(session: AsyncSession, admin: Actor, now: datetime) -> None:
    account_id = await create_account(session, "j@example.org", "", Role.MARKETER, None, admin, now)
    visitor = await read_visitor(session, await enter(session, account_id, now), KEY, now, LIFE)
    assert visitor
    assert visitor.name == "j"
    await change_role(session, account_id, Role.AGENT, admin, now)
    with pytest.raises(NotAllowedError):
        await require_role(session, visitor, Role.MARKETER, Role.ADMIN)
    assert await find_ended(session, {visitor.session_id: visitor}, now, LIFE) == {visitor.session_id}


async def test_a_new_password_logs_out_the_other_browsers(session: AsyncSession, admin: Actor, now: datetime) -> None:
    assert admin.account_id
    first, second = [await enter(session, admin.account_id, now) for _ in range(2)]
    here = await read_visitor(session, first, KEY, now, LIFE)
    assert here
    await set_password(session, admin.account_id, "another hash", admin, now, keep=here.session_id)
    assert await read_visitor(session, first, KEY, now, LIFE)
    assert await read_visitor(session, second, KEY, now, LIFE) is None


async def test_someone_deactivated_is_out_and_can_come_back(session: AsyncSession, admin: Actor, now: datetime) -> None:
    account_id = await create_account(session, "j@example.org", "J", Role.AGENT, "hash", admin, now)
    token = await enter(session, account_id, now)
    await deactivate_account(session, account_id, admin, now)
    await deactivate_account(session, account_id, admin, now)
    assert await read_visitor(session, token, KEY, now, LIFE) is None
    assert [one.email for one in await list_accounts(session)] == ["ada@example.org", "j@example.org"]
    await reactivate_account(session, account_id, admin, now)
    deeds = [line.deed for line in await read_deeds(session, 10, who="j@ex")]
    assert deeds == [Deed.ACCOUNT_REACTIVATED, Deed.ACCOUNT_DEACTIVATED, Deed.LOGGED_IN, Deed.ACCOUNT_CREATED]


async def test_the_last_admin_stays_even_if_two_remove_each_other(
    sessions: Sessions, session: AsyncSession, admin: Actor, now: datetime
) -> None:
    assert admin.account_id
    for act in (deactivate_account(session, admin.account_id, admin, now),
                change_role(session, admin.account_id, Role.AGENT, admin, now)):  # fmt: skip
        with pytest.raises(AccountError, match="last_admin"):
            await act
    second = await create_account(session, "b@example.org", "B", Role.ADMIN, None, admin, now)
    await session.commit()

    async def remove(account_id: int) -> None:
        async with sessions.begin() as own:
            await deactivate_account(own, account_id, admin, now)

    ends = await asyncio.gather(remove(admin.account_id), remove(second), return_exceptions=True)
    assert sorted(str(end) for end in ends) == ["None", "last_admin"]


@pytest.mark.parametrize(
    ("email", "reason"), [("ada@example.org", "taken"), ("ADA@example.org ", "taken"), ("ada", "email"), ("", "email")]
)
async def test_an_account_needs_an_email_of_its_own(
    session: AsyncSession, admin: Actor, now: datetime, email: str, reason: str
) -> None:
    with pytest.raises(AccountError, match=reason):
        await create_account(session, email, "X", Role.AGENT, None, admin, now)
    with pytest.raises(AccountError, match=reason):
        await make_invite(session, email, Role.AGENT, admin, now)


async def test_an_invite_makes_an_account_once(session: AsyncSession, admin: Actor, now: datetime) -> None:
    token = await make_invite(session, "new@example.org", Role.MARKETER, admin, now)
    invite = await find_invite(session, token, now)
    assert invite
    account = await session.get(Account, await accept_invite(session, invite, "Nina", "hash", now))
    assert account
    assert (account.email, account.name, account.role) == ("new@example.org", "Nina", "marketer")
    assert await find_invite(session, token, now) is None


async def test_an_invite_ends_by_time_by_a_newer_one_or_by_hand(
    session: AsyncSession, admin: Actor, now: datetime
) -> None:
    first = await make_invite(session, "new@example.org", Role.AGENT, admin, now)
    second = await make_invite(session, "new@example.org", Role.AGENT, admin, now)
    assert await find_invite(session, first, now) is None
    assert await find_invite(session, second, now + timedelta(days=7)) is None
    (waiting,) = await list_invites(session, now)
    await withdraw_invite(session, waiting.id, admin, now)
    assert await find_invite(session, second, now) is None


async def test_who_forgot_the_password_gets_a_link(session: AsyncSession, admin: Actor, now: datetime) -> None:
    assert admin.account_id
    token = await make_password_link(session, admin.account_id, admin, now)
    invite = await find_invite(session, token, now)
    assert invite
    assert await accept_invite(session, invite, "", "new hash", now) == admin.account_id
    account = await session.get(Account, admin.account_id)
    assert account
    assert (account.password_hash, account.name) == ("new hash", "Ada")
    assert (await read_deeds(session, 1))[0].deed == Deed.PASSWORD_CHANGED


async def test_the_log_is_read_page_by_page(session: AsyncSession, admin: Actor, now: datetime) -> None:
    for n in range(5):
        await create_account(session, f"p{n}@example.org", "", Role.AGENT, None, admin, now)
    newest = await read_deeds(session, 2)
    older = await read_deeds(session, 2, before_id=newest[-1].id)
    assert [line.subject for line in (*newest, *older)] == [f"p{n}@example.org" for n in (4, 3, 2, 1)]
    assert await read_deeds(session, 10, who="%") == []
