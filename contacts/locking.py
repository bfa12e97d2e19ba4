"""Contacts found by their names and locked: between the two somebody may merge one of them away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from sqlalchemy import Row, TextClause
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import LOCK_CONTACTS


async def find_and_lock[Found](
    session: AsyncSession,
    find: Callable[[], Awaitable[Found]],
    list_ids: Callable[[Found], Iterable[int]],
    lock: TextClause = LOCK_CONTACTS,
) -> tuple[Found, dict[int, Row[Any]]]:
    """What was found, and the locked rows by contact id. Who was merged away in between is looked for again."""
    while True:
        found = await find()
        ids = sorted(set(list_ids(found)))
        rows = {row.id: row for row in await session.execute(lock, {"ids": ids})}
        if len(rows) == len(ids):
            return found, rows
