"""From a postcode or a spot on the map to the places an offer may be bound to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

FAR_DEGREES = 0.3  # about 30 km: farther away than this no place of our countries is "here"
GERMAN_SPEAKING_PROVINCE = "021"  # Bolzano/Bozen: the only one whose places have two names in the table

COLUMNS = (
    "country, postcode, name, region, region_code, province, province_code, municipality, municipality_code,"
    " latitude, longitude"
)
BY_POSTCODE = text(
    f"SELECT {COLUMNS} FROM place WHERE postcode = :postcode"  # noqa: S608  (a constant)
    " AND (CAST(:country AS text) IS NULL OR country = :country) ORDER BY id"
)
BY_POSTCODES = text(
    f"SELECT asked, {', '.join(f'p.{name}' for name in COLUMNS.split(', '))} FROM"  # noqa: S608  (a constant)
    " unnest(CAST(:postcodes AS text[]), CAST(:countries AS text[])) WITH ORDINALITY AS q (code, land, asked)"
    " JOIN place p ON p.postcode = q.code AND (q.land IS NULL OR p.country = q.land) ORDER BY p.id"
)
EDITION = text("SELECT checksum FROM loaded_table WHERE name = 'place'")
NEAREST = text(
    f"SELECT {COLUMNS} FROM place"  # noqa: S608  (a constant)
    " WHERE latitude BETWEEN CAST(:latitude AS float8) - :far AND CAST(:latitude AS float8) + :far"
    " AND longitude BETWEEN CAST(:longitude AS float8) - 2 * :far AND CAST(:longitude AS float8) + 2 * :far"
    " ORDER BY (latitude - :latitude) ^ 2 + ((longitude - :longitude) * cosd(:latitude)) ^ 2,"
    " municipality_code IS NULL, id LIMIT 1"
)


@dataclass(frozen=True)
class Place:
    """A place with its codes: in Italy ISTAT's for region, province and municipality, elsewhere GeoNames'."""

    country: str
    postcode: str
    name: str
    region: str | None
    region_code: str | None
    province: str | None
    province_code: str | None
    municipality: str | None
    municipality_code: str | None
    latitude: float | None
    longitude: float | None

    def name_in(self, language: str) -> str:
        """Bozen in German, Bolzano in Italian and English; every other place has one name."""
        if self.municipality and self.province_code == GERMAN_SPEAKING_PROVINCE:
            italian, _, german = self.municipality.partition("/")
            return german if language == "de" and german else italian
        return self.name


@dataclass(frozen=True)
class Area:
    """Where offers are looked for: the codes that all places of a postcode share."""

    country: str
    region: str | None = None
    province: str | None = None
    municipality: str | None = None


def find_area(places: Iterable[Place]) -> Area | None:
    """What these places have in common; None without any, or where they lie in several countries."""
    known = list(places)

    def shared(name: str) -> str | None:
        codes = {getattr(place, name) for place in known}
        return codes.pop() if len(codes) == 1 else None

    country = shared("country")
    if country is None:
        return None
    return Area(country, shared("region_code"), shared("province_code"), shared("municipality_code"))


# What find_areas found, by edition of the table: only a new load changes it, and there are some 30,000 at most.
AREAS: dict[str, dict[tuple[str, str | None], Area]] = {}


async def find_places(session: AsyncSession, postcode: str, country: str | None = None) -> list[Place]:
    """The places of a postcode, one row per municipality, main places first; empty if there is none.

    Without country they may lie in several (1010 is Vienna and Lausanne): ask before choosing.
    """
    rows = await session.execute(BY_POSTCODE, {"postcode": postcode.strip(), "country": country})
    return merge_places(dict(row) for row in rows.mappings())


async def find_areas(
    session: AsyncSession, wanted: Iterable[tuple[str, str | None]]
) -> dict[tuple[str, str | None], Area | None]:
    """The areas of many (postcode, country) at once; None where the postcode is in no table or several countries."""
    edition = await session.scalar(EDITION)
    known = AREAS.setdefault(edition, {}) if edition else {}
    asked = list(wanted)
    new = [one for one in asked if one not in known]
    values = {"postcodes": [code.strip() for code, _ in new], "countries": [country for _, country in new]}
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in (await session.execute(BY_POSTCODES, values)).mappings() if new else ():
        rows.setdefault(row["asked"], []).append({name: row[name] for name in row if name != "asked"})
    for number, one in enumerate(new, 1):
        if area := find_area(merge_places(rows.get(number, []))):
            known[one] = area
    return {one: known.get(one) for one in asked}


def merge_places(rows: Iterable[Mapping[str, Any]]) -> list[Place]:
    """Drops second names and hamlets of a municipality that is there itself."""
    places = [Place(**row) for row in rows]
    towns = {(place.country, place.province_code) for place in places if place.municipality_code}
    kept: dict[tuple[str, str | None], Place] = {}
    for place in sorted(places, key=lambda place: place.municipality_code is None):
        if place.municipality_code:
            kept.setdefault((place.country, place.municipality_code), place)
        elif place.country != "IT" or (place.country, place.province_code) not in towns:
            kept.setdefault((place.country, f"{place.province_code} {place.name}"), place)
    return list(kept.values())


async def nearest_place(session: AsyncSession, latitude: float, longitude: float) -> Place | None:
    """The place a location pin (degrees) points at; None where it is far from all of them."""
    parameters = {"latitude": latitude, "longitude": longitude, "far": FAR_DEGREES}
    row = (await session.execute(NEAREST, parameters)).mappings().one_or_none()
    return Place(**row) if row else None
