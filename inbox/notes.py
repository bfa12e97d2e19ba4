"""What agents tell each other about a contact, and whom a note calls: for them it is unread until they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import RING_CONTACTS
from core.tables import Account, Note
from inbox.words import RefusedError

LONGEST = 4000  # characters
UNREAD = text("""
    SELECT n.id AS note_id, c.token, c.name, a.name AS author, n.text, n.at
    FROM note n JOIN contact c ON c.id = n.contact_id JOIN account a ON a.id = n.account_id
    WHERE n.unread_by @> ARRAY[CAST(:account AS bigint)] ORDER BY n.at DESC, n.id DESC LIMIT 100
""")
COUNT = text("SELECT count(*) FROM note WHERE unread_by @> ARRAY[CAST(:account AS bigint)]")
READ = text("""
    UPDATE note SET unread_by = array_remove(unread_by, CAST(:account AS bigint))
    WHERE contact_id = :contact AND unread_by @> ARRAY[CAST(:account AS bigint)] RETURNING id
""")


@dataclass(frozen=True)
class Mention:
    """A note that calls someone who has not seen it. token, name: of the contact it is about."""

    note_id: int
    token: str
    name: str | None
    author: str
    text: str
    at: datetime


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


async def read_mentions(session: AsyncSession, account_id: int) -> list[Mention]:
    """The notes that call someone and are unread, newest first."""
    rows = (await session.execute(UNREAD, {"account": account_id})).mappings()
    return [Mention(**row) for row in rows]


async def count_mentions(session: AsyncSession, account_id: int) -> int:
    return int(await session.scalar(COUNT, {"account": account_id}) or 0)


async def mark_mentions_read(session: AsyncSession, account_id: int, contact_id: int) -> int:
    """Someone has seen the notes about a contact; how many called them."""
    return len((await session.execute(READ, {"account": account_id, "contact": contact_id})).all())
