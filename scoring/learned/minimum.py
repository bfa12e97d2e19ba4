"""Whether there is enough to learn from, in the numbers of the requirements (S1-38, S2-30, S2-37)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings
from scoring.learned.outcomes import LOST, WON, Outcome

MONTH = 30.44  # days
WINS = 50  # contacts won (or customers lost) below which a rate is mostly chance
NAMED = {
    Outcome.REPURCHASE: ("contacts with an outcome", "contacts won"),
    Outcome.DEFECTION: ("customers watched", "customers lost"),
}
SIMPLE, FULL = 4, 32  # ranges per feature: few contacts bear only a coarse model

COUNT = text(
    """
    SELECT count(*) AS records, count(*) FILTER (WHERE won) AS wins, min(first_at) AS first_at, max(last_at) AS last_at
    FROM (SELECT e.contact_id, bool_or(e.kind = ANY (:won)) AS won, min(e.at) AS first_at, max(e.at) AS last_at
          FROM event e WHERE e.kind = ANY (:decisive) AND e.at < :now GROUP BY e.contact_id) one
    """
)

# A worker starts learning once a day, and not where there is next to nothing: it costs a process of its own.
CLAIM = text(
    """
    INSERT INTO learned_run (day)
    SELECT :day WHERE (SELECT count(*) FROM (SELECT FROM event WHERE kind = ANY (:decisive) LIMIT :some) e) = :some
        OR (SELECT count(*) FROM (SELECT FROM contract LIMIT :some) c) = :some
    ON CONFLICT DO NOTHING RETURNING day
    """
)
SOME = 100
NOTE = text(
    "INSERT INTO learned_run (day, note) VALUES (:day, :note) ON CONFLICT (day) DO UPDATE SET note = excluded.note"
)


@dataclass(frozen=True)
class Stock:
    """Contacts with an outcome of either sort, those won among them, and the months between first and last outcome."""

    records: int
    wins: int
    months: float


class TooLittle(Exception):  # noqa: N818  (it says what is the matter)
    """There is not enough to learn from; the message says what is missing, in numbers."""


async def count_stock(session: AsyncSession, now: datetime) -> Stock:
    row = (await session.execute(COUNT, {"won": list(WON), "decisive": [*WON, *LOST], "now": now})).one()
    months = (row.last_at - row.first_at).total_seconds() / 86_400 / MONTH if row.first_at else 0.0
    return Stock(row.records, row.wins, months)


def check_stock(stock: Stock, settings: Settings, outcome: Outcome = Outcome.REPURCHASE) -> int:
    """How many ranges per feature the data bear. TooLittle names what is missing."""
    who, came = NAMED[outcome]
    missing = []
    if stock.records < settings.records_simple:
        missing.append(f"{stock.records} {who}, {settings.records_simple} needed")
    if stock.months < settings.audit_history_minimum:
        missing.append(f"{stock.months:.1f} months of outcomes, {settings.audit_history_minimum:g} needed")
    if stock.wins < WINS:
        missing.append(f"{stock.wins} {came}, {WINS} needed")
    if missing:
        raise TooLittle(f"not enough to learn from: {'; '.join(missing)}. The rules' score goes on as it is.")
    return SIMPLE if stock.records < settings.records_minimum else FULL


def judge_stock(stock: Stock, settings: Settings) -> str:
    """enough, or good from the sizes the requirements call best on."""
    best = stock.records >= settings.records_optimal and stock.months >= settings.audit_history_learning
    return "good" if best else "enough"


async def claim_day(session: AsyncSession, day: date) -> bool:
    """Whether the caller is the one who looks for something to learn today."""
    values = {"day": day, "decisive": [*WON, *LOST], "some": SOME}
    return await session.scalar(CLAIM, values) is not None


async def note_day(session: AsyncSession, day: date, note: str) -> None:
    """Keeps what came of learning today, for people to read."""
    await session.execute(NOTE, {"day": day, "note": note})
