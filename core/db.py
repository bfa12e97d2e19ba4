"""Sessions on PostgreSQL, migrations to the newest schema, and a bell other processes can ring."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

MIGRATIONS = Path(__file__).parent / "migrations"
RASA_SCHEMA = "rasa"

# Tells live pages that something about these contacts changed.
RING_CONTACTS = text("SELECT pg_notify('contact', CAST(id AS text)) FROM unnest(CAST(:ids AS bigint[])) AS id")
# In the order of their ids, so that two who want the same contacts wait for each other instead of for ever.
LOCK_CONTACTS = text("SELECT id FROM contact WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE")

type Sessions = async_sessionmaker[AsyncSession]


def open_engine(url: str, connections: int = 10) -> AsyncEngine:
    """An engine for a postgresql:// address; connections is the most it opens."""
    return create_async_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        json_deserializer=orjson.loads,
        pool_use_lifo=True,  # the connection used last knows our statements already
        # Planning costs more than running them: a statement is planned once, and not again for each set of values.
        connect_args={"prepare_threshold": 0, "options": "-c plan_cache_mode=force_generic_plan -c jit=off"},
    )


def open_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions that keep what they loaded after a commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def open_once(url: str) -> AsyncIterator[AsyncSession]:
    """One transaction on a connection of its own, for a command that ends afterwards."""
    engine = open_engine(url, connections=1)
    try:
        async with open_sessions(engine).begin() as session:
            yield session
    finally:
        await engine.dispose()


def migrate(url: str) -> None:
    """Brings the schema to the newest version; also makes the schema that holds Rasa's trackers."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, "head")


async def listen(url: str, *channels: str) -> AsyncIterator[tuple[str, str]]:
    """Yields (channel, payload) whenever someone notifies one of the channels; ends with an OperationalError.

    Each channel comes once with an empty payload as soon as nothing can be missed any more.
    """
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as connection:
        for channel in channels:
            await connection.execute(f"LISTEN {channel}")
        for channel in channels:
            yield channel, ""
        async for notice in connection.notifies():
            yield notice.channel, notice.payload


def read_state(error: BaseException | None) -> str | None:
    """PostgreSQL's code of an error, also where SQLAlchemy wrapped it; None if there was not even a connection."""
    state: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return state
