"""Brings the shipped tables into the database: places and offers."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from offers import geonames, placet
from offers.best_saving import KINDS
from offers.parameters import TABLES
from offers.sweep import request_sweep

# What decides the loaded rows: the tables and the code that reads them.
PLACE_FILES = (geonames.POSTCODES, geonames.MUNICIPALITIES, Path(geonames.__file__))
OFFER_FILES = (*sorted(TABLES.glob("placet_2*.gz")), placet.SAMPLES, Path(placet.__file__))
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('pronto catalogue'))")
LOADED = text("SELECT checksum FROM loaded_table WHERE name = :name")
REMEMBER = text(
    "INSERT INTO loaded_table (name, checksum) VALUES (:name, :checksum)"
    " ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, loaded_at = now()"
)


async def load_catalogue(session: AsyncSession) -> bool:
    """Loads what changed since the last time; whether there was anything. The caller commits."""
    places, offers = checksum_files(PLACE_FILES), checksum_files(OFFER_FILES)
    known = (await is_loaded(session, "place", places)) and (await is_loaded(session, "offer", offers))
    if known:
        return False
    await session.execute(ONE_AT_A_TIME)  # several processes start at once; the others find it done
    if not await is_loaded(session, "place", places):
        await session.execute(text("DELETE FROM place"))
        await copy_rows(session, "place", geonames.COLUMNS, geonames.read_places())
        await session.execute(REMEMBER, {"name": "place", "checksum": places})
        await request_sweep(session, KINDS)
    if not await is_loaded(session, "offer", offers):
        await replace_offers(session, list(placet.read_offers()))
        await session.execute(REMEMBER, {"name": "offer", "checksum": offers})
        await request_sweep(session, KINDS)
    return True


async def is_loaded(session: AsyncSession, name: str, checksum: str) -> bool:
    return bool(await session.scalar(LOADED, {"name": name}) == checksum)


def checksum_files(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


async def replace_offers(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Exchanges the shipped offers; those other systems put (another source) stay, also under the same code."""
    sources = [placet.PLACET_SOURCE, placet.SAMPLE_SOURCE]
    await session.execute(text("DELETE FROM offer WHERE source = ANY (:sources)"), {"sources": sources})
    taken = set(await session.scalars(text("SELECT code FROM offer")))
    fresh = [row for row in rows if row["code"] not in taken]
    columns = tuple(rows[0])
    await copy_rows(session, "offer", columns, ([row[column] for column in columns] for row in fresh))


async def copy_rows(session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Streams rows with COPY in the session's transaction; None and empty become NULL."""
    connection = await session.connection()
    raw = (await connection.get_raw_connection()).driver_connection
    assert isinstance(raw, psycopg.AsyncConnection)  # noqa: S101  (core.db opens no other)
    block = io.StringIO()
    csv.writer(block).writerows(rows)
    async with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (FORMAT csv)") as copy,
    ):
        await copy.write(block.getvalue())
