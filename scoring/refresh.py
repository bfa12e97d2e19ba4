"""From rows to signals to the score row, for contacts something happened to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import LOCK_CONTACTS, RING_CONTACTS, Sessions
from offers.next_offer import refresh_next_offers
from scoring.crossing import Crossing, note_crossings
from scoring.editions import read_edition
from scoring.rollup import read_facts, roll_up
from scoring.score import ScoreResult, score_contact
from scoring.signals import Signals

ZONE = "Europe/Rome"  # the default of PRONTO_TIMEZONE

# Whoever changes a contact's facts marks it stale in the same transaction and so holds its row. Once we hold it, the
# next statement sees those facts, and a later mark waits for us: clearing the mark loses nothing. Skipping locked rows
# and touching scores only under this lock means that refreshing never takes part in a deadlock.
TAKE_STALE = text(
    "SELECT id FROM contact WHERE score_stale_at IS NOT NULL ORDER BY score_stale_at LIMIT :limit"
    " FOR NO KEY UPDATE SKIP LOCKED"
)
FACTS = text(
    """
    SELECT st.*, CAST(timezone(coalesce(st.timezone, :zone), CAST(:now AS timestamptz)) AS date) AS today,
           s.pack, s.version, s.points, s.band, s.receipt, s.gate
    FROM contact_stat st LEFT JOIN score s ON s.contact_id = st.contact_id
    WHERE st.contact_id = ANY (:ids) ORDER BY st.contact_id
    """
)
STORE = text(
    """
    INSERT INTO score (contact_id, pack, version, points, band, receipt, gate, computed_at)
    SELECT contact_id, pack, version, points, band, receipt, gate, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS new (contact_id bigint, pack text, version text, points smallint,
        band text, receipt jsonb, gate jsonb)
    ON CONFLICT (contact_id) DO UPDATE SET pack = excluded.pack, version = excluded.version, points = excluded.points,
        band = excluded.band, receipt = excluded.receipt, gate = excluded.gate, computed_at = excluded.computed_at
    """
)
STORE_CHANGES = text(
    """
    INSERT INTO score_change (contact_id, pack, version, points_before, points, band_before, band, receipt, at)
    SELECT contact_id, pack, version, points_before, points, band_before, band, receipt, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS new (contact_id bigint, pack text, version text,
        points_before smallint, points smallint, band_before text, band text, receipt jsonb)
    """
)
CLEAR = text("UPDATE contact SET score_stale_at = NULL WHERE id = ANY (:ids) AND score_stale_at IS NOT NULL")


async def refresh_contact(session: AsyncSession, contact_id: int, now: datetime, zone: str = ZONE) -> ScoreResult:
    """Scores one contact in the caller's transaction. LookupError if there is no such contact (or it is erased)."""
    await session.execute(LOCK_CONTACTS, {"ids": [contact_id]})
    return (await refresh_locked(session, [contact_id], now, zone))[contact_id]


async def refresh_stale(sessions: Sessions, now: datetime, limit: int = 200, zone: str = ZONE) -> int:
    """Scores the contacts that waited longest since something happened to them; how many there were."""
    async with sessions.begin() as session:
        ids = list(await session.scalars(TAKE_STALE, {"limit": limit}))
        if ids:
            await refresh_locked(session, ids, now, zone)
    return len(ids)


async def refresh_locked(session: AsyncSession, ids: Sequence[int], now: datetime, zone: str) -> dict[int, ScoreResult]:
    """Scores contacts whose rows the transaction holds, and writes what is different from before."""
    book = await read_edition(session)
    await refresh_next_offers(session, ids, now, zone)
    await roll_up(session, ids, now, zone)
    rows = (await session.execute(FACTS, {"ids": list(ids), "now": now, "zone": zone})).all()
    results = {row.contact_id: score_contact(read_facts(row), book, row.today) for row in rows}
    different = [row for row in rows if is_different(row, results[row.contact_id])]
    if different:
        told = {row.contact_id: tell(row, results[row.contact_id]) for row in different}
        await session.execute(STORE, {"rows": write_json(told.values()), "now": now})
        changed = [row for row in different if is_change(row, results[row.contact_id])]
        if changed:
            changes = write_json(told[row.contact_id] for row in changed)
            await session.execute(STORE_CHANGES, {"rows": changes, "now": now})
            await note_crossings(session, find_crossings(changed, results), now)
        await session.execute(RING_CONTACTS, {"ids": list(told)})
    await session.execute(CLEAR, {"ids": list(ids)})
    return results


async def load_facts(session: AsyncSession, contact_id: int, now: datetime, zone: str) -> tuple[Signals, date] | None:
    """What the score knows of a contact, and the contact's own today; None before the first score."""
    row = (await session.execute(FACTS, {"ids": [contact_id], "now": now, "zone": zone})).one_or_none()
    return (read_facts(row), row.today) if row else None


def is_different(row: Row[Any], result: ScoreResult) -> bool:
    """Whether the stored score would not tell the same."""
    return bool(row.receipt != result.receipt_json() or row.gate != list(result.gate) or is_change(row, result))


def is_change(row: Row[Any], result: ScoreResult) -> bool:
    """Whether the change belongs into the history: not every new date of the same fact does."""
    before = row.pack, row.version, row.points, row.band, [line["rule"] for line in row.receipt or []]
    after = [line.rule for line in result.receipt]
    return before != (result.pack, result.version, result.points, result.band, after)


def find_crossings(rows: Sequence[Row[Any]], results: dict[int, ScoreResult]) -> list[Crossing]:
    """Of those who had a score before, who is in another band now."""
    found = []
    for row in rows:
        result = results[row.contact_id]
        if row.band not in (None, result.band):
            found.append(
                Crossing(row.contact_id, result.pack, row.band, result.band, result.points, result.on_enter, row.today)
            )
    return found


def tell(row: Row[Any], result: ScoreResult) -> dict[str, Any]:
    """The new score beside what the history keeps of the old one."""
    return {
        "contact_id": row.contact_id,
        "pack": result.pack,
        "version": result.version,
        "points_before": row.points,
        "points": result.points,
        "band_before": row.band,
        "band": result.band,
        "receipt": result.receipt_json(),
        "gate": result.gate,
    }


def write_json(rows: Iterable[dict[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
