"""Statements on psycopg's own connection."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from core.db import Sessions
from core.direct import begin_direct

INSERT = ("INSERT INTO sender (phone_number_id) VALUES (:id)", {"id": "1"})
COUNT = text("SELECT count(*) AS number, CAST(:word AS text) AS word FROM sender")


async def count(sessions: Sessions) -> int:
    async with begin_direct(sessions) as direct:
        return int((await direct.execute(COUNT, {"word": "50 %"})).scalar_one())


async def run(sessions: Sessions, *statements: tuple[str, dict[str, str]]) -> None:
    async with begin_direct(sessions) as direct:
        for sql, values in statements:
            await direct.execute(text(sql), values)


async def test_rows_have_names_and_what_is_done_is_committed(sessions: Sessions) -> None:
    async with begin_direct(sessions) as direct:
        assert (await direct.execute(text(INSERT[0]), INSERT[1])).all() == ()
        row = (await direct.execute(COUNT, {"word": "50 %"})).one()
        assert (row.number, row.word) == (1, "50 %")
    assert await count(sessions) == 1


async def test_an_error_undoes_all_and_keeps_the_connection(sessions: Sessions) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        await run(sessions, INSERT, INSERT)
    assert await count(sessions) == 0


async def test_a_connection_cut_off_in_the_middle_is_not_used_again(sessions: Sessions) -> None:
    with pytest.raises(psycopg.OperationalError):
        await run(sessions, INSERT, ("SELECT pg_terminate_backend(pg_backend_pid())", {}))
    assert await count(sessions) == 0


async def test_a_transaction_out_of_time_is_undone(sessions: Sessions) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(run(sessions, INSERT, ("SELECT pg_sleep(60)", {})), 0.1)
    assert await count(sessions) == 0
