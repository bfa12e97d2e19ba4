"""Sessions: which browser is logged in as whom. The row in the database decides, so every web process agrees."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, Deed, note_deed
from core.tables import Account, AccountSession
from core.types import Language, Role, Theme

SEEN_EVERY = timedelta(minutes=1)  # how exact seen_at is; writing it at every click would cost more than it tells
NOTIFY = text("SELECT pg_notify('account', CAST(CAST(:id AS bigint) AS text))")


@dataclass(frozen=True)
class Visitor:
    """Someone logged in: the account and the session it came with."""

    session_id: int
    account_id: int
    email: str
    name: str
    role: Role
    language: Language | None
    theme: Theme

    @property
    def actor(self) -> Actor:
        return Actor(self.account_id, self.email)


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts: without a sign of life, and at all."""

    idle: timedelta
    whole: timedelta


class NotAllowedError(Exception):
    """The account may not do this (any more)."""


def make_token(secret: str) -> str:
    """A new random token with its signature: random.signature."""
    value = secrets.token_urlsafe(32)
    return f"{value}.{sign(value, secret)}"


def sign(value: str, secret: str) -> str:
    return hmac.new(secret.encode(), b"session:" + value.encode(), hashlib.sha256).hexdigest()[:32]


def is_signed(token: str, secret: str) -> bool:
    """Whether we made this token with this key; a forged one costs no question to the database."""
    value, _, signature = token.partition(".")
    return hmac.compare_digest(signature.encode(errors="replace"), sign(value, secret).encode())


def hash_token(token: str) -> str:
    """What is stored of a token, so that a copy of the database opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


async def open_account_session(
    session: AsyncSession, account_id: int, secret: str, address: str, browser: str, now: datetime, lifetime: Lifetime
) -> str:
    """Logs an account in and clears what ended long ago; the token for the browser. The caller commits."""
    token = make_token(secret)
    email = await session.scalar(select(Account.email).where(Account.id == account_id))
    await note_deed(session, Actor(account_id, email or "?"), Deed.LOGGED_IN, now, subject=address)
    await session.execute(delete(AccountSession).where(AccountSession.expires_at < now))
    session.add(
        AccountSession(
            account_id=account_id,
            token_hash=hash_token(token),
            address=address,
            browser=browser[:300],
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime.whole,
        )
    )
    await session.flush()
    return token


async def read_visitor(
    session: AsyncSession, token: str, secret: str, now: datetime, lifetime: Lifetime
) -> Visitor | None:
    """Who this browser is logged in as; None if nobody (any more). Notes that it was seen, and commits that."""
    if not is_signed(token, secret):
        return None
    query = (
        select(AccountSession, Account)
        .join(Account, Account.id == AccountSession.account_id)
        .where(AccountSession.token_hash == hash_token(token), Account.deactivated_at.is_(None))
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    own, account = row
    if now >= own.expires_at or now - own.seen_at >= lifetime.idle:
        return None
    if now - own.seen_at >= SEEN_EVERY:
        await mark_seen(session, own.id, now)
        await session.commit()
    return make_visitor(own.id, account)


def make_visitor(session_id: int, account: Account) -> Visitor:
    language = Language(account.language) if account.language else None
    return Visitor(
        session_id, account.id, account.email, account.name, Role(account.role), language, Theme(account.theme)
    )


async def mark_seen(session: AsyncSession, session_id: int, now: datetime) -> None:
    """Someone sits at this browser. The caller commits."""
    own = AccountSession
    await session.execute(
        update(own).where(own.id == session_id, own.seen_at < now - SEEN_EVERY / 2).values(seen_at=now)
    )


async def find_ended(
    session: AsyncSession, visitors: dict[int, Visitor], now: datetime, lifetime: Lifetime
) -> set[int]:
    """Which of these sessions no longer hold: ended, too old, or with another role than the visitor came with."""
    query = (
        select(AccountSession.id, Account.role)
        .join(Account, Account.id == AccountSession.account_id)
        .where(
            AccountSession.id.in_(visitors),
            Account.deactivated_at.is_(None),
            AccountSession.expires_at > now,
            AccountSession.seen_at > now - lifetime.idle,
        )
    )
    alive = {row.id for row in await session.execute(query) if visitors[row.id].role == row.role}
    return set(visitors) - alive


async def require_role(session: AsyncSession, visitor: Visitor, *roles: Role) -> None:
    """Looks again before a deed of weight; raises NotAllowedError if the visitor was logged out or may not do it."""
    query = (
        select(Account.role)
        .join(AccountSession, AccountSession.account_id == Account.id)
        .where(AccountSession.id == visitor.session_id, Account.deactivated_at.is_(None))
    )
    role = await session.scalar(query)
    if role is None or (roles and role not in roles):
        raise NotAllowedError(f"{visitor.email} may not do this (any more)")


async def list_sessions(session: AsyncSession, account_id: int, now: datetime) -> list[AccountSession]:
    """The browsers an account is logged in with, last seen first."""
    own = AccountSession
    query = select(own).where(own.account_id == account_id, own.expires_at > now).order_by(own.seen_at.desc())
    return list(await session.scalars(query))


async def end_sessions(session: AsyncSession, account_id: int, only: int | None = None, but: int | None = None) -> int:
    """Logs an account out: everywhere, in one browser only, or everywhere but one; how many. The caller commits."""
    own = AccountSession
    ending = delete(own).where(own.account_id == account_id)
    if only is not None:
        ending = ending.where(own.id == only)
    if but is not None:
        ending = ending.where(own.id != but)
    ended = list(await session.scalars(ending.returning(own.id)))
    await tell_change(session, account_id)
    return len(ended)


async def tell_change(session: AsyncSession, account_id: int) -> None:
    """Tells every web process to look at this account's open pages, once the caller commits."""
    await session.execute(NOTIFY, {"id": account_id})
