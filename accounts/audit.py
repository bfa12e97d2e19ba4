"""The audit log: who did what when. Notes are written in the transaction of the deed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import AuditLog

COMMAND_LINE = "pronto"  # who did what was done on the command line


class Deed(StrEnum):
    """What can be done and is worth remembering."""

    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    LOGGED_OUT_EVERYWHERE = "logged_out_everywhere"
    LOCKED_OUT = "locked_out"
    ACCOUNT_CREATED = "account_created"
    ROLE_CHANGED = "role_changed"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    ACCOUNT_REACTIVATED = "account_reactivated"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    INVITED = "invited"
    INVITE_WITHDRAWN = "invite_withdrawn"
    RULES_PUBLISHED = "rules_published"
    TASK_DONE = "task_done"
    ANSWER_CORRECTED = "answer_corrected"
    AGENT_CHANGED = "agent_changed"
    CAMPAIGN_CHANGED = "campaign_changed"


@dataclass(frozen=True)
class Actor:
    """Who does something: an account, or the command line without one."""

    account_id: int | None
    email: str


async def note_deed(
    session: AsyncSession, actor: Actor, deed: Deed, now: datetime, subject: str | None = None, **data: Any
) -> None:
    """Writes one line; the caller commits it together with the deed."""
    session.add(
        AuditLog(at=now, account_id=actor.account_id, who=actor.email, deed=deed.value, subject=subject, data=data)
    )
    await session.flush()


async def read_deeds(session: AsyncSession, limit: int, before_id: int | None = None, who: str = "") -> list[AuditLog]:
    """The newest deeds first, from before_id back; who: a part of the email or of the subject."""
    query = select(AuditLog).order_by(AuditLog.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(AuditLog.id < before_id)
    if who.strip():
        part = who.strip()
        query = query.where(
            AuditLog.who.icontains(part, autoescape=True) | AuditLog.subject.icontains(part, autoescape=True)
        )
    return list(await session.scalars(query))
