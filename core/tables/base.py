"""What all tables share: names of keys, types, and how a row is told apart."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Float, ForeignKey, Identity, MetaData, Numeric, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
MONEY = Numeric(14, 2)
PRICE = Numeric(14, 6)


class Xid(UserDefinedType[int]):
    """PostgreSQL's xid8, the number of a transaction."""

    cache_ok = True

    @property
    def python_type(self) -> type[int]:
        return int

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"

    def bind_processor(self, dialect: Any) -> Any:
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        return lambda value: None if value is None else int(value)


ischema_names["xid8"] = Xid


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


def written_by() -> Mapped[int]:
    """The transaction that wrote a row, by which whoever reads on misses none that was committed late."""
    return mapped_column(Xid(), server_default=sql("pg_current_xact_id()"), index=True)
