"""The question after a handoff how it was, from 1 to 5: asked once, answered with a tap or a number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings
from core.tables import Contact, Satisfaction
from core.types import Option, Outbound
from inbox.telling import choose_language, queue_words
from inbox.words import say_customer

PREFIX = "rating"  # an option's id is rating:<handoff>:<stars>
STORE = text(
    "UPDATE satisfaction SET stars = :stars, answered_at = :now"
    " WHERE handoff_id = :handoff AND contact_id = :contact RETURNING id"
)


async def ask_rating(
    session: AsyncSession, settings: Settings, contact: Contact, handoff_id: int, now: datetime
) -> bool:
    """Asks once per handoff; whether it could be asked."""
    words = say_customer("rate", choose_language(contact, settings), settings.address)
    options = tuple(Option(f"{PREFIX}:{handoff_id}:{stars}", str(stars)) for stars in range(1, 6))
    asked = await queue_words(session, settings, contact, f"handoff:{handoff_id}:rate", Outbound(words, options), now)
    if asked:
        row = {"contact_id": contact.id, "handoff_id": handoff_id, "asked_at": now}
        await session.execute(insert(Satisfaction).values(row).on_conflict_do_nothing())
    return asked


def read_rating(option_id: str) -> tuple[int, int] | None:
    """The handoff and the stars an option stands for; None if it is no rating."""
    parts = option_id.split(":")
    if len(parts) != 3 or parts[0] != PREFIX or not (parts[1].isdigit() and parts[2] in set("12345")):
        return None
    return int(parts[1]), int(parts[2])


async def store_rating(session: AsyncSession, contact_id: int, option_id: str, now: datetime) -> bool:
    """Notes the stars, the last answer counts; False if this contact was not asked this."""
    rating = read_rating(option_id)
    if rating is None:
        return False
    row = {"handoff": rating[0], "stars": rating[1], "contact": contact_id, "now": now}
    return await session.scalar(STORE, row) is not None
