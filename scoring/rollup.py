"""Rolls up what the score looks at: from a contact's rows to one row of contact_stat, for many contacts at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.signals import Signals

ROLL_UP = text(Path(__file__).with_name("rollup.sql").read_text(encoding="utf-8"))
NAMES = tuple(Signals.__dataclass_fields__)
LISTS = {"price_days", "bought_days", "engaged_days"}


async def roll_up(session: AsyncSession, ids: Sequence[int], now: datetime, zone: str) -> None:
    """Writes contact_stat anew for contacts whose rows the transaction holds; erased ones get no row."""
    await session.execute(ROLL_UP, {"ids": write_array(ids), "now": now, "zone": zone})


def write_array(ids: Sequence[int]) -> str:
    """An array as PostgreSQL reads it; the driver would look at thousands of numbers one by one."""
    return f"{{{','.join(map(str, ids))}}}"


def read_facts(row: Row[Any]) -> Signals:
    """The facts of a row that has all columns of contact_stat."""
    values = {name: getattr(row, name) for name in NAMES}
    return Signals(**values | {name: tuple(values[name]) for name in LISTS})
