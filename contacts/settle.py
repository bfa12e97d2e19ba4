"""The rare cases of identity, one at a time: merge two contacts, follow one to a new address, split a passed-on number.

A user id (BSUID) belongs to one person for ever. A phone number can pass to somebody else, who must inherit neither
consent nor history.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from contacts.holders import FORMER, Holder, Sighting, ensure_contact, find_holders, read_holder, read_holders
from contacts.merge import merge_contacts, remember_former
from core.direct import Executes
from core.types import Address, AddressChange

SERIALISE = text("SELECT pg_advisory_xact_lock(7001)")  # plain lookup and creation do without
SET_ADDRESS = text("UPDATE contact SET phone = :phone, user_id = :user_id, updated_at = :now WHERE id = :id")


async def settle(session: Executes, sighting: Sighting, now: datetime) -> int | None:
    """The contact of an address that is not simply one contact's; None if unknown and not to be created."""
    await session.execute(SERIALISE)
    address, at = sighting.address, sighting.at
    of_user, of_phone = await find_holders(session, address, at)
    passed_on = bool(of_phone and address.user_id and of_phone.user_id not in (None, address.user_id))
    if of_user and of_phone and of_user.id != of_phone.id and not passed_on:
        reached_at = of_user if wrote_after(of_user, at) else of_phone
        person = await merge_contacts(session, of_user.id, of_phone.id, reached_at.id, at, now)
    elif of_user:
        person = of_user.id
    elif of_phone and not passed_on:
        person = of_phone.id
    elif not sighting.creates:
        return None
    else:
        new = Address(None, address.user_id, address.parent_user_id) if passed_on else address
        person = await ensure_contact(session, new, now)
    await take_address(session, person, address, at, now)
    return person


async def change_address(session: Executes, change: AddressChange, now: datetime) -> int:
    """Follows a customer to a new number or user id and returns the contact; consent and history stay with it."""
    previous, current, at = change.previous, change.current, change.at
    old = await settle(session, Sighting(previous, at, creates=False), now)
    of_user, of_phone = await find_holders(session, current, at)
    new = of_user or (of_phone if of_phone and is_same_person(of_phone, change) else None)
    if old is not None and new is not None and old != new.id:
        person = await merge_contacts(session, old, new.id, new.id, at, now)
    elif new is not None:
        person = new.id
    else:
        person = old if old is not None else await ensure_contact(session, previous, now)
    own = await read_holder(session, person)
    if current.phone not in (None, previous.phone) and current.user_id is None and (new is None or not new.user_id):
        # A new number means a new user id, which the next message will tell; the old one is dead.
        await set_address(session, own, own.phone, None, at, now)
    await take_address(session, person, current, at, now)
    await remember_former(session, person, *lost_ids(previous, await read_holder(session, person)), at)
    return person


def is_same_person(holder: Holder, change: AddressChange) -> bool:
    """Whether the one with the new number is the customer who changed to it, seen before we heard of the change.

    Someone who wrote from that number before the change is another person.
    """
    if change.current.user_id and holder.user_id:
        return bool(change.current.user_id == holder.user_id)
    return holder.last_inbound_at is None or holder.last_inbound_at >= change.at


def wrote_after(holder: Holder, at: datetime) -> bool:
    """Whether the contact wrote later than that: then what is from that time cannot change where it is reached."""
    return holder.last_inbound_at is not None and holder.last_inbound_at > at


async def take_address(session: Executes, contact_id: int, address: Address, at: datetime, now: datetime) -> None:
    """Gives the contact the ids of an address seen at that time, unless it moved on since."""
    own = await read_holder(session, contact_id)
    phone, user_id = own.phone, own.user_id
    if address.phone not in (None, own.phone):
        late = bool(own.phone) and wrote_after(own, at)
        if not late and not await gave_up(session, own.id, Address(address.phone), at):
            phone = address.phone if await free_phone(session, address.phone, at, now) else own.phone
    if address.user_id not in (None, own.user_id):
        back = own.user_id is not None and await gave_up(session, own.id, Address(None, address.user_id), None)
        user_id = own.user_id if back else address.user_id
    if (phone, user_id) != (own.phone, own.user_id):
        await set_address(session, own, phone, user_id, at, now)


async def set_address(
    session: Executes, own: Holder, phone: str | None, user_id: str | None, at: datetime, now: datetime
) -> None:
    """Writes both ids and keeps what they replace."""
    await session.execute(SET_ADDRESS, {"id": own.id, "phone": phone, "user_id": user_id, "now": now})
    kept = Address(phone, user_id) if phone or user_id else None
    await remember_former(session, own.id, *lost_ids(Address(own.phone, own.user_id), kept), at)


def lost_ids(before: Address, after: Address | Holder | None) -> tuple[str | None, str | None]:
    """Phone number and user id that are no longer the contact's, each None where it stayed."""
    return (
        before.phone if after is None or before.phone != after.phone else None,
        before.user_id if after is None or before.user_id != after.user_id else None,
    )


async def gave_up(session: Executes, contact_id: int, address: Address, at: datetime | None) -> bool:
    """Whether the contact gave this phone number or user id up, after a time if one is given."""
    ids = {"phones": [address.phone] if address.phone else [], "user_ids": [address.user_id] if address.user_id else []}
    rows = (await session.execute(FORMER, ids)).all()
    return any(row.contact_id == contact_id and (at is None or row.until >= at) for row in rows)


async def free_phone(session: Executes, phone: str | None, at: datetime, now: datetime) -> bool:
    """Takes the number from the contact that has it; False if that one used it later than `at`."""
    for holder in await read_holders(session, [Address(phone)]):
        if wrote_after(holder, at):
            return False
        await set_address(session, holder, None, holder.user_id, at, now)
    return True
