"""Which people of a file were read already, kept in a temporary table: memory stays flat, however long the file is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contacts.importing.problems import Problem
from contacts.incoming import ContactIn

CREATE = (
    text("CREATE TEMP TABLE IF NOT EXISTS import_key (key text PRIMARY KEY, line bigint NOT NULL)"),
    text("CREATE TEMP TABLE IF NOT EXISTS import_person (line bigint PRIMARY KEY, told jsonb NOT NULL)"),
    text("TRUNCATE import_key, import_person"),
)
FIND = text(
    "SELECT k.key, k.line, p.told FROM import_key k JOIN import_person p ON p.line = k.line"
    " WHERE k.key = ANY(CAST(:keys AS text[]))"
)
KEEP_KEYS = text(
    "INSERT INTO import_key SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:lines AS bigint[]))"
    " ON CONFLICT DO NOTHING"
)
KEEP_PEOPLE = text(
    "INSERT INTO import_person SELECT * FROM unnest(CAST(:lines AS bigint[]), CAST(CAST(:told AS text[]) AS jsonb[]))"
    " ON CONFLICT (line) DO UPDATE SET told = excluded.told"
)
IDS = ("phone", "user_id", "external_id")
SEVERAL = {"consent", "contract"}  # of these a person may have more than one

type Told = dict[str, Any]


async def start_seen(connection: AsyncConnection) -> None:
    """Makes the tables empty; they vanish with the connection."""
    for statement in CREATE:
        await connection.execute(statement)
    await connection.commit()


@dataclass
class Sifted:
    """By line: what contradicts an earlier row, what says nothing an earlier one did not, who was met before."""

    refused: dict[int, Problem] = field(default_factory=dict)
    repeated: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)


async def sift_rows(connection: AsyncConnection, rows: Sequence[tuple[int, ContactIn]]) -> Sifted:
    """Compares rows (line and what it tells) with all earlier ones; of a contradiction the earlier counts."""
    lines: dict[str, int] = {}
    people: dict[int, Told] = {}
    for row in await connection.execute(FIND, {"keys": [key for _, item in rows for key in keys_of(item)]}):
        lines[row.key], people[row.line] = row.line, row.told
    sifted = Sifted()
    keys: dict[str, int] = {}
    changed: dict[int, Told] = {}
    for line, item in rows:
        told = tell(item)
        owners = sorted({lines[key] for key in keys_of(item) if key in lines})
        if len(owners) > 1:
            sifted.refused[line] = Problem("two_rows", {"line": owners[0], "other": owners[1]})
            continue
        owner = owners[0] if owners else line
        before = people.get(owner, {})
        if different := find_differences(before, told):
            values = {"line": owner, "shared": share(before, told), "fields": ", ".join(different)}
            sifted.refused[line] = Problem("row_differs", values)
            continue
        if owner != line:
            (sifted.repeated if told.items() <= before.items() else sifted.again).add(line)
        people[owner] = changed[owner] = before | told
        for key in keys_of(item):
            if key not in lines:
                lines[key] = keys[key] = owner
    await keep(connection, keys, changed)
    return sifted


async def keep(connection: AsyncConnection, keys: dict[str, int], people: dict[int, Told]) -> None:
    """Adds what was read for the rows to come."""
    await connection.execute(KEEP_KEYS, {"keys": list(keys), "lines": list(keys.values())})
    told = [orjson.dumps(one).decode() for one in people.values()]
    await connection.execute(KEEP_PEOPLE, {"lines": list(people), "told": told})
    await connection.commit()


def keys_of(item: ContactIn) -> Iterable[str]:
    return [f"{name}:{value}" for name in IDS if (value := getattr(item, name))]


def tell(item: ContactIn) -> Told:
    """What a row tells, flat: contracts by kind and term, consents as facts that cannot contradict each other."""
    told: Told = {name: str(getattr(item, name)) for name in sorted(item.model_fields_set) if name not in SEVERAL}
    for contract in item.contract:
        terms = contract.model_dump(exclude={"kind"}, exclude_unset=True)
        told |= {f"{contract.kind} {name}": str(value) for name, value in terms.items()}
        told[contract.kind] = "contract"
    told |= {f"consent {own.at.isoformat()} {own.given}": own.wording for own in item.consent}
    return told


def find_differences(before: Told, told: Told) -> list[str]:
    """What two rows say differently, in words: name (Anna / Marco)."""
    return [
        f"{name} ({before[name]} / {value})"
        for name, value in told.items()
        if name in before and before[name] != value and not name.startswith("consent ")
    ]


def share(before: Told, told: Told) -> str:
    """The ids two rows have in common."""
    return ", ".join(name for name in IDS if name in told and told[name] == before.get(name)) or "earlier rows"
