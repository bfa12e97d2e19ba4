"""Logging in: the right password, the wrong one, many wrong ones, and nothing learnt about who has an account."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, Deed
from accounts.login import PER_ADDRESS, PER_EMAIL, PER_PAIR, LockedError, LoginError, is_locked, log_in
from accounts.passwords import PasswordError, check_password, hash_password, verify_password
from accounts.people import create_account, deactivate_account
from core.db import Sessions
from core.tables import AuditLog, LoginAttempt
from core.types import Role

SOFIA = "sofia@example.org"
SECRET = "correct horse battery"
SYSTEM = Actor(None, "pronto")


@pytest_asyncio.fixture
async def password_hash() -> str:
    return await hash_password(SECRET)


@pytest_asyncio.fixture
async def sofia(session: AsyncSession, password_hash: str, now: datetime) -> int:
    account_id = await create_account(session, SOFIA, "Sofia", Role.AGENT, password_hash, SYSTEM, now)
    await session.commit()
    return account_id


async def test_the_right_password_lets_in_however_the_email_is_written(
    sessions: Sessions, sofia: int, now: datetime
) -> None:
    assert await log_in(sessions, " Sofia@Example.org ", SECRET, "10.0.0.1", now) == sofia


async def test_wrong_passwords_lock_the_account_for_that_address_and_open_by_time(
    sessions: Sessions, session: AsyncSession, sofia: int, now: datetime
) -> None:
    for _ in range(PER_PAIR):
        with pytest.raises(LoginError):
            await log_in(sessions, SOFIA, "wrong", "10.0.0.1", now)
    with pytest.raises(LockedError):
        await log_in(sessions, SOFIA, SECRET, "10.0.0.1", now)
    assert await log_in(sessions, SOFIA, SECRET, "10.0.0.2", now) == sofia, "others cannot lock her out"
    with pytest.raises(LockedError):
        await log_in(sessions, SOFIA, SECRET, "10.0.0.1", now)
    assert await log_in(sessions, SOFIA, SECRET, "10.0.0.1", now + timedelta(minutes=15)) == sofia
    locked = select(func.count()).where(AuditLog.deed == Deed.LOCKED_OUT)
    assert await session.scalar(locked) == 1


async def test_unknown_and_deactivated_accounts_behave_like_wrong_passwords(
    sessions: Sessions, session: AsyncSession, sofia: int, now: datetime
) -> None:
    admin = await create_account(session, "admin@example.org", "A", Role.ADMIN, None, SYSTEM, now)
    await deactivate_account(session, sofia, Actor(admin, "admin@example.org"), now)
    await session.commit()
    for email, password in (("nobody@example.org", SECRET), (SOFIA, SECRET), ("admin@example.org", "")):
        with pytest.raises(LoginError) as wrong:
            await log_in(sessions, email, password, "10.0.0.1", now)
        assert type(wrong.value) is LoginError
    for _ in range(PER_PAIR - 1):
        with pytest.raises(LoginError):
            await log_in(sessions, "nobody@example.org", SECRET, "10.0.0.1", now)
    with pytest.raises(LockedError):
        await log_in(sessions, "nobody@example.org", SECRET, "10.0.0.1", now)


async def test_guesses_made_at_once_are_counted_too(sessions: Sessions, sofia: int, now: datetime) -> None:
    guesses = (log_in(sessions, SOFIA, f"guess {n}", "10.0.0.1", now) for n in range(3 * PER_PAIR))
    ends = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(type(end) is LoginError for end in ends) == PER_PAIR
    assert sum(type(end) is LockedError for end in ends) == 2 * PER_PAIR


async def test_many_addresses_and_many_accounts_are_locked_too(
    sessions: Sessions, session: AsyncSession, sofia: int, now: datetime
) -> None:
    session.add_all(LoginAttempt(email=SOFIA, address=f"10.1.0.{n}", at=now) for n in range(PER_EMAIL))
    session.add_all(LoginAttempt(email=f"{n}@x.org", address="10.2.0.1", at=now) for n in range(PER_ADDRESS))
    await session.commit()
    for address in ("10.3.0.1", "10.2.0.1"):
        with pytest.raises(LockedError):
            await log_in(sessions, SOFIA, SECRET, address, now)
    assert await log_in(sessions, SOFIA, SECRET, "10.3.0.1", now + timedelta(minutes=15)) == sofia


def test_each_limit_locks_alone() -> None:
    assert not is_locked(PER_PAIR - 1, PER_EMAIL - 1, PER_ADDRESS - 1)
    assert is_locked(PER_PAIR, 0, 0)
    assert is_locked(0, PER_EMAIL, 0)
    assert is_locked(0, 0, PER_ADDRESS)


@pytest.mark.parametrize(
    ("password", "reason"),
    [("short", "short"), ("x" * 201, "long"), ("password123", "common"), ("aaaaaaaaaaaa", "common"),
     ("sofia@example.org", "personal"), ("Sofia123456", "personal")],
)  # fmt: skip
def test_passwords_that_are_easily_guessed_are_refused(password: str, reason: str) -> None:
    with pytest.raises(PasswordError, match=reason):
        check_password(password, SOFIA)


def test_a_long_phrase_is_a_good_password() -> None:
    check_password("tre pizze e un gatto", SOFIA)


async def test_nobody_without_a_hash_gets_in(password_hash: str) -> None:
    assert not await verify_password(None, "nobody has this password")
    assert not await verify_password("not a hash", SECRET)
    assert await verify_password(password_hash, SECRET)
