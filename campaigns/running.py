"""Who works on a campaign just now: a pause waits for them, and nobody begins behind it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

SPACE = 7406  # of our advisory locks: any number, the same everywhere
SHARE = text("""
    SELECT name FROM campaign
    WHERE state = 'running' AND pg_try_advisory_xact_lock_shared(CAST(:space AS int), hashtext(name))
""")
READ = text("SELECT name, version_id FROM campaign WHERE state = 'running' AND name = ANY(:names) ORDER BY name")
# For a statement that claims `limit` rows of a table that are due: what has nothing due leaves its share to the others.
WAITING = """waiting AS MATERIALIZED (
        SELECT c.name FROM unnest(CAST(:campaigns AS text[])) AS c (name)
        WHERE EXISTS (SELECT 1 FROM {0} t WHERE t.campaign = c.name AND t.due_at <= :now))"""
EACH = "(SELECT greatest(CAST(:limit AS bigint) / count(*), 1) FROM waiting)"
CLAIM = text("SELECT pg_advisory_xact_lock(CAST(:space AS int), hashtext(:name))")


async def hold_running(session: AsyncSession) -> dict[str, int]:
    """The running campaigns with the version newcomers enter; none of them stops before the caller's commit.

    One that is about to be stopped is left out. The state is read after the lock: before, it may be an old one.
    """
    names = list(await session.scalars(SHARE, {"space": SPACE}))
    if not names:
        return {}
    return {row.name: row.version_id for row in await session.execute(READ, {"names": names})}


async def wait_for_workers(session: AsyncSession, campaign: str) -> None:
    """Returns when nobody works on the campaign; nobody begins until the caller commits. For changes of its state."""
    await session.execute(CLAIM, {"space": SPACE, "name": campaign})
