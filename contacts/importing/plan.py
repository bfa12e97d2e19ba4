"""How a file is to be read: its columns, and what all its cells together tell about dates and numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import tzinfo

from contacts.importing.cells import guess_decimal
from contacts.importing.columns import Columns, Kind, MappingError
from contacts.importing.dates import DateEvidence, DateOrder
from contacts.importing.sheet import Row

DATES = {"expires_on", "consent_at", "at"}
NUMBERS = {"yearly_kwh", "yearly_cost", "price_per_kwh", "fixed_per_year", "value", "amount"}
TERMS = ("supplier", "expires_on", "yearly_kwh", "yearly_cost", "price_per_kwh", "fixed_per_year")
CURRENCIES = {"CH": "CHF", "LI": "CHF", "GB": "GBP"}  # of countries; everywhere else EUR


@dataclass(frozen=True)
class Plan:
    """country: of numbers and postcodes that do not tell. contract_kind, event_kind: where the file has no column."""

    kind: Kind
    columns: Columns
    country: str
    zone: tzinfo
    file: str
    orders: dict[str, DateOrder] = field(default_factory=dict)
    decimal: str | None = None
    contract_kind: str | None = None
    event_kind: str | None = None

    def currency(self) -> str:
        return CURRENCIES.get(self.country, "EUR")


def check_kinds(columns: Columns, kind: Kind, contract_kind: str | None, event_kind: str | None) -> None:
    """MappingError where the file does not tell which contract it is about, or what happened."""
    terms = [columns.heading_of(name) for name in TERMS if name in columns.fields]
    if terms and not contract_kind and "contract_kind" not in columns.fields:
        raise MappingError(
            f"no column tells of which contract {', '.join(terms)} is: add --contract electricity (gas, insurance,"
            ' gym), name the column with --map "COLUMN=contract_kind", or leave out what is not of a contract'
        )
    if kind == Kind.EVENTS and not event_kind and "kind" not in columns.fields:
        raise MappingError('no column tells what happened: add --kind purchase, or --map "COLUMN=kind"')


@dataclass
class Evidence:
    """What the cells of a file prove. dates: by field; decimals: how many numbers prove which decimal sign."""

    dates: dict[str, DateEvidence]
    decimals: Counter[str]

    def decimal(self) -> str | None:
        """The sign the file uses; None if nothing or both are proved, then each number has to tell by itself."""
        return next(iter(self.decimals)) if len(self.decimals) == 1 else None


def gather_evidence(rows: Iterable[Row], columns: Columns) -> Evidence:
    """Looks at every date and number of a file."""
    evidence = Evidence({name: DateEvidence() for name in columns.fields if name in DATES}, Counter())
    dates = [(columns.fields[name], found) for name, found in evidence.dates.items()]
    numbers = [position for name, position in columns.fields.items() if name in NUMBERS]
    for row in rows:
        for position, found in dates:
            if position < len(row.cells):
                found.add(row.cells[position])
        for position in numbers:
            cell = row.cells[position] if position < len(row.cells) else None
            if isinstance(cell, str) and (sign := guess_decimal(cell)):
                evidence.decimals[sign] += 1
    return evidence


def choose_orders(evidence: Evidence, columns: Columns, told: DateOrder | None) -> dict[str, DateOrder]:
    """The order of each date column: as its cells prove, else as told. MappingError asks."""
    orders: dict[str, DateOrder] = {}
    for name, found in evidence.dates.items():
        order = found.order() or told
        if order is None:
            why = "contradict each other" if found.day_first else "can be read in two ways"
            raise MappingError(
                f"the dates of column {columns.heading_of(name)!r} {why}: say which comes first in 03/04/2026,"
                " the day (--date-order dmy) or the month (--date-order mdy)"
            )
        orders[name] = order
    return orders
