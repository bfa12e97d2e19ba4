"""What all tables share: names of keys, types, and how a row is told apart."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Float, ForeignKey, Identity, MetaData, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
MONEY = Numeric(14, 2)
PRICE = Numeric(14, 6)


class Base(DeclarativeBase):
    """Maps Python's types to PostgreSQL's once."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        float: Float,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        Decimal: Numeric,
    }


def row_id() -> Mapped[int]:
    """A primary key PostgreSQL counts up; never shown outside."""
    return mapped_column(BigInteger, Identity(), primary_key=True)


def contact_key() -> Mapped[int]:
    """The contact a row belongs to."""
    return mapped_column(ForeignKey("contact.id"), index=True)
