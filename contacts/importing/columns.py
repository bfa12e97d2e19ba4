"""Which column is which field: guessed from headings, corrected by the user, remembered for the same headings."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from offers.yaml_file import read_document

FIELDS_FILE = Path(__file__).with_name("fields.yml")
OWN = ("line", "problem", "remedy")  # the columns a file of errors has more
PARTS = {"first_name", "last_name"}  # of a name
IDS = {"contacts": ("phone", "user_id", "external_id"), "events": ("contact", "phone")}


class Kind(StrEnum):
    """What a file holds."""

    CONTACTS = "contacts"
    EVENTS = "events"


class MappingError(Exception):
    """The columns cannot be used as they are; the message says what to do."""


@dataclass(frozen=True)
class Columns:
    """fields: field to position of its column; ignored: headings nobody reads, with the one that is read instead."""

    headings: tuple[str, ...]
    fields: dict[str, int]
    ignored: dict[str, str]
    remembered: bool = False

    def heading_of(self, field: str) -> str:
        return self.headings[self.fields[field]]


def sign_headings(headings: Iterable[str], kind: Kind) -> str:
    """The same for every file with these headings, also for its file of errors."""
    names = [fold(heading) for heading in headings if heading not in OWN]
    return hashlib.sha256("\n".join([kind, *names]).encode()).hexdigest()


def fold(words: str) -> str:
    """Lower case without accents and signs, words one blank apart."""
    plain = unicodedata.normalize("NFKD", words.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


@cache
def load_fields(kind: Kind) -> tuple[dict[str, tuple[str, int]], dict[str, tuple[str, int]], frozenset[str]]:
    """Heading to (field, rank): as written, and without filler; and the filler. ValueError names a double heading."""
    content = read_document(FIELDS_FILE).content
    filler = frozenset(content["filler"])
    exact: dict[str, tuple[str, int]] = {}
    bare: dict[str, tuple[str, int]] = {}
    for field, headings in content[kind].items():
        for rank, heading in enumerate([field, *headings]):
            name = fold(heading)
            if exact.setdefault(name, (field, rank))[0] != field:
                raise ValueError(f"{FIELDS_FILE.name}: {heading!r} stands under {exact[name][0]} and {field}: keep one")
            bare.setdefault(strip_filler(name, filler), (field, rank))
    return exact, bare, filler


def strip_filler(name: str, filler: Iterable[str]) -> str:
    words = [word for word in name.split() if word not in filler]
    return " ".join(words) or name


def guess_field(heading: str, kind: Kind) -> tuple[str, int] | None:
    """The field a heading means, with the rank of the heading; None if it tells nothing."""
    exact, bare, filler = load_fields(kind)
    name = fold(heading)
    return exact.get(name) or bare.get(strip_filler(name, filler))


def count_known(cells: Sequence[Any], kind: Kind, wanted: Iterable[str] = ()) -> int:
    """How many different fields a row would be the headings of. wanted: headings the user named."""
    names = {fold(str(cell)) for cell in cells if isinstance(cell, str)}
    known = {found[0] for name in names if name and (found := guess_field(name, kind))}
    return len(known) + sum(fold(heading) in names for heading in wanted)


def name_headings(cells: Sequence[Any]) -> tuple[str, ...]:
    """Headings that differ from each other: a repeated one gets a number, an empty one its position."""
    seen: Counter[str] = Counter()
    names = []
    for position, cell in enumerate(cells, start=1):
        name = " ".join(str(cell or "").split()) or f"column {position}"
        seen[name] += 1
        names.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return tuple(names)


def map_columns(
    headings: tuple[str, ...],
    kind: Kind,
    told: Mapping[str, str],
    remembered: Mapping[str, str | None] | None = None,
) -> Columns:
    """What the user tells counts before what is remembered, that before the guess.

    told: heading to field, or to "" for a column to leave out. remembered: the same by folded heading, None: left out.
    """
    known = {field for field, _ in load_fields(kind)[0].values()}
    by_name = {fold(heading): heading for heading in reversed(headings)}
    chosen: dict[str, str | None] = {}
    for heading, field in told.items():
        if fold(heading) not in by_name:
            raise MappingError(f"--map: no column is called {heading!r}; there are {', '.join(headings)}")
        if field and field not in known:
            raise MappingError(f"--map: {field!r} is no field; fields are {', '.join(sorted(known))}")
        chosen[by_name[fold(heading)]] = field or None
    if len(set(taken := [field for field in chosen.values() if field])) != len(taken):
        raise MappingError("--map: one field for two columns: name each field once")
    fields: dict[str, int] = {field: headings.index(heading) for heading, field in chosen.items() if field}
    ignored = {heading: "" for heading, field in chosen.items() if not field}
    ranks: dict[str, int] = dict.fromkeys(fields, -1)
    for position, heading in enumerate(headings):
        if heading in chosen or heading in OWN:
            continue
        found = recall(heading, remembered) if remembered is not None else guess_field(heading, kind)
        if found is None:
            ignored[heading] = ""
        elif found[0] in fields and ranks[found[0]] <= found[1]:
            ignored[heading] = headings[fields[found[0]]]
        else:
            if found[0] in fields:
                ignored[headings[fields[found[0]]]] = heading
            fields[found[0]], ranks[found[0]] = position, found[1]
    complete_names(headings, fields, ignored)
    if not any(field in fields for field in IDS[kind]):
        raise MappingError(
            f"no column tells who it is about ({', '.join(IDS[kind])}); name one, such as"
            f' --map "{headings[0]}={IDS[kind][0]}". Columns: {", ".join(headings)}'
        )
    if kind == Kind.EVENTS and "at" not in fields:
        raise MappingError(f'no column tells when it happened; name one: --map "{headings[-1]}=at"')
    in_order = {heading: ignored[heading] for heading in headings if heading in ignored}
    return Columns(headings, fields, in_order, remembered is not None)


def recall(heading: str, remembered: Mapping[str, str | None]) -> tuple[str, int] | None:
    field = remembered.get(fold(heading))
    return (field, 0) if field else None


def complete_names(headings: Sequence[str], fields: dict[str, int], ignored: dict[str, str]) -> None:
    """One column for the whole name wins over its parts; a first name alone is the name."""
    if "name" in fields:
        for part in PARTS & set(fields):
            ignored[headings[fields.pop(part)]] = headings[fields["name"]]
    elif "first_name" in fields and "last_name" not in fields:
        fields["name"] = fields.pop("first_name")


def list_for_memory(columns: Columns) -> dict[str, str | None]:
    """Folded heading to field, None where it is left out; what map_columns takes as remembered."""
    by_position = {position: field for field, position in columns.fields.items()}
    return {fold(heading): by_position.get(position) for position, heading in enumerate(columns.headings)}
