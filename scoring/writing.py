"""Writes the scores of many contacts in one statement, from the rules as SQL; only rows that differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy import any_ as sql_any
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import ContactStat, Score, ScoreChange
from scoring.expressions import NOW, score_all, string
from scoring.rollup import write_array
from scoring.rules import RuleBook

CHOSEN = ContactStat.__table__.c.contact_id == sql_any(bindparam("ids", required=False, type_=ARRAY(BigInteger)))
SCORED = ("contact_id", "pack", "version", "points", "band", "receipt", "gate")
KNOWN = Score.__table__.c
DIALECT: Dialect = dialect()  # type: ignore[no-untyped-call]


async def find_different(
    session: AsyncSession, book: RuleBook, ids: Sequence[int], now: datetime, zone: str
) -> list[int]:
    """Whose stored score would not tell the same. Days must be written in ISO form (SET datestyle)."""
    found = await run_statement(session, compare_statement(book), ids, now, zone)
    return [row.contact_id for row in found]


async def write_scores(
    session: AsyncSession, book: RuleBook, ids: Sequence[int], now: datetime, zone: str
) -> tuple[int, list[Any]]:
    """Scores contacts whose rows the transaction holds: how many differed, and who crossed into another band.

    Crossings come as rows with the fields of Crossing. Days must be written in ISO form (SET datestyle).
    """
    rows = await run_statement(session, write_statement(book), ids, now, zone)
    return rows[0].written, [row[1:] for row in rows if row.contact_id is not None]


async def run_statement(
    session: AsyncSession, statement: str, ids: Sequence[int], now: datetime, zone: str
) -> Sequence[Any]:
    connection = await session.connection()
    return (await connection.exec_driver_sql(statement, {"ids": write_array(ids), "now": now, "zone": zone})).all()


@lru_cache(maxsize=4)
def compare_statement(book: RuleBook) -> str:
    """SQL for find_different."""
    return render(select(find_rows(book).c.contact_id))


@lru_cache(maxsize=4)
def write_statement(book: RuleBook) -> str:
    """SQL for write_scores: the score row, the history, and the crossings as the answer."""
    rows = find_rows(book)
    put = upsert(Score).from_select([*SCORED, "computed_at"], select(*(rows.c[name] for name in SCORED), NOW))
    names = [*SCORED[1:], "computed_at"]
    stored = put.on_conflict_do_update(
        index_elements=["contact_id"], set_={name: put.excluded[name] for name in names}
    ).cte("stored")
    told = ("contact_id", "pack", "version", "points_before", "points", "band_before", "band", "receipt")
    history = (
        insert(ScoreChange)
        .from_select([*told, "at"], select(*(rows.c[name] for name in told), NOW).where(is_change(rows)))
        .cte("history")
    )
    written = select(func.count().label("written")).select_from(rows).subquery()
    crossed = (
        select(*(rows.c[name] for name in ("contact_id", "pack", "band_before", "band", "points", "on_enter", "today")))
        .where(rows.c.band_before != rows.c.band, rows.c.on_enter != string("nothing"))
        .subquery()
    )
    return render(select(written, crossed).join_from(written, crossed, true(), isouter=True).add_cte(stored, history))


def find_rows(book: RuleBook) -> CTE:
    """Rows that differ from what is stored, with what is stored."""
    fresh = score_all(book, CHOSEN).subquery("fresh")
    differs = or_(*(fresh.c[name].is_distinct_from(KNOWN[name]) for name in SCORED[1:]))
    query: Select[Any] = (
        select(
            fresh,
            KNOWN.points.label("points_before"),
            KNOWN.band.label("band_before"),
            KNOWN.pack.label("pack_before"),
            KNOWN.version.label("version_before"),
            KNOWN.receipt.label("receipt_before"),
        )
        .join_from(fresh, Score, KNOWN.contact_id == fresh.c.contact_id, isouter=True)
        .where(differs)
    )
    return query.cte("different")


def is_change(rows: CTE) -> ColumnElement[bool]:
    """As in scoring/refresh.py: not every new date of the same fact belongs into the history."""
    pairs = [(rows.c[name], rows.c[f"{name}_before"]) for name in ("pack", "version", "points", "band")]
    rules = [
        func.jsonb_path_query_array(row, literal_column("'$[*].rule'"))
        for row in (rows.c.receipt, rows.c.receipt_before)
    ]
    return or_(*(new.is_distinct_from(old) for new, old in pairs), rules[0].is_distinct_from(rules[1]))


def render(query: Select[Any]) -> str:
    """The query as text for the driver; its parameters are ids, now and zone."""
    return str(query.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True}))
