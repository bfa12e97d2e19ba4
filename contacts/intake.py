"""Stores what other systems and files tell about people, many at once and told twice only once. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.consent import Note, note_consents
from contacts.identify import Refused, identify
from contacts.incoming import ContactIn, ContractIn
from contacts.locking import find_and_lock
from contacts.suppressed import keep_refusals
from core.db import RING_CONTACTS
from core.types import Address
from offers.places import Place, find_places

PLAIN = {"name", "language", "country", "timezone", "postcode", "value", "value_currency", "external_id"}
COLUMNS = (*sorted(PLAIN - {"value"}), "place", "region")
TERMS = {"supplier": "text", "expires_on": "date", "yearly_kwh": "numeric", "yearly_cost": "numeric"}
TERMS |= {"price_per_kwh": "numeric", "fixed_per_year": "numeric"}

LOCK = text(
    "SELECT id, token, external_id, phone, user_id, postcode, country, language, value_currency, created_at"
    " FROM contact WHERE id = ANY (:ids) ORDER BY id FOR NO KEY UPDATE"
)


def write_update() -> TextClause:
    """SQL that changes what is told and differs; a row that says nothing new is not touched."""
    told = {name: f"CASE WHEN d ? '{name}' THEN d ->> '{name}' ELSE c.{name} END" for name in COLUMNS}
    told["value"] = "CASE WHEN d ? 'value' THEN CAST(d ->> 'value' AS numeric) ELSE c.value END"
    changes = ", ".join(f"{name} = {new}" for name, new in told.items())
    before = ", ".join(f"c.{name}" for name in told)
    return text(
        f"""
        UPDATE contact c SET {changes}, updated_at = :now, score_stale_at = :now
        FROM (SELECT id, CAST(data AS jsonb) AS d
              FROM unnest(CAST(:ids AS bigint[]), CAST(:data AS text[])) AS v (id, data)) told
        WHERE c.id = told.id AND ({before}) IS DISTINCT FROM ({", ".join(told.values())})
        RETURNING c.id
        """  # noqa: S608  (our own column names)
    )


def write_upsert() -> TextClause:
    """SQL that adds contracts or changes the terms that are told and differ."""
    told = [
        f"CASE WHEN d ? '{name}' THEN CAST(d ->> '{name}' AS {kind}) ELSE k.{name} END" for name, kind in TERMS.items()
    ]
    told.append("coalesce(d ->> 'currency', k.currency, 'EUR')")
    names = (*TERMS, "currency")
    return text(
        f"""
        INSERT INTO contract (contact_id, kind, {", ".join(names)}, source, updated_at)
        SELECT v.contact_id, v.kind, {", ".join(told)}, :source, :now
        FROM unnest(CAST(:ids AS bigint[]), CAST(:kinds AS text[]), CAST(CAST(:data AS text[]) AS jsonb[]))
             AS v (contact_id, kind, d)
        LEFT JOIN contract k ON k.contact_id = v.contact_id AND k.kind = v.kind
        ON CONFLICT (contact_id, kind) DO UPDATE SET
          {", ".join(f"{name} = excluded.{name}" for name in names)}, source = excluded.source, updated_at = :now
        WHERE ({", ".join(f"contract.{name}" for name in names)})
          IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in names)})
        RETURNING contact_id
        """  # noqa: S608  (our own column names)
    )


UPDATE_CONTACTS, UPSERT_CONTRACTS = write_update(), write_upsert()
MARK_STALE = text("UPDATE contact SET score_stale_at = :now WHERE id = ANY (:ids) AND erased_at IS NULL")

MOST_PLACES = 50_000  # postcodes kept in memory: more than our countries have
type Places = dict[tuple[str, str | None], list[Place]]


class Outcome(StrEnum):
    """What telling about a person did to the store."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Source:
    """Who tells. channel: api or import; secret: the key under which addresses of erased people are known."""

    channel: str
    secret: str
    now: datetime


@dataclass(frozen=True)
class Stored:
    """What became of one item. contact_id and token are None where it is refused."""

    outcome: Outcome
    refused: Refused | None = None
    contact_id: int | None = None
    token: str | None = None
    external_id: str | None = None
    agreed: bool = False  # a consent came new
    withdrew: bool = False


async def store_contacts(
    session: AsyncSession, items: Sequence[ContactIn], source: Source, places: Places | None = None
) -> list[Stored]:
    """Creates or updates contacts with their consents and contracts; those that are refused store nothing.

    places: postcodes looked up before, which several calls may share.
    """
    found, rows = await find_and_lock(
        session,
        lambda: identify(session, items, source.now, source.channel),
        lambda found: (one for one in found if isinstance(one, int)),
        LOCK,
    )
    told = [(found_one, item) for found_one, item in zip(found, items, strict=True) if isinstance(found_one, int)]
    fields = fold_fields(told, rows)
    await add_places(session, fields, rows, {} if places is None else places)
    changed = await update_contacts(session, fields, source.now)
    changed |= await update_contracts(session, told, source)
    if bare := [row.id for row in rows.values() if row.created_at >= source.now and row.id not in changed]:
        await mark_stale(session, bare, source.now, ring=False)  # nothing but an address is told: scored all the same
    notes = await note_consents(session, make_notes(told, source.channel))
    reached = {row.id: Address(row.phone, row.user_id) for row in rows.values() if row.phone or row.user_id}
    await keep_refusals(session, source.secret, reached)
    agreed, withdrew = ({note.contact_id for note in notes if note.given is given} for given in (True, False))
    if touched := sorted(changed | agreed | withdrew):
        await session.execute(RING_CONTACTS, {"ids": touched})
    stored = []
    for one in found:
        if isinstance(one, Refused):
            stored.append(Stored(Outcome.REFUSED, one))
            continue
        row = rows[one]
        new = row.created_at >= source.now
        outcome = Outcome.NEW if new else Outcome.CHANGED if one in touched else Outcome.SAME
        external_id = fields[one].get("external_id", row.external_id)
        stored.append(Stored(outcome, None, one, row.token, external_id, one in agreed, one in withdrew))
    return stored


def fold_fields(told: Sequence[tuple[int, ContactIn]], rows: dict[int, Row[Any]]) -> dict[int, dict[str, Any]]:
    """What is told of each contact itself; of two values the later item's counts."""
    fields: dict[int, dict[str, Any]] = {contact_id: {} for contact_id, _ in told}
    for contact_id, item in told:
        fields[contact_id] |= item.model_dump(include=PLAIN, exclude_unset=True)
    for contact_id, own in fields.items():
        if own.get("value") is not None and not own.get("value_currency"):
            own["value_currency"] = rows[contact_id].value_currency or "EUR"
    return fields


async def add_places(
    session: AsyncSession, fields: dict[int, dict[str, Any]], rows: dict[int, Row[Any]], known: Places
) -> None:
    """Adds place and region where a postcode or country is told; several places of one postcode leave it open."""
    for contact_id, own in fields.items():
        if "postcode" not in own and "country" not in own:
            continue
        row = rows[contact_id]
        postcode, country = own.get("postcode", row.postcode), own.get("country", row.country)
        own["place"] = own["region"] = None
        if not postcode:
            continue
        if (postcode, country) not in known:
            if len(known) == MOST_PLACES:
                known.clear()
            known[postcode, country] = await find_places(session, postcode, country)
        found = known[postcode, country]
        names = {place.name_in(own.get("language", row.language) or "it") for place in found}
        regions = {place.region for place in found}
        own["place"] = names.pop() if len(names) == 1 else None
        own["region"] = regions.pop() if len(regions) == 1 else None


async def update_contacts(session: AsyncSession, fields: dict[int, dict[str, Any]], now: datetime) -> set[int]:
    """Writes what is told; the contacts for which it was something new."""
    told = {contact_id: own for contact_id, own in fields.items() if own}
    values = {"ids": list(told), "data": [write_json(own) for own in told.values()], "now": now}
    return set(await session.scalars(UPDATE_CONTACTS, values)) if told else set()


async def update_contracts(session: AsyncSession, told: Sequence[tuple[int, ContactIn]], source: Source) -> set[int]:
    """Adds and changes contracts and marks the scores; the contacts for which it was something new."""
    terms: dict[tuple[int, str], dict[str, Any]] = {}
    for contact_id, item in told:
        for own in item.contract:
            terms.setdefault((contact_id, own.kind), {}).update(dump_terms(own))
    if not terms:
        return set()
    values = {
        "ids": [contact_id for contact_id, _ in terms],
        "kinds": [kind for _, kind in terms],
        "data": [write_json(own) for own in terms.values()],
    }
    scalars = await session.scalars(UPSERT_CONTRACTS, values | {"source": source.channel, "now": source.now})
    if changed := set(scalars):
        await mark_stale(session, sorted(changed), source.now, ring=False)
    return changed


def dump_terms(contract: ContractIn) -> dict[str, Any]:
    return contract.model_dump(exclude={"kind"}, exclude_unset=True)


def write_json(values: dict[str, Any]) -> str:
    return orjson.dumps(values, default=str).decode()  # money becomes its text, which numeric reads without loss


def make_notes(told: Sequence[tuple[int, ContactIn]], channel: str) -> list[Note]:
    """The consents of all items; without a proof of its own the moment is the proof."""
    return [
        Note(
            contact_id=contact_id,
            purpose=own.purpose,
            given=own.given,
            at=own.at,
            channel=channel,
            wording=own.wording,
            proof=own.proof or f"{channel}:{own.at.isoformat()}:{own.given}",
        )
        for contact_id, item in told
        for own in item.consent
    ]


async def mark_stale(session: AsyncSession, ids: list[int], now: datetime, *, ring: bool = True) -> None:
    """The scores of these contacts may be different now."""
    await session.execute(MARK_STALE, {"ids": ids, "now": now})
    if ring:
        await session.execute(RING_CONTACTS, {"ids": ids})
