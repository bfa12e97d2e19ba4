"""The people who work with Pronto: their accounts, roles, passwords and wishes for the pages."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, Deed, note_deed
from accounts.login import tidy_email
from accounts.sessions import end_sessions, tell_change
from core.tables import Account
from core.types import Language, Role, Theme

EMAIL = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00]{1,250}")


class AccountError(Exception):
    """This cannot be done; args[0] is the reason: email, taken, last_admin, unknown."""


async def create_account(
    session: AsyncSession, email: str, name: str, role: Role, password_hash: str | None, actor: Actor, now: datetime
) -> int:
    """A new account; its id. AccountError: email (not one), taken. The caller commits."""
    email = tidy_email(email)
    if not EMAIL.fullmatch(email):
        raise AccountError("email")
    if await session.scalar(select(Account.id).where(Account.email == email)):
        raise AccountError("taken")
    account = Account(
        email=email,
        name=name.strip() or email.partition("@")[0],
        role=role.value,
        password_hash=password_hash,
        created_at=now,
    )
    session.add(account)
    await session.flush()
    await note_deed(session, actor, Deed.ACCOUNT_CREATED, now, subject=email, role=role.value)
    return account.id


async def read_account(session: AsyncSession, account_id: int) -> Account:
    """The account, locked. AccountError: unknown."""
    account = await session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None:
        raise AccountError("unknown")
    return account


async def list_accounts(session: AsyncSession) -> list[Account]:
    """Everybody, active ones first, by name."""
    query = select(Account).order_by(Account.deactivated_at.is_not(None), func.lower(Account.name), Account.id)
    return list(await session.scalars(query))


async def change_role(session: AsyncSession, account_id: int, role: Role, actor: Actor, now: datetime) -> None:
    """Gives another role; open pages load anew with it. AccountError: last_admin."""
    if role is not Role.ADMIN:
        await keep_an_admin(session, account_id)
    account = await read_account(session, account_id)
    if account.role == role:
        return
    await note_deed(session, actor, Deed.ROLE_CHANGED, now, account.email, before=account.role, role=role.value)
    account.role = role.value
    await tell_change(session, account_id)


async def deactivate_account(session: AsyncSession, account_id: int, actor: Actor, now: datetime) -> None:
    """Logs someone out everywhere and for good; what they did stays told. AccountError: last_admin."""
    await keep_an_admin(session, account_id)
    account = await read_account(session, account_id)
    if account.deactivated_at is not None:
        return
    account.deactivated_at = now
    await end_sessions(session, account_id)
    await note_deed(session, actor, Deed.ACCOUNT_DEACTIVATED, now, account.email)


async def reactivate_account(session: AsyncSession, account_id: int, actor: Actor, now: datetime) -> None:
    account = await read_account(session, account_id)
    if account.deactivated_at is not None:
        account.deactivated_at = None
        await note_deed(session, actor, Deed.ACCOUNT_REACTIVATED, now, account.email)


async def keep_an_admin(session: AsyncSession, account_id: int) -> None:
    """Raises AccountError if nobody else could manage people then.

    Locks all admins, always in the same order and before anything else, so that two cannot remove each other.
    """
    admins = select(Account.id).where(Account.role == Role.ADMIN, Account.deactivated_at.is_(None))
    if set(await session.scalars(admins.order_by(Account.id).with_for_update())) == {account_id}:
        raise AccountError("last_admin")


async def set_password(
    session: AsyncSession, account_id: int, password_hash: str, actor: Actor, now: datetime, keep: int | None = None
) -> None:
    """Sets a new password and logs out every browser but session keep."""
    account = await read_account(session, account_id)
    account.password_hash = password_hash
    await end_sessions(session, account_id, but=keep)
    await note_deed(session, actor, Deed.PASSWORD_CHANGED, now, account.email)


async def set_wishes(
    session: AsyncSession, account_id: int, name: str, language: Language | None, theme: Theme
) -> None:
    """How someone wants to be called and the pages to look."""
    account = await read_account(session, account_id)
    account.name = name.strip()[:80] or account.name
    account.language = language.value if language else None
    account.theme = theme.value
