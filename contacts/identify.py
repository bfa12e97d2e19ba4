"""Which contacts other systems tell about: by their own id, by phone number, by user id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.holders import read_holders
from contacts.identity import resolve_contacts
from contacts.incoming import ContactIn
from contacts.settle import change_address
from core.tables import Contact
from core.types import Address, AddressChange


class Refused(StrEnum):
    """Why an item belongs to no contact."""

    UNKNOWN = "unknown"  # an external id nobody has, and neither phone nor user id
    TWO_CONTACTS = "two_contacts"  # the external id is one contact's, phone or user id another one's


async def identify(
    session: AsyncSession, items: Sequence[ContactIn], now: datetime, channel: str
) -> list[int | Refused]:
    """The contact of each item, new ones created where there is an address, or why there is none."""
    addresses = await follow_addresses(session, items, now, channel)
    by_address = await resolve_contacts(session, [address for address in addresses if address])
    by_external = await read_external_ids(session, items)  # again: two contacts may have become one
    found: list[int | Refused] = []
    for item, address in zip(items, addresses, strict=True):
        known = by_external.get(item.external_id or "")
        one = by_address[address] if address else known
        if one is None:
            found.append(Refused.UNKNOWN)
        elif known is not None and known != one:
            found.append(Refused.TWO_CONTACTS)
        else:
            found.append(one)
            if item.external_id:
                by_external[item.external_id] = one
    return found


async def read_external_ids(session: AsyncSession, items: Sequence[ContactIn]) -> dict[str, int]:
    """Contacts by the external ids that are told."""
    return {name: row.id for name, row in (await read_known(session, items)).items()}


async def read_known(session: AsyncSession, items: Sequence[ContactIn]) -> dict[str, Any]:
    """Their rows: external_id, id, phone, user_id."""
    wanted = {item.external_id for item in items if item.external_id}
    if not wanted:
        return {}
    query = select(Contact.external_id, Contact.id, Contact.phone, Contact.user_id)
    return {row.external_id: row for row in await session.execute(query.where(Contact.external_id.in_(wanted)))}


async def follow_addresses(
    session: AsyncSession, items: Sequence[ContactIn], now: datetime, channel: str
) -> list[Address | None]:
    """The address to look for each item with.

    A contact known by external id whose number changed to one nobody has keeps its history under the new one; one that
    had a user id only, or a number only, gets the other where nobody else has it.
    """
    known = await read_known(session, items)
    addresses = [Address(item.phone, item.user_id) if item.phone or item.user_id else None for item in items]
    apart = [
        (place, address)
        for place, (item, address) in enumerate(zip(items, addresses, strict=True))
        if address and item.external_id in known
    ]
    holders = await read_holders(session, [address for _, address in apart])
    taken = ({holder.phone for holder in holders} | {holder.user_id for holder in holders}) - {None}
    moved: set[int] = set()
    for place, address in apart:
        contact = known[items[place].external_id or ""]
        if address.phone in taken or address.user_id in taken:
            continue
        if not address.phone or not contact.phone:
            addresses[place] = Address(address.phone or contact.phone, address.user_id or contact.user_id)
        elif contact.id not in moved:
            before = Address(contact.phone, contact.user_id)
            await change_address(session, AddressChange(before, address, now, key=f"{channel}:{address.phone}"), now)
            moved.add(contact.id)
    return addresses
