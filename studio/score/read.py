"""What the score's pages ask the database, made for a million contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.find import find_contact_id

PER_PAGE = 25
SHOWN = 6  # lines of the short lists
DUE_DAYS = 45
ENOUGH = 10_000  # a search is counted up to here

COUNTS = text("SELECT pack, band, points, count(*) AS contacts FROM score GROUP BY pack, band, points")
SORTS = {
    "points": "s.points DESC, s.contact_id DESC",
    "least": "s.points, s.contact_id",
    "expires": "st.expires_on, s.contact_id",
}
PERSON = "c.token, c.name, coalesce(c.phone, c.username) AS address"
MOVERS = text(
    f"""
    WITH moved AS (
        SELECT contact_id, (array_agg(points_before ORDER BY at, id))[1] AS before,
               (array_agg(points ORDER BY at DESC, id DESC))[1] AS after
        FROM score_change WHERE at > :since GROUP BY contact_id
    ), greatest_moves AS (
        SELECT * FROM moved WHERE before <> after ORDER BY abs(after - before) DESC, contact_id LIMIT :limit
    )
    SELECT {PERSON}, m.before, m.after FROM greatest_moves m JOIN contact c ON c.id = m.contact_id
    ORDER BY abs(m.after - m.before) DESC, m.contact_id
    """  # noqa: S608  (our own words)
)
DUE = text(
    f"""
    SELECT {PERSON}, st.expires_on, s.points, s.band FROM contact_stat st JOIN contact c ON c.id = st.contact_id
    LEFT JOIN score s ON s.contact_id = st.contact_id
    WHERE st.expires_on BETWEEN :today AND :last AND c.erased_at IS NULL ORDER BY st.expires_on, st.contact_id
    LIMIT :limit
    """  # noqa: S608
)
COUNT_DUE = text("SELECT count(*) FROM contact_stat WHERE expires_on BETWEEN :today AND :last")
TASKS = text(
    f"""
    SELECT t.id, t.kind, t.facts, t.due_on, {PERSON} FROM task t JOIN contact c ON c.id = t.contact_id
    WHERE t.done_at IS NULL ORDER BY t.due_on, t.id LIMIT :limit
    """  # noqa: S608
)
COUNT_TASKS = text("SELECT count(*) FROM task WHERE done_at IS NULL")
FINISH = text("UPDATE task SET done_at = :now WHERE id = :id AND done_at IS NULL RETURNING kind, contact_id")
ONE = text(
    f"""
    SELECT c.id, c.place, c.region, {PERSON}, s.pack, s.version, s.points, s.band, s.receipt, s.gate, s.computed_at,
           n.reason AS offer_reason, n.computed_at AS offer_computed_at
    FROM contact c LEFT JOIN score s ON s.contact_id = c.id LEFT JOIN next_offer n ON n.contact_id = c.id
    WHERE c.token = :token AND c.erased_at IS NULL
    """  # noqa: S608
)
CHANGES = text(
    "SELECT at, points, receipt FROM score_change WHERE contact_id = :id ORDER BY at DESC, id DESC LIMIT :limit"
)


@dataclass(frozen=True)
class Filter:
    """What a marketer wishes to see of the list; empty: all. page counts from 0."""

    pack: str = ""
    band: str = ""
    search: str = ""
    sort: str = "points"
    page: int = 0


@dataclass(frozen=True)
class Overview:
    """counts: (pack, band, points, contacts)."""

    counts: Sequence[Row[Any]]
    movers: Sequence[Row[Any]]
    due: Sequence[Row[Any]]
    due_count: int
    tasks: Sequence[Row[Any]]
    task_count: int


async def read_overview(session: AsyncSession, now: datetime, today: date) -> Overview:
    days = {"today": today, "last": today + timedelta(days=DUE_DAYS)}
    return Overview(
        counts=(await session.execute(COUNTS)).all(),
        movers=(await session.execute(MOVERS, {"since": now - timedelta(days=7), "limit": SHOWN})).all(),
        due=(await session.execute(DUE, days | {"limit": SHOWN})).all(),
        due_count=await session.scalar(COUNT_DUE, days) or 0,
        tasks=(await session.execute(TASKS, {"limit": SHOWN})).all(),
        task_count=await session.scalar(COUNT_TASKS) or 0,
    )


async def list_contacts(session: AsyncSession, wish: Filter) -> Sequence[Row[Any]]:
    """One page of contacts, and one more if there is another page."""
    where, values = make_condition(wish)
    query = text(
        f"""
        SELECT {PERSON}, s.pack, s.points, s.band, s.gate <> '[]' AS closed, st.expires_on
        FROM score s JOIN contact c ON c.id = s.contact_id
        {"JOIN" if wish.sort == "expires" else "LEFT JOIN"} contact_stat st ON st.contact_id = s.contact_id
        WHERE {where} ORDER BY {SORTS[wish.sort]} LIMIT :limit OFFSET :offset
        """  # noqa: S608  (names of ours; what is searched goes as a value)
    )
    return (await session.execute(query, values | {"limit": PER_PAGE + 1, "offset": wish.page * PER_PAGE})).all()


async def count_found(session: AsyncSession, wish: Filter) -> int:
    """How many contacts a search finds, counted up to ENOUGH."""
    where, values = make_condition(wish)
    query = text(
        f"SELECT count(*) FROM (SELECT 1 FROM score s JOIN contact c ON c.id = s.contact_id"  # noqa: S608
        f" LEFT JOIN contact_stat st ON st.contact_id = s.contact_id WHERE {where} LIMIT {ENOUGH}) found"
    )
    return int(await session.scalar(query, values) or 0)


def make_condition(wish: Filter) -> tuple[str, dict[str, Any]]:
    """SQL that holds for what is wished, and its values."""
    conditions, values = ["c.erased_at IS NULL"], {}
    if wish.sort == "expires":
        conditions.append("st.expires_on IS NOT NULL")
    for name in ("pack", "band"):
        if getattr(wish, name):
            conditions.append(f"s.{name} = :{name}")
            values[name] = getattr(wish, name)
    if words := wish.search.replace("\x00", "").strip():
        escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        conditions.append(
            "(c.name ILIKE :part OR c.phone = :phone OR c.token = :word OR c.user_id = :word OR c.external_id = :word)"
        )
        values |= {"part": f"%{escaped}%", "word": words, "phone": "+" + "".join(filter(str.isdigit, words))}
    return " AND ".join(conditions), values


async def finish_task(session: AsyncSession, task_id: int, now: datetime) -> Row[Any] | None:
    """Marks a task as done: what it was; None if somebody else was faster. The caller commits."""
    return (await session.execute(FINISH, {"id": task_id, "now": now})).one_or_none()


async def read_contact(session: AsyncSession, name: str) -> Row[Any] | None:
    """One contact with its score by token; None if there is none or it was erased. Old tokens find the person too."""
    row = (await session.execute(ONE, {"token": name})).one_or_none()
    if row is not None:
        return row
    merged = await find_contact_id(session, name)
    if merged is None:
        return None
    token = await session.scalar(text("SELECT token FROM contact WHERE id = :id"), {"id": merged})
    return (await session.execute(ONE, {"token": token})).one_or_none()


async def read_changes(session: AsyncSession, contact_id: int, limit: int = 60) -> list[Row[Any]]:
    """The latest changes of a score, oldest first."""
    return list(reversed((await session.execute(CHANGES, {"id": contact_id, "limit": limit})).all()))
