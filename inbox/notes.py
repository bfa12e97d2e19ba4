"""What agents tell each other about a contact, and whom a note calls: for them it is unread until they look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import RING_CONTACTS
from core.tables import Account, Note
from inbox.words import RefusedError

LONGEST = 4000  # characters
CALLED = text("""
    SELECT contact_id, unnest(unread_by) AS account_id FROM note
    WHERE unread_by <> '{}' AND (CAST(:all AS boolean) OR contact_id = ANY(CAST(:ids AS bigint[])))
""")
READ = text("""
    UPDATE note SET unread_by = array_remove(unread_by, CAST(:account AS bigint))
    WHERE contact_id = :contact AND unread_by @> ARRAY[CAST(:account AS bigint)] RETURNING id
""")


async def list_people(session: AsyncSession) -> Sequence[Row[int, str]]:
    """Whom a note may call: id and name of everybody with an active account."""
    query = select(Account.id, Account.name).where(Account.deactivated_at.is_(None))
    return (await session.execute(query.order_by(Account.name, Account.id))).all()


async def add_note(
    session: AsyncSession,
    contact_id: int,
    handoff_id: int | None,
    by: int,
    words: str,
    now: datetime,
    mentions: Sequence[int] = (),
) -> int:
    """Writes a note; who is called finds it unread. RefusedError: empty, or it calls nobody who works here."""
    words = words.strip()[:LONGEST]
    if not words:
        raise RefusedError("empty")
    called = sorted(set(mentions))
    if not set(called) <= {one.id for one in await list_people(session)}:
        raise RefusedError("unknown_person")
    unread_by = [one for one in called if one != by]
    note = Note(contact_id=contact_id, handoff_id=handoff_id, account_id=by, text=words, at=now,
                mentions=called, unread_by=unread_by)  # fmt: skip
    session.add(note)
    await session.flush()
    await session.execute(RING_CONTACTS, {"ids": [contact_id]})
    return note.id


async def read_called(session: AsyncSession, contact_ids: list[int] | None = None) -> dict[int, frozenset[int]]:
    """Contact to the accounts whom unread notes call; of these contacts, or of all."""
    called = defaultdict(set)
    for row in await session.execute(CALLED, {"all": contact_ids is None, "ids": contact_ids or []}):
        called[row.contact_id].add(row.account_id)
    return {contact_id: frozenset(accounts) for contact_id, accounts in called.items()}


async def mark_mentions_read(session: AsyncSession, account_id: int, contact_id: int) -> int:
    """Someone has seen the notes about a contact; how many called them."""
    return len((await session.execute(READ, {"account": account_id, "contact": contact_id})).all())
