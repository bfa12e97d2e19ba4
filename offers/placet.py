"""Reads the offer tables: the Italian PLACET catalogue as published, and our German samples."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from offers.parameters import TABLES

PLACET = TABLES / "placet_2025-11-13.csv.gz"
SAMPLES = TABLES / "samples_de.csv"
PLACET_SOURCE = "Portale Offerte (ARERA, Acquirente Unico), 2025-11-13"
SAMPLE_SOURCE = "sample"

type OfferRow = dict[str, Any]


def read_offers() -> Iterator[OfferRow]:
    """Every household offer of both tables, with the columns of the table `offer`."""
    with gzip.open(PLACET, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["tipo_cliente"] == "domestico" and "DIPENDENTI" not in row["nome_offerta"]:  # for employees only
                yield read_placet(row)
    with SAMPLES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield read_sample(row)


def read_placet(row: dict[str, str]) -> OfferRow:
    """One line of the published table. Some lines fill the other price type's columns with 0: they are not read."""
    fixed = row["tipo_offerta"] == "prezzo fisso"
    return {
        "code": row["cod_offerta"],
        "kind": "electricity",
        "country": "IT",
        "supplier": row["denominazione"].strip(" :"),
        "name": row["nome_offerta"].strip(),
        "price_type": "fixed" if fixed else "variable",
        "price_per_kwh": row["p_vol_mono"] if fixed else row["alpha"],
        "fixed_per_year": row["p_fix_f"] if fixed else row["p_fix_v"],
        "currency": "EUR",
        "green": False,  # the table does not tell where the energy comes from, and a name is no proof
        "region": row["regione"] or None,
        "province": row["provincia"] or None,
        "municipality": row["comune"] or None,
        "valid_from_on": read_date(row["data_inizio"]),
        "valid_until_on": read_date(row["data_fine"]),
        "sample": False,
        "url": read_url(row["url_offerta"] or row["url_sito_venditore"]),
        "source": PLACET_SOURCE,
    }


def read_sample(row: dict[str, str]) -> OfferRow:
    """One invented offer; its supplier's name says so."""
    return {
        **row,
        "kind": "electricity",
        "country": "DE",
        "currency": "EUR",
        "green": row["green"] == "true",
        "region": row["region"] or None,
        "province": None,
        "municipality": None,
        "valid_from_on": None,
        "valid_until_on": None,
        "sample": True,
        "url": None,
        "source": SAMPLE_SOURCE,
    }


def read_date(value: str) -> str | None:
    """31/12/2025 as 2025-12-31."""
    return datetime.strptime(value, "%d/%m/%Y").date().isoformat() if value else None  # noqa: DTZ007  (a date)


def read_url(value: str) -> str | None:
    """The supplier's page; some write it without https."""
    address = value.strip()
    if not address or " " in address:
        return None
    return address if address.startswith(("http://", "https://")) else f"https://{address}"
