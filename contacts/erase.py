"""Erases a person: whatever a table holds goes, unless it is listed here as kept.

A table or column that comes new is erased without a word here. Kept are how many messages left and what they cost,
without text and receiver, and a hash of the address (contacts/suppressed.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.suppressed import suppress
from core.db import RASA_SCHEMA, Sessions
from core.tables import Base, Contact, Outbox

LATEST = timedelta(hours=1)  # from the wish to the erasure, so that the customer can still read that it was heard
AFTERWARDS = timedelta(days=30)  # so long WhatsApp may report about the last messages; then what came is erased too
KEPT = (
    "a keyed hash of the address and the time, so that no import brings the person back",
    "how many messages were sent, when and at which price, without text and receiver",
)
KEPT_CONTACT = {"id", "token", "session_number", "erase_at", "erased_at", "created_at", "updated_at"}
KEPT_OUTBOX = {"id", "contact_id", "phone_number_id", "callback", "kind", "purpose", "state", "error_code", "attempts"}
KEPT_OUTBOX |= {"due_at", "owner", "claimed_at", "pricing", "created_at", "accepted_at", "sent_at", "delivered_at"}
KEPT_OUTBOX |= {"read_at", "failed_at"}
BLANKS = {"key": "'erased:' || id", "body": "'{}'", "text": "''", "options": "'[]'"}  # of what cannot be empty


def find_owned(table: Table) -> str | None:
    """SQL that finds a contact's rows in a table, through other tables if need be; None where no person is named."""
    keys = [(column, key.column) for column in table.columns for key in column.foreign_keys]
    for column, target in keys:
        if target is Contact.__table__.c.id:
            return f"{column.name} = :id"
    for column, target in keys:
        if target.table is not table and (inner := find_owned(target.table)):
            return f"{column.name} IN (SELECT {target.name} FROM {target.table.name} WHERE {inner})"  # noqa: S608
    return None


def blank_columns(table: Table, kept: set[str]) -> str:
    """SQL that empties every column that is not kept."""
    columns = [column for column in table.columns if column.name not in kept]
    return ", ".join(f"{one.name} = {'NULL' if one.nullable else BLANKS[one.name]}" for one in columns)


# Lanes before contacts, as turns lock them. A worker in the middle of a turn finds its lane gone and gives up.
LOCK = (
    text("SELECT contact_id FROM lane WHERE contact_id = :id FOR UPDATE"),
    text("SELECT id FROM outbox WHERE contact_id = :id ORDER BY id FOR UPDATE"),
)
READ = text("SELECT phone, user_id, token FROM contact WHERE id = :id FOR UPDATE")
FORMER = text("SELECT phone, user_id FROM former_address WHERE contact_id = :id")
TOKENS = text("SELECT loser_token FROM contact_merge WHERE winner_id = :id")
REPORTS = text(
    "DELETE FROM delivery_report WHERE callback IN (SELECT callback FROM outbox WHERE contact_id = :id)"
    " OR wamid IN (SELECT wamid FROM outbox WHERE contact_id = :id)"
)
SENT = text(
    f"UPDATE outbox SET state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,"  # noqa: S608
    f" {blank_columns(Outbox.__table__, KEPT_OUTBOX)} WHERE contact_id = :id"  # type: ignore[arg-type]
)
UNTOLD = {"hook_call": " AND (kind <> 'contact.erased' OR told_at IS NOT NULL)"}  # another desk is to erase too
DELETES = tuple(
    text(f"DELETE FROM {table.name} WHERE {owned}{UNTOLD.get(table.name, '')}")  # noqa: S608  (our own names)
    for table in reversed(Base.metadata.sorted_tables)
    if table.name not in {"contact", "outbox"} and (owned := find_owned(table))
)
CONTACT = text(
    f"UPDATE contact SET {blank_columns(Contact.__table__, KEPT_CONTACT)}, updated_at = :now,"  # type: ignore[arg-type]  # noqa: S608
    " erased_at = coalesce(erased_at, :now),"
    " erase_at = CASE WHEN coalesce(erased_at, :now) + :afterwards > :now"
    " THEN coalesce(erased_at, :now) + :afterwards END"
    " WHERE id = :id RETURNING erased_at, pg_notify('contact', CAST(id AS text))"
)
# Other desks that know the person are told, without a name; `known` are Chatwoot's own numbers.
DESKS = text("""
    SELECT 'webhook' AS desk, CAST('[]' AS jsonb) AS known
    WHERE EXISTS (SELECT 1 FROM handoff WHERE contact_id = :id)
        AND EXISTS (SELECT 1 FROM hook_call WHERE desk = 'webhook')
    UNION ALL
    SELECT 'chatwoot', coalesce(
        (SELECT jsonb_agg(DISTINCT chatwoot_contact) FROM chatwoot_talk WHERE contact_id = :id), '[]')
    WHERE EXISTS (SELECT 1 FROM chatwoot_talk WHERE contact_id = :id)
        OR EXISTS (SELECT 1 FROM hook_call WHERE contact_id = :id AND desk = 'chatwoot' AND kind <> 'contact.erased')
""")
TELL_DESK = text("""
    INSERT INTO hook_call (contact_id, desk, kind, key, body, due_at, created_at)
    VALUES (:id, :desk, 'contact.erased', 'erased:' || CAST(:id AS bigint),
        jsonb_build_object('contact', CAST(:token AS text), 'at', CAST(:now AS timestamptz),
            'known', CAST(:known AS jsonb)), :now, :now)
    ON CONFLICT (desk, key) DO NOTHING
""")
PLATFORM = text("UPDATE platform_report SET value = '{}' WHERE CAST(value AS text) ~ :pattern")
HAS_TRACKERS = text(f"SELECT to_regclass('{RASA_SCHEMA}.events') IS NOT NULL")
TRACKERS = text(
    f"DELETE FROM {RASA_SCHEMA}.events WHERE EXISTS"  # noqa: S608
    " (SELECT 1 FROM unnest(CAST(:tokens AS text[])) AS token WHERE starts_with(sender_id, token || '.'))"
)
MARK = text(
    "UPDATE contact SET erase_at = coalesce(erase_at, CAST(:at AS timestamptz)) WHERE id = :id AND erased_at IS NULL"
)
DUE = text(
    """
    SELECT id FROM contact c WHERE erase_at <= :now OR erase_at IS NOT NULL AND erased_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM turn WHERE contact_id = c.id AND finished_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM lane WHERE contact_id = c.id AND (ready_at IS NOT NULL OR owner IS NOT NULL))
      AND NOT EXISTS (
        SELECT 1 FROM outbox WHERE contact_id = c.id AND state IN ('queued', 'sending', 'unknown'))
    ORDER BY id LIMIT 20
    """
)


@dataclass(frozen=True)
class Erased:
    """What was done. deleted: rows; sent: messages of which only when and at which price is kept."""

    at: datetime
    deleted: int
    sent: int


async def mark_erasure(session: AsyncSession, contact_id: int, now: datetime) -> None:
    """Has a worker erase the contact once the answer to it has left, or in an hour."""
    await session.execute(MARK, {"id": contact_id, "at": now + LATEST})


async def erase_due(sessions: Sessions, secret: str, now: datetime) -> int:
    """Erases who waits for it, each in a transaction of its own; how many."""
    async with sessions() as session:
        ids = (await session.scalars(DUE, {"now": now})).all()
    for contact_id in ids:
        async with sessions.begin() as session:
            await erase_contact(session, contact_id, now, secret)
    return len(ids)


async def erase_contact(session: AsyncSession, contact_id: int, now: datetime, secret: str) -> Erased:
    """Erases in the caller's transaction; done again it takes along what came late. LookupError: no such contact."""
    own = {"id": contact_id}
    for lock in LOCK:
        await session.execute(lock, own)
    contact = (await session.execute(READ, own)).one_or_none()
    if contact is None:
        raise LookupError(f"contact {contact_id} does not exist")
    await suppress(session, secret, [contact.phone, contact.user_id], now)
    former = (await session.execute(FORMER, own)).all()
    await erase_reports(session, [contact, *former])
    await erase_trackers(session, [contact.token, *(await session.scalars(TOKENS, own))])
    desks = (await session.execute(DESKS, own)).all()
    deleted = await count_rows(session, REPORTS, own)
    sent = await count_rows(session, SENT, own)
    for delete in DELETES:
        deleted += await count_rows(session, delete, own)
    for one in desks:
        told = {"desk": one.desk, "known": json.dumps(one.known), "token": contact.token, "now": now}
        await session.execute(TELL_DESK, own | told)
    row = (await session.execute(CONTACT, own | {"now": now, "afterwards": AFTERWARDS})).one()
    return Erased(row.erased_at, deleted, sent)


async def count_rows(session: AsyncSession, statement: Any, values: dict[str, Any]) -> int:
    """Runs a statement; how many rows it changed."""
    return int((await session.execute(statement, values)).rowcount)  # type: ignore[attr-defined]


async def erase_reports(session: AsyncSession, addresses: Iterable[Any]) -> None:
    """Empties reports of WhatsApp that name one of these addresses; their keys stay, so that repeats change nothing."""
    known = list(addresses)
    phones = [re.escape(one.phone.lstrip("+")) for one in known if one.phone]
    user_ids = [f'"{re.escape(one.user_id)}"' for one in known if one.user_id]
    names = [*(f"(^|[^0-9]){phone}([^0-9]|$)" for phone in phones), *user_ids]
    if names:
        await session.execute(PLATFORM, {"pattern": "|".join(names)})


async def erase_trackers(session: AsyncSession, tokens: list[str]) -> None:
    """Deletes Rasa's conversations of these tokens, where Rasa keeps them in this database."""
    if await session.scalar(HAS_TRACKERS):
        await session.execute(TRACKERS, {"tokens": tokens})
