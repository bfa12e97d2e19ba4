"""What the customer is told around a handoff in Pronto's own name: approved sentences, only inside the window."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings
from core.tables import Contact
from core.types import Language, Outbound
from inbox.words import say_customer
from whatsapp.outbox import queue_reply
from whatsapp.window import is_window_open

NUMBER = text("SELECT phone_number_id FROM message WHERE contact_id = :contact ORDER BY sent_at DESC, id DESC LIMIT 1")


def choose_language(contact: Contact, settings: Settings) -> Language:
    """The language a contact is written to."""
    return Language(contact.language) if contact.language in set(Language) else settings.language


async def find_number(session: AsyncSession, contact_id: int, settings: Settings) -> str:
    """The number of ours the customer wrote to last."""
    return str(await session.scalar(NUMBER, {"contact": contact_id}) or settings.phone_number_id)


async def tell_customer(
    session: AsyncSession, settings: Settings, contact: Contact, key: str, sentence: str, now: datetime, **values: str
) -> bool:
    """Queues a sentence once per key; False where the window is closed, then nothing is said."""
    words = say_customer(sentence, choose_language(contact, settings), settings.address, **values)
    return await queue_words(session, settings, contact, key, Outbound(words), now)


async def queue_words(
    session: AsyncSession, settings: Settings, contact: Contact, key: str, message: Outbound, now: datetime
) -> bool:
    """Queues a message unless the window is closed."""
    if contact.erased_at or not is_window_open(contact.last_inbound_at, now):
        return False
    await queue_reply(
        session,
        contact_id=contact.id,
        phone_number_id=await find_number(session, contact.id, settings),
        key=key,
        message=message,
        language=choose_language(contact, settings),
        now=now,
    )
    return True
