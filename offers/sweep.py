"""When offers change, whom they may concern gets a next offer anew: piece by piece, beside the traffic.

A catalogue for a million contacts must not hold their rows for the length of one request. So the request only notes
the kind (table offer_sweep), and a worker goes through the contacts with such a contract in order of their ids. Every
day begins one sweep by itself: offers and contracts start and end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import LOCK_CONTACTS, Sessions
from offers.best_saving import KINDS
from offers.next_offer import ZONE, refresh_next_offers

CHUNK = 500  # contacts of one transaction, whose rows it holds
REQUEST = text(
    "INSERT INTO offer_sweep (kind, next_id, begun_on)"
    " SELECT kind, 0, CURRENT_DATE FROM unnest(CAST(:kinds AS text[])) AS kind ORDER BY kind"
    " ON CONFLICT (kind) DO UPDATE SET next_id = 0"
)
BEGIN_DAY = text(
    "INSERT INTO offer_sweep (kind, next_id, begun_on)"
    " SELECT kind, 0, :today FROM unnest(CAST(:kinds AS text[])) AS kind"
    " WHERE NOT EXISTS (SELECT 1 FROM offer_sweep s WHERE s.kind = kind.kind AND s.begun_on >= :today) ORDER BY kind"
    " ON CONFLICT (kind) DO UPDATE SET next_id = 0, begun_on = excluded.begun_on"
)
# One worker at a time. A score waiting to be refreshed goes first: somebody may be looking at it.
CLAIM = text(
    "SELECT kind, next_id FROM offer_sweep WHERE next_id IS NOT NULL"
    " AND (SELECT count(*) FROM (SELECT 1 FROM contact WHERE score_stale_at IS NOT NULL LIMIT :chunk) s) < :chunk"
    " ORDER BY kind LIMIT 1 FOR UPDATE SKIP LOCKED"
)
NEXT = text(
    "SELECT contact_id FROM contract WHERE kind = :kind AND contact_id >= :next_id ORDER BY contact_id LIMIT :chunk"
)
MARK_STALE = text("UPDATE contact SET score_stale_at = coalesce(score_stale_at, :now) WHERE id = ANY (:ids)")
MOVE_ON = text("UPDATE offer_sweep SET next_id = :next_id WHERE kind = :kind")


async def request_sweep(session: AsyncSession, kinds: Iterable[str]) -> None:
    """Offers of these kinds changed. In the transaction that changes them; a sweep under way begins anew."""
    if concerned := sorted(set(kinds) & set(KINDS)):
        await session.execute(REQUEST, {"kinds": concerned})


async def sweep_offers(sessions: Sessions, now: datetime, zone: str = ZONE, chunk: int = CHUNK) -> bool:
    """Takes the next contacts of a sweep; whether there was anything to do. Who gets another offer is scored anew."""
    await begin_day(sessions, now.astimezone(ZoneInfo(zone)).date())
    async with sessions.begin() as session:
        sweep = (await session.execute(CLAIM, {"chunk": chunk})).one_or_none()
        if sweep is None:
            return False
        ids = list(await session.scalars(NEXT, {"kind": sweep.kind, "next_id": sweep.next_id, "chunk": chunk}))
        if ids:
            await session.execute(LOCK_CONTACTS, {"ids": ids})
            changed = await refresh_next_offers(session, ids, now, zone)
            await session.execute(MARK_STALE, {"ids": changed, "now": now})
        next_id = ids[-1] + 1 if len(ids) == chunk else None
        await session.execute(MOVE_ON, {"kind": sweep.kind, "next_id": next_id})
    return True


async def begin_day(sessions: Sessions, today: date) -> None:
    """Asks for a sweep of every kind, once a day."""
    async with sessions.begin() as session:
        await session.execute(BEGIN_DAY, {"kinds": list(KINDS), "today": today})
