"""What every test may use: a real PostgreSQL with Pronto's schema, settings of the demo, one fixed point in time."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from xdist.scheduler import LoadFileScheduling

from core.db import Sessions, migrate, open_engine, open_sessions
from core.postgres import start_postgres, stop_postgres
from core.settings import Settings
from core.tables import Base
from tests.chromium import find_chromium
from tests.e2e.stack import Stack, run_stack
from webhook.starting import run_engine

# Pages are tested where there is a Chromium; without one those tests are not collected, and the header says so.
CHROMIUM = find_chromium()
collect_ignore = (
    []
    if CHROMIUM
    else [
        "e2e/test_shift.py",
        "sandbox/test_page.py",
        "pages/test_pages.py",
        "pages/test_score_pages.py",
        "pages/test_inbox_clicks.py",
        "pages/test_inbox_page.py",
        "pages/test_inbox_work.py",
        "pages/test_campaign_pages.py",
    ]
)
STORES = {"postgres_url", "stack"}  # fixtures behind which a PostgreSQL runs
KEPT = {"place", "offer", "loaded_table"}  # catalogue tables: loaded once, no test changes them

WHOLE = {"test_paths.py", "test_stories.py", "test_crash.py", "test_journey.py"}  # share the fixture `stack`
WITH_TRAINING = 900  # seconds for a test that may have to wait for the assistant's training

# At any hour of any day, also to who wrote just now.
LIMITS = """
quiet: {holidays: false}
conversation_minutes: 0
prices: {other: {marketing: 0.06, utility: 0.03}}
"""


def write_emptying() -> str:
    """SQL that empties the tables and counts from 1 again: for a few rows 20 times as fast as TRUNCATE of them all."""
    tables = [table for table in reversed(Base.metadata.sorted_tables) if table.name not in KEPT]
    deletes = [f"DELETE FROM {table.name};" for table in tables]
    counted = [table.name for table in tables if "id" in table.c and table.c.id.identity]
    resets = [f"PERFORM setval(pg_get_serial_sequence('{name}', 'id'), 1, false);" for name in counted]
    return f"DO $$ BEGIN {' '.join(deletes + resets)} END $$"


EMPTY = write_emptying()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store-only", action="store_true", help="only tests that speak with the database")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  (xdist tells no types)
    """Tests of a file run in one process, and all that need the whole of Pronto in another: it starts once."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "the whole of Pronto" if Path(file).name in WHOLE else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


def pytest_itemcollected(item: pytest.Item) -> None:
    if "assistant" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.timeout(WITH_TRAINING))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == "test_journey.py")  # it moves the clock of what the others use too
    if config.getoption("--store-only"):
        items[:] = [item for item in items if STORES & set(getattr(item, "fixturenames", ()))]


def pytest_report_header() -> str:
    return f"pages: tested with {CHROMIUM}" if CHROMIUM else "pages: not tested, there is no Chromium"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = start_postgres(tmp_path_factory.mktemp("store"))
    migrate(server.url)
    yield server.url
    stop_postgres(server)
    shutil.rmtree(server.home)


@pytest.fixture(scope="session")
def assistant() -> None:
    """The assistant, trained from the repository's data unless it was before."""
    assert run_engine("bot/train.py") == 0, "the assistant could not be trained, the reason stands above"


@pytest.fixture(scope="session")
def stack(assistant: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One running Pronto: real Rasa, web app, two workers, sandbox and PostgreSQL."""
    folder = tmp_path_factory.mktemp("stack")
    limits = folder / "limits.yml"
    limits.write_text(LIMITS, encoding="utf-8")
    with run_stack(folder, limits=str(limits)) as stack:
        yield stack


@pytest_asyncio.fixture(scope="session")
async def engine(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(postgres_url, connections=20)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def sessions(engine: AsyncEngine) -> Sessions:
    async with engine.begin() as connection:
        await connection.execute(text(EMPTY))
    return open_sessions(engine)


@pytest_asyncio.fixture
async def session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


@pytest.fixture
def settings(postgres_url: str, tmp_path: Path) -> Settings:
    return Settings(demo=True, database_url=postgres_url, data_dir=tmp_path, phone_number_id="900", waba_id="700")


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
