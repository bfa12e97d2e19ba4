"""How much electricity a household uses that does not know its consumption."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from offers.parameters import TABLES

CONSUMPTION = TABLES / "household_consumption.csv"


@dataclass(frozen=True)
class Estimate:
    """kWh a year for a household of so many persons, and who says so."""

    kwh: int
    persons: int
    source: str


@cache
def load_estimates() -> dict[tuple[str, int], Estimate]:
    """(country, persons) to estimate: the electricity figures that hold for any dwelling."""
    found = {}
    with CONSUMPTION.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["energy"] == "electricity" and row["dwelling"] == "any" and row["persons"]:
                persons = int(row["persons"])
                said_by = f"{row['stated_by']} {row['year_if_stated']}".strip()
                found[row["country"], persons] = Estimate(int(Decimal(row["typical"])), persons, said_by)
    return found


def estimate_kwh(country: str, household_size: int) -> Estimate | None:
    """The typical consumption; None for countries without figures.

    A household larger than the largest one with a figure gets that figure: its `persons` tells, so that a text can say
    "at least".
    """
    if household_size < 1:
        raise ValueError("a household has at least one person")
    sizes = [persons for known, persons in load_estimates() if known == country and persons <= household_size]
    return load_estimates()[country, max(sizes)] if sizes else None
