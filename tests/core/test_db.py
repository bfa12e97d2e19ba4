from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from core.db import migrate
from core.tables import Base


def find_drift(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


async def test_migrations_and_tables_agree(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(find_drift) == []


async def test_migrating_twice_changes_nothing(session: AsyncSession, postgres_url: str) -> None:
    await session.execute(text("INSERT INTO contact (token, phone) VALUES ('c1', '+390200000001')"))
    await session.commit()
    migrate(postgres_url)
    assert (await session.execute(text("SELECT count(*) FROM contact"))).scalar() == 1
