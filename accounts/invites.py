"""Invites: a link with which someone chooses a password, once, for a new account or one that lost its own."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, Deed, note_deed
from accounts.login import tidy_email
from accounts.people import EMAIL, AccountError, create_account, read_account, set_password
from accounts.sessions import hash_token
from core.tables import Account, Invite
from core.types import Role

VALID = timedelta(days=7)


async def make_invite(session: AsyncSession, email: str, role: Role, actor: Actor, now: datetime) -> str:
    """The token of a link for someone new; an earlier link for the same email stops working.

    AccountError: email, taken. The caller commits.
    """
    email = tidy_email(email)
    if not EMAIL.fullmatch(email):
        raise AccountError("email")
    if await session.scalar(select(Account.id).where(Account.email == email)):
        raise AccountError("taken")
    return await store_invite(session, email, role, None, actor, now)


async def make_password_link(session: AsyncSession, account_id: int, actor: Actor, now: datetime) -> str:
    """The token of a link with which someone who forgot the password sets a new one."""
    account = await read_account(session, account_id)
    return await store_invite(session, account.email, Role(account.role), account_id, actor, now)


async def store_invite(
    session: AsyncSession, email: str, role: Role, account_id: int | None, actor: Actor, now: datetime
) -> str:
    token = secrets.token_urlsafe(24)
    await session.execute(delete(Invite).where((Invite.email == email) | (Invite.expires_at < now)))
    session.add(
        Invite(
            token_hash=hash_token(token),
            email=email,
            role=role.value,
            account_id=account_id,
            invited_by=actor.account_id,
            created_at=now,
            expires_at=now + VALID,
        )
    )
    await note_deed(session, actor, Deed.INVITED, now, email, role=role.value, new=account_id is None)
    return token


async def find_invite(session: AsyncSession, token: str, now: datetime) -> Invite | None:
    """The invite a link belongs to, locked; None if it was used, withdrawn or is too old."""
    query = select(Invite).where(Invite.token_hash == hash_token(token), Invite.expires_at > now)
    found: Invite | None = await session.scalar(query.with_for_update())
    return found


async def accept_invite(session: AsyncSession, invite: Invite, name: str, password_hash: str, now: datetime) -> int:
    """Makes the account or sets its password, and uses the link up; the account's id. The caller commits."""
    await session.delete(invite)
    if invite.account_id is not None:
        await set_password(session, invite.account_id, password_hash, Actor(invite.account_id, invite.email), now)
        return invite.account_id
    actor = Actor(None, invite.email)
    return await create_account(session, invite.email, name, Role(invite.role), password_hash, actor, now)


async def list_invites(session: AsyncSession, now: datetime) -> list[Invite]:
    """Links that still work, newest first."""
    return list(await session.scalars(select(Invite).where(Invite.expires_at > now).order_by(Invite.id.desc())))


async def withdraw_invite(session: AsyncSession, invite_id: int, actor: Actor, now: datetime) -> None:
    email = await session.scalar(delete(Invite).where(Invite.id == invite_id).returning(Invite.email))
    if email is not None:
        await note_deed(session, actor, Deed.INVITE_WITHDRAWN, now, email)
