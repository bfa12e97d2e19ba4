"""What templates may say about a contact, read from the store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

FEWEST_DAYS = 2  # the texts say "in 5 days": they would be wrong for today, tomorrow and yesterday

VALUES = text(
    """
    SELECT split_part(c.name, ' ', 1) AS name, c.name AS full_name, c.place,
           (SELECT k.expires_on - day.today FROM contract k
            WHERE k.contact_id = c.id AND k.kind = CAST(:contract AS text)) AS days
    FROM contact c
    CROSS JOIN LATERAL (
        SELECT CAST(CAST(:now AS timestamptz) AT TIME ZONE coalesce(c.timezone, :zone) AS date) AS today) day
    WHERE c.id = :contact_id
    """
)


async def read_values(
    session: AsyncSession, contact_id: int, now: datetime, zone: str, contract: str | None
) -> dict[str, str]:
    """Names, place, and days until the contract of this kind ends; a value that is not known is left out."""
    own = {"contact_id": contact_id, "now": now, "zone": zone, "contract": contract}
    row = (await session.execute(VALUES, own)).one()
    days = str(row.days) if row.days is not None and row.days >= FEWEST_DAYS else None
    known = {"name": row.name, "full_name": row.full_name, "place": row.place, "days": days}
    return {name: value for name, value in known.items() if value}
