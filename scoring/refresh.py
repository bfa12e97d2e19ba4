"""From rows to signals to the score row, for one contact or many at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from scoring.rules import RuleSet, load_rules
from scoring.score import ScoreResult, score
from scoring.signals import Signals

ZONE = "Europe/Rome"  # the default of PRONTO_TIMEZONE

# Whoever changes a contact's facts marks it stale in the same transaction and so holds its row. Once we hold it, the
# next statement sees those facts, and a later mark waits for us: clearing the mark loses nothing. Skipping locked rows
# and touching scores only under this lock means that refreshing never takes part in a deadlock.
LOCK = text("SELECT id FROM contact WHERE id = ANY (:ids) ORDER BY id FOR NO KEY UPDATE")
TAKE_STALE = text(
    "SELECT id FROM contact WHERE score_stale_at IS NOT NULL ORDER BY score_stale_at LIMIT :limit"
    " FOR NO KEY UPDATE SKIP LOCKED"
)
# A contract that runs counts before one that ended, the nearest end first. "Ignored" follows the definition in
# signals.py; `active_at` is the last reply or click.
SIGNALS = text(
    """
    SELECT c.id, day.today,
           (SELECT k.expires_on FROM contract k WHERE k.contact_id = c.id AND k.expires_on IS NOT NULL
            ORDER BY k.expires_on < day.today, abs(k.expires_on - day.today) LIMIT 1) AS expires_on,
           CAST(said.at AT TIME ZONE day.zone AS date) AS replied_on,
           CAST(click.at AT TIME ZONE day.zone AS date) AS clicked_on,
           CAST(quote.at AT TIME ZONE day.zone AS date) AS quoted_on,
           ignored.number AS ignored_in_a_row,
           CAST(ignored.at AT TIME ZONE day.zone AS date) AS ignored_on,
           s.pack, s.version, s.points, s.band, s.receipt
    FROM contact c
    CROSS JOIN LATERAL (SELECT coalesce(c.timezone, :zone) AS zone,
                        CAST(CAST(:now AS timestamptz) AT TIME ZONE coalesce(c.timezone, :zone) AS date) AS today) day
    LEFT JOIN LATERAL (SELECT m.sent_at AS at FROM message m WHERE m.contact_id = c.id AND m.kind <> 'system'
                       ORDER BY m.sent_at DESC LIMIT 1) said ON true
    LEFT JOIN LATERAL (SELECT max(e.at) AS at FROM event e WHERE e.contact_id = c.id AND e.kind = 'offer_click') click
                      ON true
    LEFT JOIN LATERAL (SELECT max(e.at) AS at FROM event e WHERE e.contact_id = c.id AND e.kind = 'quote_request') quote
                      ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS number, max(coalesce(o.delivered_at, o.read_at)) AS at FROM outbox o
        WHERE o.contact_id = c.id
          AND coalesce(o.delivered_at, o.read_at) <= CAST(:now AS timestamptz) - interval '24 hours'
          AND coalesce(o.delivered_at, o.read_at) > coalesce(greatest(said.at, click.at), '-infinity')
    ) ignored ON true
    LEFT JOIN score s ON s.contact_id = c.id
    WHERE c.id = ANY (:ids) AND c.erased_at IS NULL
    """
)
STORE = text(
    """
    INSERT INTO score (contact_id, pack, version, points, band, receipt, computed_at)
    SELECT id, :pack, :version, points, band, CAST(receipt AS jsonb), :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:points AS smallint[]), CAST(:bands AS text[]), CAST(:receipts AS text[]))
         AS new (id, points, band, receipt)
    ON CONFLICT (contact_id) DO UPDATE SET pack = excluded.pack, version = excluded.version, points = excluded.points,
        band = excluded.band, receipt = excluded.receipt, computed_at = excluded.computed_at
    """
)
STORE_CHANGES = text(
    """
    INSERT INTO score_change (contact_id, version, points_before, points, band, receipt, at)
    SELECT id, :version, points_before, points, band, CAST(receipt AS jsonb), :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:before AS smallint[]), CAST(:points AS smallint[]),
                CAST(:bands AS text[]), CAST(:receipts AS text[])) AS new (id, points_before, points, band, receipt)
    """
)
CLEAR = text("UPDATE contact SET score_stale_at = NULL WHERE id = ANY (:ids) AND score_stale_at IS NOT NULL")
NOTIFY = text("SELECT pg_notify('contact', CAST(id AS text)) FROM unnest(CAST(:ids AS bigint[])) AS id")


async def refresh_contact(session: AsyncSession, contact_id: int, now: datetime, zone: str = ZONE) -> ScoreResult:
    """Scores one contact in the caller's transaction. LookupError if there is no such contact (or it is erased)."""
    await session.execute(LOCK, {"ids": [contact_id]})
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
    rules = load_rules()
    rows = (await session.execute(SIGNALS, {"ids": list(ids), "now": now, "zone": zone})).all()
    results = {row.id: score(read_signals(row), rules, row.today) for row in rows}
    different = [row for row in rows if is_different(row, results[row.id])]
    if different:
        columns = make_columns(different, results, rules) | {"now": now}
        await session.execute(STORE, {"pack": rules.pack, **columns})
        changed = [row for row in different if is_change(row, results[row.id])]
        if changed:
            before = {"before": [row.points for row in changed], "now": now}
            await session.execute(STORE_CHANGES, make_columns(changed, results, rules) | before)
        await session.execute(NOTIFY, {"ids": columns["ids"]})
    await session.execute(CLEAR, {"ids": list(ids)})
    return results


def read_signals(row: Row[Any]) -> Signals:
    return Signals(
        expires_on=row.expires_on,
        replied_on=row.replied_on,
        clicked_on=row.clicked_on,
        quoted_on=row.quoted_on,
        ignored_in_a_row=row.ignored_in_a_row,
        ignored_on=row.ignored_on,
    )


def is_different(row: Row[Any], result: ScoreResult) -> bool:
    """Whether the stored score would not tell the same."""
    return bool(row.pack != result.pack or row.receipt != result.receipt_json() or is_change(row, result))


def is_change(row: Row[Any], result: ScoreResult) -> bool:
    """Whether the change belongs into the history: not every new date of the same fact does."""
    before = [line["rule"] for line in row.receipt or []]
    after = [line.rule for line in result.receipt]
    return (row.version, row.points, row.band, before) != (result.version, result.points, result.band, after)


def make_columns(rows: Sequence[Row[Any]], results: dict[int, ScoreResult], rules: RuleSet) -> dict[str, Any]:
    """Arrays for unnest, in the order of rows."""
    own = [results[row.id] for row in rows]
    return {
        "ids": [row.id for row in rows],
        "points": [result.points for result in own],
        "bands": [result.band for result in own],
        "receipts": [json.dumps(result.receipt_json()) for result in own],
        "version": rules.version,
    }
