"""Two agents, a customer who wrote a moment ago, and a handoff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Account, Contact, Message
from core.types import HandoffReason
from inbox.handoff import open_handoff


@dataclass(frozen=True)
class Shift:
    """Who is there. handoff: opened when the customer asked for a person."""

    session: AsyncSession
    sofia: int
    jonas: int
    dario: int
    handoff: int

    async def ask(self, sql: str, **values: Any) -> list[Any]:
        """All rows of a question to the database, a single column as plain values."""
        rows = (await self.session.execute(text(sql), values)).all()
        return [row[0] if len(row) == 1 else tuple(row) for row in rows]

    async def run(self, sql: str, **values: Any) -> None:
        await self.session.execute(text(sql), values)


async def add_account(session: AsyncSession, name: str, now: datetime) -> int:
    account = Account(email=f"{name.lower()}@example.org", name=name, role="agent", created_at=now)
    session.add(account)
    await session.flush()
    return account.id


async def add_contact(session: AsyncSession, token: str, now: datetime, **columns: Any) -> int:
    """A customer who wrote at `now`."""
    contact = Contact(token=token, phone=f"+39333{sum(token.encode()):07}", last_inbound_at=now, **columns)
    session.add(contact)
    await session.flush()
    await add_message(session, contact.id, "voglio parlare con una persona", now)
    return contact.id


async def add_message(session: AsyncSession, contact_id: int, words: str, now: datetime, **columns: Any) -> Message:
    count = await session.scalar(text("SELECT count(*) FROM message"))
    values = {"wamid": f"wamid.{count}", "phone_number_id": "900", "kind": "text", "payload": {}, "sent_at": now}
    message = Message(contact_id=contact_id, text=words, **(values | {"received_at": now} | columns))
    session.add(message)
    await session.flush()
    return message


@pytest_asyncio.fixture
async def shift(session: AsyncSession, now: datetime) -> Shift:
    sofia, jonas = [await add_account(session, name, now) for name in ("Sofia", "Jonas")]
    dario = await add_contact(session, "dario", now, language="it", name="Dario Conti")
    handoff = await open_handoff(session, dario, HandoffReason.WISH, "t1", {"said": "una persona"}, now)
    await session.commit()
    return Shift(session, sofia, jonas, dario, handoff)
