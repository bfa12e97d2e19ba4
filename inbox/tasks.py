"""What a person should do about a contact: made by Pronto or by hand, done by someone."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import RING_CONTACTS
from core.tables import Account, Task
from inbox.words import RefusedError

BY_HAND = "by_hand"
LONGEST = 200  # characters of a title
FINISH = text("UPDATE task SET done_at = :now, done_by = :by WHERE id = :id AND done_at IS NULL RETURNING contact_id")
REOPEN = text(
    "UPDATE task SET done_at = NULL, done_by = NULL WHERE id = :id AND done_at IS NOT NULL RETURNING contact_id"
)


async def list_tasks(session: AsyncSession, contact_id: int, done: bool = False) -> list[Task]:
    """A contact's open tasks, the most urgent first; or what was done, the latest first."""
    query = select(Task).where(Task.contact_id == contact_id)
    if done:
        query = query.where(Task.done_at.is_not(None)).order_by(Task.done_at.desc(), Task.id.desc()).limit(50)
    else:
        query = query.where(Task.done_at.is_(None)).order_by(Task.due_on, Task.id)
    return list(await session.scalars(query))


async def add_task(
    session: AsyncSession,
    contact_id: int,
    title: str,
    due_on: date,
    by: int,
    now: datetime,
    assigned_to: int | None = None,
) -> int:
    """A task by hand; its id. RefusedError: without a title, or for somebody who does not work here."""
    title = " ".join(title.split())[:LONGEST]
    if not title:
        raise RefusedError("empty")
    if assigned_to is not None:
        account = await session.get(Account, assigned_to)
        if account is None or account.deactivated_at is not None:
            raise RefusedError("unknown_person")
    task = Task(contact_id=contact_id, kind=BY_HAND, facts={"title": title}, key=f"hand:{secrets.token_hex(8)}",
                created_at=now, created_by=by, due_on=due_on, assigned_to=assigned_to)  # fmt: skip
    session.add(task)
    await session.flush()
    await session.execute(RING_CONTACTS, {"ids": [contact_id]})
    return task.id


async def finish_task(session: AsyncSession, task_id: int, by: int, now: datetime) -> bool:
    """Done; False if it was already, or there is none."""
    contact = await session.scalar(FINISH, {"id": task_id, "by": by, "now": now})
    if contact is not None:
        await session.execute(RING_CONTACTS, {"ids": [contact]})
    return contact is not None


async def reopen_task(session: AsyncSession, task_id: int) -> bool:
    """To be done after all; False if it is open, or there is none."""
    contact = await session.scalar(REOPEN, {"id": task_id})
    if contact is not None:
        await session.execute(RING_CONTACTS, {"ids": [contact]})
    return contact is not None
