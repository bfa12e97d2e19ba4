"""Remembers how files with certain headings are read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.importing.columns import Columns, Kind, list_for_memory, sign_headings
from contacts.importing.dates import DateOrder
from core.tables import ImportMapping


@dataclass(frozen=True)
class Options:
    """What the file does not tell. country: of numbers without one; the kinds: where no column tells them."""

    date_order: DateOrder | None = None
    contract_kind: str | None = None
    event_kind: str | None = None
    country: str | None = None

    def fill(self, earlier: Options) -> Options:
        """What is not said now as it was said before."""
        return Options(
            self.date_order or earlier.date_order,
            self.contract_kind or earlier.contract_kind,
            self.event_kind or earlier.event_kind,
            self.country or earlier.country,
        )


@dataclass(frozen=True)
class Remembered:
    """columns: folded heading to field, None where it is left out."""

    columns: dict[str, str | None]
    options: Options


async def recall_mapping(session: AsyncSession, signature: str) -> Remembered | None:
    """How files with these headings were read the last time."""
    row = (await session.scalars(select(ImportMapping).where(ImportMapping.signature == signature))).one_or_none()
    if row is None:
        return None
    order = row.options.get("date_order")
    return Remembered(row.columns, Options(**row.options | {"date_order": DateOrder(order) if order else None}))


async def remember_mapping(
    session: AsyncSession, columns: Columns, kind: Kind, options: Options, now: datetime
) -> None:
    """Keeps it for the next file; the caller commits."""
    changed: dict[str, Any] = {"columns": list_for_memory(columns), "options": asdict(options), "used_at": now}
    signature = sign_headings(columns.headings, kind)
    statement = insert(ImportMapping).values(signature=signature, kind=kind.value, **changed)
    await session.execute(statement.on_conflict_do_update(index_elements=["signature"], set_=changed))
