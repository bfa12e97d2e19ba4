"""Who works with Pronto, and what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from core.tables.base import Base, row_id


class Account(Base):
    """Someone who works with Pronto. Without a password_hash nobody can log in; a deactivated account is kept."""

    __tablename__ = "account"
    id: Mapped[int] = row_id()
    email: Mapped[str] = mapped_column(unique=True)  # in small letters
    name: Mapped[str]
    role: Mapped[str]  # Role
    password_hash: Mapped[str | None]  # argon2id
    language: Mapped[str | None]  # of the pages; empty: the browser's
    theme: Mapped[str] = mapped_column(server_default="auto")  # Theme
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]


class AccountSession(Base):
    """A browser that is logged in. It ends by deleting the row, after a silence, or at expires_at."""

    __tablename__ = "account_session"
    id: Mapped[int] = row_id()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str]
    browser: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LoginAttempt(Base):
    """Somebody tried to log in as email from address. Too many that failed lock both for a while."""

    __tablename__ = "login_attempt"
    id: Mapped[int] = row_id()
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    succeeded: Mapped[bool] = mapped_column(server_default=sql("false"))
    __table_args__ = (
        Index("ix_login_attempt_email", "email", "at"),
        Index("ix_login_attempt_address", "address", "at"),
    )


class Invite(Base):
    """A link with which someone sets a password once: for a new account, or for account_id, which exists."""

    __tablename__ = "invite"
    id: Mapped[int] = row_id()
    token_hash: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    role: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AuditLog(Base):
    """Who did what when, in the pages or on the command line. Written in the transaction of the deed."""

    __tablename__ = "audit_log"
    id: Mapped[int] = row_id()
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    who: Mapped[str]  # the email at that time
    deed: Mapped[str]  # Deed
    subject: Mapped[str | None]  # whom or what it was done to
    data: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))
