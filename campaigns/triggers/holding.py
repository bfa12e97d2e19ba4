"""Whether the occasion of a due plan is still one: the deadline the same, the cart not bought, the band kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.triggers.days import HOLDS as DAILY

MOMENTS = {
    # Neither bought nor declined nor filled anew since.
    "cart_abandoned": text(
        """
        SELECT p.id FROM plan p JOIN event cart ON cart.id = CAST(p.data ->> 'event_id' AS bigint)
        WHERE p.id = ANY(CAST(:ids AS bigint[])) AND NOT EXISTS (
            SELECT 1 FROM event e WHERE e.contact_id = p.contact_id AND e.id <> cart.id AND e.at >= cart.at
            AND e.kind IN ('purchase', 'cart_declined', 'cart_abandoned'))
        """
    ),
    "band_crossed": text(
        """
        SELECT p.id FROM plan p JOIN score s ON s.contact_id = p.contact_id
        WHERE p.id = ANY(CAST(:ids AS bigint[])) AND s.band = p.data -> 'event' ->> 'band'
        """
    ),
}
HOLDS = DAILY | MOMENTS


async def find_holding(session: AsyncSession, plans: Sequence[Row[Any]], now: datetime) -> set[int]:
    """The ids of those plans whose occasion still is one; one statement per form of trigger."""
    forms: dict[str, list[int]] = defaultdict(list)
    for plan in plans:
        forms[plan.data.get("on", "")].append(plan.id)
    holding: set[int] = set()
    for form, ids in forms.items():
        if form in HOLDS:
            statement = HOLDS[form]
            values = {"ids": ids, "now": now}
            holding.update(await session.scalars(statement, {k: values[k] for k in statement.compile().params}))
        else:
            holding.update(ids)
    return holding
