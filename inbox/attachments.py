"""Files in conversations: those agents send, and those of customers, fetched while a person has the contact."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import RING_CONTACTS, Sessions
from core.settings import Settings
from core.tables import Attachment
from core.types import Media, MessageKind
from inbox.words import RefusedError
from whatsapp.media import FetchError, choose_kind, fetch_media

log = logging.getLogger(__name__)

KINDS = ("image", "video", "audio", "document", "sticker")
KEPT = timedelta(days=7)  # so long WhatsApp keeps what customers send
LEASE = timedelta(minutes=5)  # longer than a download may take
AGAIN = timedelta(seconds=20)  # twice as long each time
MOST_ATTEMPTS = 6
LONGEST_NAME = 200
# What a page may show where it stands; anything else is only offered for download, whatever it says it is.
SAFE_INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "video/mp4", "video/3gpp", "audio/aac", "audio/amr",
                         "audio/mpeg", "audio/mp4", "audio/ogg", "application/pdf"})  # fmt: skip

# Only what a person may want to see is fetched: of contacts somebody looks after just now.
TAKE_UP = text("""
    INSERT INTO attachment (contact_id, message_id, kind, mime_type, name, media_id, due_at, created_at)
    SELECT m.contact_id, m.id, m.kind, coalesce(m.payload -> m.kind ->> 'mime_type', 'application/octet-stream'),
           left(coalesce(m.payload -> m.kind ->> 'filename', ''), 200), m.payload -> m.kind ->> 'id', :now,
           m.received_at
    FROM handoff h JOIN message m ON m.contact_id = h.contact_id
    WHERE h.closed_at IS NULL AND m.kind = ANY(CAST(:kinds AS text[])) AND m.sent_at > :since
      AND m.payload -> m.kind ->> 'id' IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.message_id = m.id)
    ON CONFLICT DO NOTHING
""")
# Claimed by moving its time: a worker that dies with it leaves it to the next.
CLAIM = text("""
    UPDATE attachment a SET due_at = :again, attempts = a.attempts + 1 FROM message m
    WHERE m.id = a.message_id AND a.id = ANY(ARRAY(
        SELECT id FROM attachment WHERE due_at <= :now ORDER BY due_at, id LIMIT 4 FOR UPDATE SKIP LOCKED))
    RETURNING a.id, a.contact_id, a.media_id, a.attempts, m.phone_number_id
""")
STORE = text("""
    UPDATE attachment SET data = :data, mime_type = :mime_type, error = NULL, due_at = NULL WHERE id = :id
""")
FAIL = text("UPDATE attachment SET error = :error, due_at = :again WHERE id = :id")
OF_CONTACT = text("""
    SELECT message_id, id, error, due_at, data IS NOT NULL AS ready FROM attachment
    WHERE contact_id = :contact AND message_id IS NOT NULL
""")


@dataclass(frozen=True)
class Received:
    """A customer's file. ready: it can be shown; error: it cannot be had; neither: it is under way."""

    id: int
    ready: bool
    error: str | None


async def store_upload(
    session: AsyncSession, contact_id: int, by: int, name: str, mime_type: str, data: bytes, now: datetime
) -> Attachment:
    """Keeps a file an agent sends, in the transaction that queues it. RefusedError: WhatsApp does not take it."""
    name = PurePath(name.replace("\\", "/")).name.strip()[-LONGEST_NAME:] or "file"
    try:
        kind = choose_kind(mime_type, data)
    except ValueError as error:
        raise RefusedError("bad_file", name=name, problem=str(error)) from error
    made = Attachment(contact_id=contact_id, account_id=by, kind=kind.value, name=name, data=data, created_at=now,
                      mime_type=mime_type.partition(";")[0].strip().lower())  # fmt: skip
    session.add(made)
    await session.flush()
    return made


def attach(attachment: Attachment, caption: str | None = None) -> Media:
    """The file as a message carries it."""
    return Media(MessageKind(attachment.kind), caption=caption, filename=attachment.name, attachment=attachment.id)


async def read_attachment(session: AsyncSession, attachment_id: int) -> Attachment | None:
    """The file with its bytes."""
    return await session.get(Attachment, attachment_id, populate_existing=True)


async def find_attachments(session: AsyncSession, contact_id: int) -> dict[int, Received]:
    """Message to file, of what a contact sent."""
    rows = (await session.execute(OF_CONTACT, {"contact": contact_id})).all()
    return {row.message_id: Received(row.id, row.ready, row.error if row.due_at is None else None) for row in rows}


async def fetch_attachments(sessions: Sessions, settings: Settings, now: datetime) -> int:
    """Fetches files customers sent to whom a person talks; how many were tried."""
    async with sessions.begin() as session:
        await session.execute(TAKE_UP, {"now": now, "since": now - KEPT, "kinds": list(KINDS)})
    async with sessions.begin() as session:
        rows = (await session.execute(CLAIM, {"now": now, "again": now + LEASE})).all()
    for row in rows:
        await fetch_one(sessions, settings, row, now)
    return len(rows)


async def fetch_one(
    sessions: Sessions, settings: Settings, row: Row[tuple[int, int, str, int, str]], now: datetime
) -> None:
    """Fetches one, or notes why it could not be had and when to try again."""
    try:
        file = await fetch_media(settings, row.phone_number_id, row.media_id)
    except FetchError as error:
        log.warning("attachment %s was not fetched: %s", row.id, error)
        last = error.permanent or row.attempts >= MOST_ATTEMPTS
        again = None if last else now + AGAIN * 2 ** (row.attempts - 1)
        statement, values = FAIL, {"error": str(error)[:300], "again": again}
    else:
        statement, values = STORE, {"data": file.data, "mime_type": file.mime_type}
    async with sessions.begin() as session:
        await session.execute(statement, {"id": row.id, **values})
        await session.execute(RING_CONTACTS, {"ids": [row.contact_id]})
