"""What the queue asks the database: rows of a view, counts, and a search over all messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

VIEWS = ("mine", "open", "team", "waiting", "snoozed", "closed", "called")
PER_READ = 60
LINE = """
    c.id AS contact_id, h.id AS handoff_id, h.opened_at, h.snoozed_until,
    c.token, c.name, coalesce(c.phone, c.username) AS address, c.language, c.last_inbound_at,
    h.reason, h.state, h.account_id, a.name AS owner, h.unanswered_since,
    coalesce(h.unanswered_since, h.closed_at, greatest(m.at, o.at), h.opened_at) AS since,
    CASE WHEN o.at > m.at OR m.at IS NULL THEN o.text ELSE m.text END AS last,
    coalesce(o.at > m.at, m.at IS NULL) AS mine,
    (SELECT count(*) FROM message u WHERE u.contact_id = c.id AND h.closed_at IS NULL
        AND u.received_at > coalesce(h.read_at, h.opened_at - interval '1 minute')) AS unread
"""
LAST = """
    LEFT JOIN account a ON a.id = h.account_id
    LEFT JOIN LATERAL (SELECT coalesce(text, kind) AS text, received_at AS at FROM message
        WHERE contact_id = c.id ORDER BY sent_at DESC, id DESC LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT text, created_at AS at FROM outbox
        WHERE contact_id = c.id ORDER BY id DESC LIMIT 1) o ON true
"""
OPEN = text(f"""
    SELECT {LINE} FROM handoff h JOIN contact c ON c.id = h.contact_id {LAST} WHERE h.closed_at IS NULL
""")  # noqa: S608  (our own words)
CHANGED = text(f"""
    SELECT {LINE} FROM handoff h JOIN contact c ON c.id = h.contact_id {LAST}
    WHERE h.closed_at IS NULL AND h.contact_id = ANY(CAST(:ids AS bigint[]))
""")  # noqa: S608  (our own words)
CLOSED = text(f"""
    SELECT {LINE} FROM handoff h JOIN contact c ON c.id = h.contact_id {LAST}
    WHERE h.closed_at IS NOT NULL AND (CAST(:language AS text) = '' OR c.language = :language)
      AND (CAST(:reason AS text) = '' OR h.reason = :reason)
    ORDER BY h.closed_at DESC, h.id DESC LIMIT :limit
""")  # noqa: S608  (our own words)
NEWEST = f"""
    LEFT JOIN LATERAL (SELECT * FROM handoff WHERE contact_id = c.id
        ORDER BY closed_at IS NULL DESC, id DESC LIMIT 1) h ON true {LAST}
    ORDER BY greatest(m.at, o.at) DESC NULLS LAST, c.id LIMIT :limit
"""  # noqa: S608  (our own words)
THESE = text(f"""
    SELECT {LINE} FROM (SELECT unnest(CAST(:ids AS bigint[])) AS contact_id) f JOIN contact c ON c.id = f.contact_id
    {NEWEST}
""")  # noqa: S608  (our own words)
SEARCH = text(f"""
    WITH found AS (
        SELECT id AS contact_id FROM contact
            WHERE erased_at IS NULL AND (name ILIKE :like OR phone LIKE :like OR username ILIKE :like)
        UNION SELECT contact_id FROM message WHERE text ILIKE :like
        UNION SELECT contact_id FROM outbox WHERE text ILIKE :like
        UNION SELECT contact_id FROM note WHERE text ILIKE :like LIMIT 500)
    SELECT {LINE} FROM found f JOIN contact c ON c.id = f.contact_id {NEWEST}
""")  # noqa: S608  (our own words)


@dataclass(frozen=True)
class Row:
    """A line of the queue. since: when it began to wait, or what happened last; mine: the last word was ours."""

    contact_id: int
    handoff_id: int | None
    opened_at: datetime | None
    snoozed_until: datetime | None
    token: str
    name: str | None
    address: str | None
    language: str | None
    last_inbound_at: datetime | None
    reason: str | None
    state: str | None
    account_id: int | None
    owner: str | None
    unanswered_since: datetime | None
    since: datetime | None
    last: str | None
    mine: bool
    unread: int


async def read_open(session: AsyncSession, contact_ids: list[int] | None = None) -> list[Row]:
    """The lines of all open handoffs, or of those of these contacts."""
    read = session.execute(OPEN) if contact_ids is None else session.execute(CHANGED, {"ids": contact_ids})
    return make_rows((await read).mappings().all())


async def read_closed(session: AsyncSession, language: str, reason: str, limit: int) -> list[Row]:
    """The handoffs that were closed last, filtered where language and reason are not empty."""
    asked = {"language": language, "reason": reason, "limit": limit}
    return make_rows((await session.execute(CLOSED, asked)).mappings().all())


async def read_rows(session: AsyncSession, contact_ids: list[int], limit: int) -> list[Row]:
    """The lines of these contacts, whatever the state of their newest handoff, latest first."""
    return make_rows((await session.execute(THESE, {"ids": contact_ids, "limit": limit})).mappings().all())


async def search_rows(session: AsyncSession, words: str, limit: int) -> list[Row]:
    """Contacts whose name, number, messages or notes hold these words, latest first."""
    like = "%" + words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    return make_rows((await session.execute(SEARCH, {"like": like, "limit": limit})).mappings().all())


def make_rows(rows: Any) -> list[Row]:
    return [make_row(row) for row in rows]


def make_row(row: RowMapping) -> Row:
    last = " ".join((row["last"] or "").split())[:140]
    return Row(**{**row, "last": last, "unread": row["unread"] if row["state"] else 0})
