"""Keeps every value a customer told, with the sentence it came from."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

STORE = text(
    "INSERT INTO answer (contact_id, name, value, sentence, turn_key, at)"
    " SELECT :contact_id, name, value, :sentence, :turn_key, :at FROM jsonb_each(CAST(:values AS jsonb)) AS told"
    " (name, value) ON CONFLICT (contact_id, name, turn_key) DO NOTHING"
)
NEWEST = text(
    "SELECT DISTINCT ON (name) name, value, sentence, at FROM answer WHERE contact_id = :contact_id"
    " ORDER BY name, id DESC"
)


async def save_answers(
    session: AsyncSession, contact_id: int, values: dict[str, Any], sentence: str, turn_key: str, at: datetime
) -> None:
    """Stores what was told in one turn; a turn told twice is stored once."""
    row = {"contact_id": contact_id, "values": json.dumps(values), "sentence": sentence}
    await session.execute(STORE, row | {"turn_key": turn_key, "at": at})


async def load_answers(session: AsyncSession, contact_id: int) -> list[dict[str, Any]]:
    """The newest answer per name: name, value, sentence, at (ISO)."""
    rows = (await session.execute(NEWEST, {"contact_id": contact_id})).mappings()
    return [{**row, "at": row["at"].isoformat()} for row in rows]
