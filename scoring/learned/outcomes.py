"""What counts as won, and who was won within some days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import EventKind

WON = (EventKind.PURCHASE, EventKind.OFFER_CHOSEN, EventKind.RENEWAL_ACCEPTED, EventKind.RETURN_ACCEPTED)
LOST = (EventKind.CANCELLED,)
ASKED = (EventKind.QUOTE_REQUEST, EventKind.OFFER_CLICK, EventKind.PAGE_VISIT)

# The last thing that happened within the horizon decides: who buys and then cancels has not been won.
OUTCOMES = text(
    """
    SELECT DISTINCT ON (contact_id) contact_id, kind = ANY (:won) AS won FROM event
    WHERE contact_id = ANY (:ids) AND kind = ANY (:decisive) AND at >= :at AND at < :until
    ORDER BY contact_id, at DESC, id DESC
    """
)


async def read_outcomes(session: AsyncSession, ids: Sequence[int], at: datetime, days: int) -> set[int]:
    """The contacts that were won within so many days from a time on."""
    values = {"ids": list(ids), "at": at, "until": at + timedelta(days=days), "won": list(WON)}
    rows = (await session.execute(OUTCOMES, values | {"decisive": [*WON, *LOST]})).all()
    return {row.contact_id for row in rows if row.won}
