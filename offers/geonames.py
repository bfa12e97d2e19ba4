"""Reads the postcode table and ISTAT's municipalities into one list of places, in codes."""

from __future__ import annotations

import csv
import gzip
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from offers.parameters import TABLES

POSTCODES = TABLES / "postcodes.csv.gz"
MUNICIPALITIES = TABLES / "istat_comuni.csv.gz"
COLUMNS = (
    "country",
    "postcode",
    "name",
    "region",
    "region_code",
    "province",
    "province_code",
    "municipality",
    "municipality_code",
    "latitude",
    "longitude",
)
# ISTAT numbers the regions like this, and the offers use ISTAT's numbers. GeoNames counts alphabetically: its 20 is
# Veneto, ISTAT's is Sardegna.
REGIONS = (
    "Piemonte",
    "Valle d'Aosta/Vallée d'Aoste",
    "Lombardia",
    "Trentino-Alto Adige/Südtirol",
    "Veneto",
    "Friuli-Venezia Giulia",
    "Liguria",
    "Emilia-Romagna",
    "Toscana",
    "Umbria",
    "Marche",
    "Lazio",
    "Abruzzo",
    "Molise",
    "Campania",
    "Puglia",
    "Basilicata",
    "Calabria",
    "Sicilia",
    "Sardegna",
)

type PlaceRow = tuple[str | None, ...]


@dataclass(frozen=True)
class Municipality:
    """A municipality of ISTAT's list. In South Tyrol its name is both, like Bolzano/Bozen."""

    code: str
    name: str
    region: str
    province: str

    def region_code(self) -> str:
        return f"{REGIONS.index(self.region) + 1:02}"

    def province_code(self) -> str:
        return self.code[:3]


def read_places() -> Iterator[PlaceRow]:
    """Every place of the five countries, as COLUMNS."""
    municipalities, provinces = read_municipalities()
    with gzip.open(POSTCODES, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield italian_place(row, municipalities, provinces) if row["country"] == "IT" else foreign_place(row)


def read_municipalities() -> tuple[dict[tuple[str, str], Municipality], dict[str, Municipality]]:
    """(car plate, simplified name) to municipality, in either language; and car plate to any one of the province."""
    by_name: dict[tuple[str, str], Municipality] = {}
    by_province: dict[str, Municipality] = {}
    with gzip.open(MUNICIPALITIES, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            plate = row["province_code"]
            name = row["name_both"] if plate == "BZ" else row["name_it"]
            found = Municipality(row["istat_code"], name, row["region"], row["province"])
            by_province.setdefault(plate, found)
            for known in (row["name_it"], row["name_other"], row["name_both"]):
                if known:
                    by_name.setdefault((plate, simplify_name(known)), found)
    return by_name, by_province


def simplify_name(name: str) -> str:
    """Small letters only: GeoNames writes Cirie' where ISTAT writes Ciriè."""
    return "".join(filter(str.isalpha, unicodedata.normalize("NFKD", name.casefold())))


def italian_place(
    row: dict[str, str], municipalities: dict[tuple[str, str], Municipality], provinces: dict[str, Municipality]
) -> PlaceRow:
    plate = row["admin2_code"]
    around = provinces[plate]
    own = municipalities.get((plate, simplify_name(row["place"])))
    return (
        "IT",
        row["postcode"],
        row["place"],
        around.region,
        around.region_code(),
        around.province,
        around.province_code(),
        own.name if own else None,
        own.code if own else None,
        row["lat"] or None,
        row["lon"] or None,
    )


def foreign_place(row: dict[str, str]) -> PlaceRow:
    """Outside Italy an offer is bound to a state at most; the district is admin3, the one with local names."""
    return (
        row["country"],
        row["postcode"],
        row["place"],
        row["admin1"] or None,
        row["admin1_code"] or None,
        row["admin3"] or None,
        row["admin3_code"] or None,
        None,
        None,
        row["lat"] or None,
        row["lon"] or None,
    )
