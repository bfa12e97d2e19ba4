"""Fills every table that belongs to a contact, whatever columns it has, with words to look for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Column, Integer, Table, Text, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.erase import KEPT_OUTBOX, find_owned
from core.tables import Account, Base, CampaignVersion, Contact

PLAIN = {"kind": "reply", "purpose": "service", "state": "queued", "pricing": {"category": "service"}}


def owned_tables() -> list[Table]:
    """Tables that hold something of a contact, those others point at first."""
    return [table for table in Base.metadata.sorted_tables if find_owned(table)]


async def fill_tables(session: AsyncSession, contact: Contact, word: str, now: datetime) -> None:
    """One row per table and as many values as there are columns; every text and every JSON holds the word."""
    account = Account(email=f"agent-{contact.id}@example.org", name="Sofia", role="agent", created_at=now)
    version = CampaignVersion(campaign=f"of {contact.id}", number=1, content="", published_by="", published_at=now)
    session.add_all([account, version])
    await session.flush()
    ids: dict[str, Any] = {"contact": contact.id, "account": account.id, "campaign_version": version.id}
    for table in owned_tables():
        values = {
            column.name: make_value(column, word, contact.id, now, ids)
            for column in table.columns
            if column.identity is None
        }
        row = (await session.execute(insert(table).values(values).returning(*table.primary_key.columns))).one()
        ids[table.name] = row[0]


def make_value(column: Column[Any], word: str, number: int, now: datetime, ids: dict[str, Any]) -> Any:
    if column.foreign_keys:
        return ids[next(iter(column.foreign_keys)).column.table.name]
    if column.table.name == "outbox" and column.name in KEPT_OUTBOX and isinstance(column.type, Text | JSONB):
        return PLAIN.get(column.name, f"{column.name} {number}")
    made = {str: f"{column.table.name} {column.name} {word}", int: number, float: 1.5, bool: True, datetime: now}
    made |= {date: now.date(), Decimal: Decimal("12.5"), list: [now.date()], bytes: word.encode()}
    if isinstance(column.type, ARRAY) and isinstance(column.type.item_type, Integer):
        return [number]
    if isinstance(column.type, JSONB):
        return [{"say": word}] if column.name in {"receipt", "gate", "options", "errors"} else {"say": word}
    return made[column.type.python_type]


async def read_everything(session: AsyncSession) -> str:
    """All rows of all tables as text, Rasa's too."""
    names = await session.scalars(
        text("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'rasa')")
    )
    shipped = {"public.place", "public.offer"}
    found = [
        await session.scalars(text(f"SELECT CAST(t AS text) FROM {name} t")) for name in names if name not in shipped
    ]
    return "\n".join(row for rows in found for row in rows)
