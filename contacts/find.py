"""Finds contacts by whatever other systems call them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# In the order they count: our token (also of a contact merged away), phone, user id, the other system's own id.
FIND = text(
    """
    SELECT DISTINCT ON (name) name, id FROM (
        SELECT token AS name, id, 1 AS rank FROM contact WHERE token = ANY (:names)
        UNION ALL
        SELECT loser_token, winner_id, 2 FROM contact_merge WHERE loser_token = ANY (:names)
        UNION ALL
        SELECT phone, id, 3 FROM contact WHERE phone = ANY (:names)
        UNION ALL
        SELECT user_id, id, 4 FROM contact WHERE user_id = ANY (:names)
        UNION ALL
        SELECT external_id, id, 5 FROM contact WHERE external_id = ANY (:names)
    ) found ORDER BY name, rank
    """
)
BARE_PHONE = re.compile(r"[1-9][0-9]{6,14}")


async def find_contacts(session: AsyncSession, names: Sequence[str]) -> dict[str, int]:
    """Name to contact id: token, phone with or without plus, user id, external id. Unknown names are left out."""
    names = [name for name in names if "\x00" not in name]  # PostgreSQL has no such text
    with_plus = {f"+{name}": name for name in names if BARE_PHONE.fullmatch(name)}
    rows = (await session.execute(FIND, {"names": [*names, *with_plus]})).all()
    found = {row.name: row.id for row in rows}
    guessed = {name: found[phone] for phone, name in with_plus.items() if phone in found}
    return guessed | {name: found[name] for name in names if name in found}


async def find_contact_id(session: AsyncSession, name: str) -> int | None:
    """One contact by any of its names."""
    return (await find_contacts(session, [name])).get(name)
