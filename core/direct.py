"""Transactions on psycopg's own connection, for the few statements every message waits for.

SQLAlchemy's asynchronous layer takes 0.5 ms per statement, several times what PostgreSQL takes; connections still come
from its pool. Only statements written as text can be executed, and nothing is mapped to classes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Protocol

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import namedtuple_row
from sqlalchemy import TextClause
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from core.db import Sessions


class Executes(Protocol):
    """Runs statements written as text: a session, or a direct transaction."""

    async def execute(self, statement: TextClause, params: Mapping[str, Any] = ..., /) -> Any:
        """The result, with all(), one(), one_or_none(), scalar(), scalar_one(), scalars() and iteration."""


class Rows:
    """What a statement returned, already read. Rows are named tuples."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        return self._rows

    def one(self) -> Any:
        (row,) = self._rows
        return row

    def one_or_none(self) -> Any:
        return self.one() if self._rows else None

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def scalars(self) -> list[Any]:
        return [row[0] for row in self._rows]


class Direct:
    """A transaction under way."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], dialect: Dialect) -> None:
        self._connection, self._dialect = connection, dialect

    async def execute(self, statement: TextClause, params: Mapping[str, Any] | None = None, /) -> Rows:
        """Runs one statement. Raises psycopg's errors."""
        cursor = self._connection.cursor(row_factory=namedtuple_row)
        await cursor.execute(write_sql(statement, self._dialect), params)
        return Rows(await cursor.fetchall() if cursor.description else ())


@cache
def write_sql(statement: TextClause, dialect: Dialect) -> bytes:
    """The statement as psycopg wants it."""
    return str(statement.compile(dialect=dialect)).encode()


@asynccontextmanager
async def begin_direct(sessions: Sessions) -> AsyncIterator[Direct]:
    """A transaction on a connection of the sessions' pool, committed at the end. Raises psycopg's errors."""
    engine: AsyncEngine = sessions.kw["bind"]
    async with engine.connect() as pooled:
        connection = (await pooled.get_raw_connection()).driver_connection
        if not isinstance(connection, psycopg.AsyncConnection):
            raise TypeError(f"not a connection of psycopg: {connection!r}")
        try:
            async with connection.transaction():
                yield Direct(connection, engine.dialect)
        finally:
            if connection.info.transaction_status != TransactionStatus.IDLE:
                await pooled.invalidate()  # lost, or cut off in the middle: nobody may get it again
