"""Logging in with email and password. Whoever guesses is locked out for a while, and learns nothing about accounts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, Deed, note_deed
from accounts.passwords import hash_password, is_outdated, verify_password
from core.db import Sessions
from core.tables import Account, LoginAttempt

MEMORY = timedelta(minutes=15)  # a failure counts this long, so a lock opens by itself
PER_PAIR = 5  # failures for one email from one address
PER_EMAIL = 20  # for one email from anywhere: guesses spread over many addresses
PER_ADDRESS = 40  # from one address for any email: one password tried on many; an office shares an address
KEPT = timedelta(days=1)
IN_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7767))")


class LoginError(Exception):
    """Email or password is wrong."""


class LockedError(LoginError):
    """Too many failures; asking again makes sense after a while."""


def tidy_email(email: str) -> str:
    return email.strip().casefold()


async def find_active(session: AsyncSession, email: str) -> Account | None:
    """The account of an email, unless it was switched off."""
    query = select(Account).where(Account.email == tidy_email(email), Account.deactivated_at.is_(None))
    return (await session.scalars(query)).one_or_none()


async def log_in(sessions: Sessions, email: str, password: str, address: str, now: datetime) -> int:
    """The account's id. LoginError, LockedError: the same for accounts that exist and those that do not.

    The attempt is written as failed before the password is looked at, so that many at once are counted too.
    """
    email = tidy_email(email)
    async with sessions.begin() as session:
        attempt_id = await note_attempt(session, email, address, now)
        account = await find_active(session, email)
    if attempt_id is None:
        raise LockedError(email)
    if not await verify_password(account.password_hash if account else None, password) or account is None:
        raise LoginError(email)
    fresh = await hash_password(password) if is_outdated(account.password_hash or "") else account.password_hash
    async with sessions.begin() as session:
        await session.execute(update(LoginAttempt).where(LoginAttempt.id == attempt_id).values(succeeded=True))
        await session.execute(update(Account).where(Account.id == account.id).values(password_hash=fresh))
    return account.id


async def note_attempt(session: AsyncSession, email: str, address: str, now: datetime) -> int | None:
    """Writes down that someone tries, as failed; None if email or address is locked. The caller commits."""
    for name in sorted((f"email {email}", f"address {address}")):  # sorted: two that cross never wait for each other
        await session.execute(IN_TURN, {"name": name})
    failures = await count_failures(session, email, address, now)
    if is_locked(*failures):
        return None
    await session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - KEPT))
    attempt = LoginAttempt(email=email, address=address, at=now)
    session.add(attempt)
    await session.flush()
    if is_locked(*(number + 1 for number in failures)):  # the last one allowed; told once, not at every try
        await note_deed(session, Actor(None, email), Deed.LOCKED_OUT, now, subject=address)
    return attempt.id


def is_locked(pair: int, of_email: int, of_address: int) -> bool:
    return pair >= PER_PAIR or of_email >= PER_EMAIL or of_address >= PER_ADDRESS


async def count_failures(session: AsyncSession, email: str, address: str, now: datetime) -> tuple[int, int, int]:
    """Recent failures: of the email from the address since it last got in from there, of the email, of the address."""
    tried = LoginAttempt
    since = now - MEMORY
    got_in = (
        select(func.max(tried.id))
        .where(tried.email == email, tried.address == address, tried.succeeded)
        .scalar_subquery()
    )
    failed = ~tried.succeeded & (tried.at > since)
    pair = failed & (tried.email == email) & (tried.address == address) & (tried.id > func.coalesce(got_in, 0))
    query = select(
        select(func.count()).where(pair).scalar_subquery(),
        select(func.count()).where(failed, tried.email == email).scalar_subquery(),
        select(func.count()).where(failed, tried.address == address).scalar_subquery(),
    )
    pair_count, email_count, address_count = (await session.execute(query)).one()
    return pair_count, email_count, address_count
