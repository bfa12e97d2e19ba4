"""Stores what other systems send to /api: contacts, events, offers. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.consent import Said, give_consent, withdraw_consent
from contacts.identity import resolve_contacts
from contacts.settle import change_address
from contacts.suppressed import keep_refusals
from core.tables import Contact, Contract, Offer
from core.types import Address, AddressChange
from offers.places import Place, find_places
from webhook.api_models import ContactIn, ContractIn, EventIn, OfferIn
from webhook.find import find_contacts

SOURCE = "api"
PLAIN = {"name", "language", "country", "timezone", "postcode", "value", "value_currency", "external_id"}
AHEAD = timedelta(minutes=5)  # clocks of other systems differ a little

STORE_EVENTS = text(
    """
    INSERT INTO event (contact_id, kind, at, key, data)
    SELECT contact_id, kind, at, key, CAST(data AS jsonb)
    FROM unnest(CAST(:contacts AS bigint[]), CAST(:kinds AS text[]), CAST(:ats AS timestamptz[]),
                CAST(:keys AS text[]), CAST(:data AS text[])) AS new (contact_id, kind, at, key, data)
    ON CONFLICT (key) DO NOTHING RETURNING contact_id
    """
)
MARK_STALE = text("UPDATE contact SET score_stale_at = :now WHERE id = ANY (:ids) AND erased_at IS NULL")
NOTIFY = text("SELECT pg_notify('contact', CAST(id AS text)) FROM unnest(CAST(:ids AS bigint[])) AS id")


class UnknownContactError(Exception):
    """A contact that should exist does not; the message names it."""


class ConflictError(Exception):
    """What was sent contradicts what is stored; the message tells how to resolve it."""


async def store_contacts(
    session: AsyncSession, items: Sequence[ContactIn], now: datetime, secret: str
) -> list[Contact]:
    """Creates or updates contacts with their consents and contracts, in the order of items; all or none.

    secret: the key under which addresses of erased people are known; they have refused until they agree again.
    """
    ids = await identify(session, items, now)
    query = select(Contact).where(Contact.id.in_(ids)).order_by(Contact.id).with_for_update(key_share=True)
    contacts = {
        contact.id: contact for contact in await session.scalars(query, execution_options={"populate_existing": True})
    }
    query_contracts = select(Contract).where(Contract.contact_id.in_(ids))
    contracts = {(row.contact_id, row.kind): row for row in await session.scalars(query_contracts)}
    known_places: dict[tuple[str, str | None], list[Place]] = {}
    for contact_id, item in zip(ids, items, strict=True):
        contact = contacts[contact_id]
        update_contact(contact, item, now)
        if "postcode" in item.model_fields_set or "country" in item.model_fields_set:
            await place_contact(session, contact, known_places)
        for own in item.contract:
            row = contracts.get((contact_id, own.kind))
            contracts[contact_id, own.kind] = update_contract(session, row, contact_id, own, now)
        for given in item.consent:
            proof = given.proof or f"api:{given.at.isoformat()}:{given.given}"
            note = give_consent if given.given else withdraw_consent
            await note(session, contact_id, Said(given.wording, SOURCE, proof, given.at), given.purpose)
    reached = {one.id: Address(one.phone, one.user_id) for one in contacts.values() if one.phone or one.user_id}
    await keep_refusals(session, secret, reached)
    await session.flush()
    await session.execute(NOTIFY, {"ids": ids})
    return [contacts[contact_id] for contact_id in ids]


async def identify(session: AsyncSession, items: Sequence[ContactIn], now: datetime) -> list[int]:
    """The contact of each item; new ones are created where there is an address."""
    by_external = await follow_numbers(session, items, now)
    addresses = [Address(item.phone, item.user_id) if item.phone or item.user_id else None for item in items]
    by_address = await resolve_contacts(session, [address for address in addresses if address])
    ids = []
    for item, address in zip(items, addresses, strict=True):
        known = by_external.get(item.external_id or "")
        found = by_address[address] if address else known
        if found is None:
            raise UnknownContactError(
                f"external_id {item.external_id!r} is not known yet: give phone or user_id too, to create the contact"
            )
        if known is not None and known != found:
            raise ConflictError(
                f"external_id {item.external_id!r} and this phone or user_id belong to two contacts: correct one of"
                " them, or give the other contact a new external_id first"
            )
        if item.external_id:
            by_external[item.external_id] = found
        ids.append(found)
    return ids


async def follow_numbers(session: AsyncSession, items: Sequence[ContactIn], now: datetime) -> dict[str, int]:
    """Contacts by external id; those whose number changed to one nobody has keep their history under the new one."""
    by_external = {item.external_id: item for item in items if item.external_id}
    known = (await session.scalars(select(Contact).where(Contact.external_id.in_(by_external)))).all()
    moved = [(contact, by_external[contact.external_id or ""]) for contact in known]
    moved = [(contact, item) for contact, item in moved if item.phone and contact.phone not in (None, item.phone)]
    taken = await find_contacts(session, [item.phone for _, item in moved if item.phone])
    for contact, item in moved:
        if item.phone not in taken:
            before, after = Address(contact.phone, contact.user_id), Address(item.phone, item.user_id)
            await change_address(session, AddressChange(before, after, now, key=f"api:{item.phone}"), now)
    return {contact.external_id: contact.id for contact in known if contact.external_id}


def update_contact(contact: Contact, item: ContactIn, now: datetime) -> None:
    for name, value in item.model_dump(include=PLAIN, exclude_unset=True).items():
        setattr(contact, name, value)
    contact.updated_at = now
    contact.score_stale_at = now


async def place_contact(
    session: AsyncSession, contact: Contact, known: dict[tuple[str, str | None], list[Place]]
) -> None:
    """Fills place and region from the postcode as far as it tells: several places leave the place open."""
    contact.place = contact.region = None
    if not contact.postcode:
        return
    key = contact.postcode, contact.country
    if key not in known:
        known[key] = await find_places(session, *key)
    names = {place.name_in(contact.language or "it") for place in known[key]}
    regions = {place.region for place in known[key]}
    contact.place = names.pop() if len(names) == 1 else None
    contact.region = regions.pop() if len(regions) == 1 else None


def update_contract(
    session: AsyncSession, row: Contract | None, contact_id: int, item: ContractIn, now: datetime
) -> Contract:
    if row is None:
        row = Contract(contact_id=contact_id, kind=item.kind, currency=item.currency, source=SOURCE)
        session.add(row)
    for name, value in item.model_dump(exclude_unset=True).items():
        setattr(row, name, value)
    row.source, row.updated_at = SOURCE, now
    return row


async def store_events(session: AsyncSession, items: Sequence[EventIn], now: datetime) -> int:
    """Stores events that are new and marks their contacts' scores; how many were new."""
    found = await find_contacts(session, [item.contact for item in items])
    for item in items:
        if item.contact not in found:
            raise UnknownContactError(f"contact {item.contact!r} is not known: PUT it to /api/contacts first")
        if item.at and item.at > now + AHEAD:
            raise ConflictError(f"event {item.key!r} lies in the future ({item.at.isoformat()}): correct `at`")
    values: dict[str, Any] = {
        "contacts": [found[item.contact] for item in items],
        "kinds": [item.kind.value for item in items],
        "ats": [item.at or now for item in items],
        "keys": [f"api:{item.key}" for item in items],
        "data": [orjson.dumps(item.data).decode() for item in items],
    }
    touched = list(await session.scalars(STORE_EVENTS, values))
    if touched:
        await mark_stale(session, sorted(set(touched)), now)
    return len(touched)


async def mark_stale(session: AsyncSession, ids: list[int], now: datetime) -> None:
    """The scores of these contacts may be different now."""
    await session.execute(MARK_STALE, {"ids": ids, "now": now})
    await session.execute(NOTIFY, {"ids": ids})


async def store_offers(session: AsyncSession, items: Sequence[OfferIn]) -> None:
    """Adds offers or replaces those of the same code, also shipped ones."""
    rows = {item.code: item.model_dump() | {"source": SOURCE} for item in items}
    statement = insert(Offer)
    changed = {name: statement.excluded[name] for name in next(iter(rows.values())) if name != "code"}
    upsert = statement.on_conflict_do_update(index_elements=["code"], set_=changed)
    await session.execute(upsert, [rows[code] for code in sorted(rows)])
