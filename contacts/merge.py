"""Two contacts turned out to be one person: the older one stays and gets everything the other had."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Index, Table, UniqueConstraint, text

from core.direct import Executes
from core.tables import Base, Contact

# Lanes before contacts, as turns lock them.
LOCK = text("SELECT contact_id FROM lane WHERE contact_id IN (:one, :other) ORDER BY contact_id FOR UPDATE")

# What cannot simply move because a person has one of it. Everything else follows the unique keys, see move_rows.
RESOLVE = tuple(
    text(sql)
    for sql in (
        # The loser's open turn starts anew as part of the winner's: its worker finds its lane gone and gives up.
        """UPDATE message SET turn_id = NULL WHERE turn_id IN
           (SELECT id FROM turn WHERE contact_id = :loser AND finished_at IS NULL)""",
        """UPDATE turn SET finished_at = :now, error = 'merged into another contact'
           WHERE contact_id = :loser AND finished_at IS NULL""",
        """INSERT INTO lane (contact_id, ready_at, waiting_since, pair_tat)
           SELECT :winner, :now, coalesce(waiting_since, :now), pair_tat FROM lane WHERE contact_id = :loser
           ON CONFLICT (contact_id) DO UPDATE SET ready_at = excluded.ready_at,
             waiting_since = least(lane.waiting_since, excluded.waiting_since),
             pair_tat = greatest(lane.pair_tat, excluded.pair_tat)""",
        "DELETE FROM lane WHERE contact_id = :loser",
        """WITH doubled AS (
             SELECT id, state FROM handoff WHERE contact_id = :loser AND closed_at IS NULL
             AND EXISTS (SELECT 1 FROM handoff w WHERE w.contact_id = :winner AND w.closed_at IS NULL)),
           told AS (
             INSERT INTO handoff_change (handoff_id, contact_id, at, state_before, state, why)
             SELECT id, :loser, :now, state, 'closed', 'merged into another contact' FROM doubled)
           UPDATE handoff SET closed_at = :now, state = 'closed', unanswered_since = NULL
           WHERE id IN (SELECT id FROM doubled)""",
        """UPDATE enrollment SET ended_at = :now, outcome = 'merged', due_at = NULL
           WHERE contact_id = :loser AND ended_at IS NULL AND EXISTS (SELECT 1 FROM enrollment w
           WHERE w.contact_id = :winner AND w.campaign = enrollment.campaign AND w.ended_at IS NULL)""",
        # Of two contracts of a kind the one told last counts.
        """DELETE FROM contract a USING contract b WHERE a.contact_id IN (:winner, :loser)
           AND b.contact_id IN (:winner, :loser) AND a.contact_id <> b.contact_id AND a.kind = b.kind
           AND (a.updated_at, a.contact_id) < (b.updated_at, b.contact_id)""",
        # Both links may be in messages already sent, so both must keep working; the fragment keeps them apart.
        """UPDATE link SET url = url || CASE WHEN position('#' IN url) > 0 THEN '&' ELSE '#' END || token
           WHERE contact_id = :loser AND EXISTS
           (SELECT 1 FROM link w WHERE w.contact_id = :winner AND w.url = link.url)""",
    )
)

READ = text(
    "SELECT id, token, phone, user_id FROM contact WHERE id IN (:one, :other) ORDER BY created_at, id FOR UPDATE"
)
DELETE_LOSER = text("DELETE FROM contact WHERE id = :loser RETURNING *")
KEEP_TOKEN = text(
    "INSERT INTO contact_merge (loser_id, loser_token, winner_id, at) VALUES (:loser, :token, :winner, :now)"
)
REMEMBER = text(
    "INSERT INTO former_address (contact_id, phone, user_id, until) VALUES (:contact_id, :phone, :user_id, :until)"
)
# Columns that are settled by hand; of the others the winner's value stays and the loser's fills what is empty.
SETTLED = {
    "id",
    "token",
    "phone",
    "user_id",
    "session_number",
    "last_inbound_at",
    "score_stale_at",
    "erased_at",
    "created_at",
    "updated_at",
}
FILLED = [column.name for column in Contact.__table__.columns if column.name not in SETTLED]
FILLING = ", ".join(f"{name} = coalesce({name}, :{name})" for name in FILLED)
FILL_WINNER = text(
    f"""
    UPDATE contact SET phone = :phone, user_id = :user_id, score_stale_at = :now, updated_at = :now,
      last_inbound_at = greatest(last_inbound_at, :last_inbound_at), {FILLING}
    WHERE id = :winner
    """  # noqa: S608  (our own column names)
)


async def merge_contacts(session: Executes, one: int, other: int, reached_at: int, at: datetime, now: datetime) -> int:
    """Makes two contacts one and returns the id that stays, the older one's.

    reached_at: the one of the two whose phone number and user id hold where they differ. at: since when they do.
    """
    await session.execute(LOCK, {"one": one, "other": other})
    winner, loser = (await session.execute(READ, {"one": one, "other": other})).all()
    ids = {"winner": winner.id, "loser": loser.id, "now": now}
    for statement in (*RESOLVE, *MOVES):
        await session.execute(statement, {name: ids[name] for name in statement.compile().params})
    gone = (await session.execute(DELETE_LOSER, {"loser": loser.id})).one()
    first, second = (winner, loser) if winner.id == reached_at else (loser, winner)
    phone, user_id = first.phone or second.phone, first.user_id or second.user_id
    values = {name: getattr(gone, name) for name in (*FILLED, "last_inbound_at")}
    await session.execute(FILL_WINNER, values | {"phone": phone, "user_id": user_id, "winner": winner.id, "now": now})
    await session.execute(KEEP_TOKEN, {"loser": loser.id, "token": loser.token, "winner": winner.id, "now": now})
    await remember_former(
        session,
        winner.id,
        second.phone if second.phone != phone else None,
        second.user_id if second.user_id != user_id else None,
        at,
    )
    return int(winner.id)


async def remember_former(
    session: Executes, contact_id: int, phone: str | None, user_id: str | None, until: datetime
) -> None:
    """Keeps an address the contact no longer has, for messages that come late."""
    if phone or user_id:
        await session.execute(REMEMBER, {"contact_id": contact_id, "phone": phone, "user_id": user_id, "until": until})


def move_rows() -> Iterator[str]:
    """SQL that moves the loser's rows of every table; where a unique key would break, the winner's row stays."""
    contact = Contact.__table__.c.id
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column is contact for key in column.foreign_keys):
                yield from drop_doubles(table, column.name)
                yield f"UPDATE {table.name} SET {column.name} = :winner WHERE {column.name} = :loser"  # noqa: S608


def drop_doubles(table: Table, owner: str) -> Iterator[str]:
    """SQL that deletes the loser's rows whose key the winner has already."""
    keys: list[tuple[list[str], str]] = [([column.name for column in table.primary_key], "true")]
    keys += [([c.name for c in key.columns], "true") for key in table.constraints if isinstance(key, UniqueConstraint)]
    keys += [([c.name for c in key.columns], condition_of(key)) for key in table.indexes if key.unique]
    for names, condition in keys:
        if owner in names:
            same = "".join(f" AND w.{name} = {table.name}.{name}" for name in names if name != owner)
            yield (
                f"DELETE FROM {table.name} WHERE {owner} = :loser AND ({condition}) AND EXISTS"  # noqa: S608
                f" (SELECT 1 FROM {table.name} w WHERE w.{owner} = :winner{same} AND ({condition}))"
            )


def condition_of(index: Index) -> str:
    """The WHERE of a partial index."""
    where = index.dialect_options["postgresql"]["where"]
    return "true" if where is None else str(where)


MOVES = tuple(text(sql) for sql in move_rows())
