"""What the inbox page asks the database about one conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from inbox.pages.bubble import Entry

PER_READ = 60

# One question for everything in a conversation; each branch is cut to the newest by itself, so a long one costs as
# little as a short one.
ENTRIES = text("""
    SELECT * FROM (
        (SELECT 'in' AS kind, m.id, m.received_at AS at, jsonb_build_object(
            'message_kind', m.kind, 'text', m.text, 'payload', m.payload, 'wamid', m.wamid,
            'taught', (SELECT t.intent FROM teaching t WHERE t.message_id = m.id),
            'quote', (SELECT left(q.text, 160) FROM outbox q WHERE q.wamid = m.context_wamid)) AS data
         FROM message m WHERE m.contact_id = :id ORDER BY m.sent_at DESC, m.id DESC LIMIT :limit)
        UNION ALL
        (SELECT 'out', o.id, o.created_at, jsonb_build_object(
            'text', o.text, 'body', o.body, 'options', o.options, 'state', o.state, 'reason', o.reason,
            'kind', o.kind, 'purpose', o.purpose, 'turn_id', o.turn_id, 'outbox_key', o.key,
            'author', (SELECT a.name FROM account a WHERE o.key LIKE 'agent:%'
                       AND CAST(a.id AS text) = split_part(o.key, ':', 2)),
            'quote', null)
         FROM outbox o WHERE o.contact_id = :id ORDER BY o.id DESC LIMIT :limit)
        UNION ALL
        (SELECT 'note', n.id, n.at, jsonb_build_object('text', n.text, 'author', a.name, 'quote', null,
            'unread_by', to_jsonb(n.unread_by))
         FROM note n JOIN account a ON a.id = n.account_id WHERE n.contact_id = :id ORDER BY n.id DESC LIMIT :limit)
        UNION ALL
        (SELECT 'change', h.id, h.at, jsonb_build_object(
            'state', h.state, 'before', h.state_before, 'why', h.why, 'who', a.name, 'to', t.name,
            'handoff_id', h.handoff_id)
         FROM handoff_change h LEFT JOIN account a ON a.id = h.account_id LEFT JOIN account t ON t.id = h.assigned_to
         WHERE h.contact_id = :id ORDER BY h.id DESC LIMIT :limit)
    ) entry ORDER BY at DESC, kind, id DESC LIMIT :limit
""")
SAID = text("SELECT text FROM message WHERE id = :id AND contact_id = :contact")
CHAT = text("""
    SELECT c.id AS contact_id, c.token, c.name, coalesce(c.phone, c.username) AS address, c.language,
           c.last_inbound_at, c.erased_at, h.id AS handoff_id, h.state, h.reason, h.account_id, h.opened_at,
           h.closed_at, h.assigned_at, h.snoozed_until, h.read_at, a.name AS owner
    FROM contact c
    LEFT JOIN LATERAL (SELECT * FROM handoff WHERE contact_id = c.id ORDER BY closed_at IS NULL DESC, id DESC LIMIT 1) h
        ON true
    LEFT JOIN account a ON a.id = h.account_id
    WHERE c.token = :token
""")


async def read_entries(session: AsyncSession, contact_id: int, limit: int = PER_READ) -> list[Entry]:
    """The newest entries of a conversation, oldest first: messages both ways, notes, and changes of its handoffs."""
    rows = await session.execute(ENTRIES, {"id": contact_id, "limit": limit})
    return [Entry(row.kind, row.id, row.at, row.data) for row in reversed(rows.all())]


async def read_said(session: AsyncSession, contact_id: int, message_id: int) -> str:
    """The words of a contact's message, empty if it has none or is somebody else's."""
    found = await session.execute(SAID, {"contact": contact_id, "id": message_id})
    return str(found.scalar_one_or_none() or "")


async def read_chat(session: AsyncSession, token: str) -> Row[Any] | None:
    """Whom a conversation is with, and its newest handoff; None if there is no such contact."""
    return (await session.execute(CHAT, {"token": token})).one_or_none()
