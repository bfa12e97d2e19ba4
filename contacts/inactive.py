"""Erases contacts nothing has happened with for a long time: what nobody needs any more is not kept (GDPR, art. 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from contacts.erase import LOCK, erase_contact
from core.db import Sessions

BATCH = 500  # contacts looked up at once; each is erased in a transaction of its own
MONTH = timedelta(days=30.4375)

# Alive is who wrote, did something, or gave or took back a consent since; whose contract ran since, or has no end we
# know of; with whom a person talks; and who has something under way. What we sent is no sign of life, nor is a score.
INACTIVE = """
    c.created_at < :since AND c.erased_at IS NULL AND c.erase_at IS NULL
    AND (c.last_inbound_at IS NULL OR c.last_inbound_at < :since)
    AND NOT EXISTS (SELECT 1 FROM message m WHERE m.contact_id = c.id AND m.sent_at >= :since)
    AND NOT EXISTS (SELECT 1 FROM event e WHERE e.contact_id = c.id AND e.at >= :since AND e.kind <> 'band_crossed')
    AND NOT EXISTS (SELECT 1 FROM consent s WHERE s.contact_id = c.id AND s.at >= :since)
    AND NOT EXISTS (SELECT 1 FROM platform_preference p WHERE p.contact_id = c.id AND p.at >= :since)
    AND NOT EXISTS (SELECT 1 FROM contract k WHERE k.contact_id = c.id
                    AND (k.expires_on IS NULL OR k.expires_on >= CAST(:since AS date)))
    AND NOT EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id AND h.closed_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.contact_id = c.id AND t.finished_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.contact_id = c.id AND o.state IN ('queued', 'sending', 'unknown'))
"""
FIND = text(f"SELECT c.id FROM contact c WHERE c.id > :after AND {INACTIVE} ORDER BY c.id LIMIT :limit")  # noqa: S608
# Whoever writes meanwhile holds the row; with the lock in hand we see what they wrote.
STILL = text(f"SELECT 1 FROM contact c WHERE c.id = :id AND {INACTIVE}")  # noqa: S608
HOLD = text("SELECT id FROM contact WHERE id = :id FOR UPDATE")


@dataclass(frozen=True)
class Swept:
    """How many contacts were erased, and since when nothing had happened with them."""

    erased: int
    since: datetime


async def erase_inactive(sessions: Sessions, secret: str, now: datetime, months: int) -> Swept:
    """Erases everyone inactive for so many months; 0 months: nobody."""
    since = now - months * MONTH
    erased = after = 0
    while months > 0:
        async with sessions() as session:
            ids = (await session.scalars(FIND, {"after": after, "since": since, "limit": BATCH})).all()
        for contact_id in ids:
            erased += await erase_if_inactive(sessions, contact_id, secret, since, now)
        if len(ids) < BATCH:
            break
        after = ids[-1]
    return Swept(erased, since)


async def erase_if_inactive(sessions: Sessions, contact_id: int, secret: str, since: datetime, now: datetime) -> bool:
    """Looks once more under the contact's lock, so that a message that just came in saves the contact."""
    own = {"id": contact_id}
    async with sessions.begin() as session:
        for lock in (*LOCK, HOLD):
            await session.execute(lock, own)
        if not (await session.execute(STILL, own | {"since": since})).one_or_none():
            return False
        await erase_contact(session, contact_id, now, secret)
    return True
