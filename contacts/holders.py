"""Rows of contacts by their ids, today and formerly."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, text

from contacts.address import country_of
from core.direct import Executes
from core.types import Address

HOLDERS = text(
    """
    SELECT id, phone, user_id, last_inbound_at FROM contact WHERE phone = ANY(CAST(:phones AS text[]))
    UNION
    SELECT id, phone, user_id, last_inbound_at FROM contact WHERE user_id = ANY(CAST(:user_ids AS text[]))
    """
)
FORMER = text(
    """
    SELECT contact_id, phone, user_id, until FROM former_address
    WHERE phone = ANY(CAST(:phones AS text[])) OR user_id = ANY(CAST(:user_ids AS text[]))
    """
)
CREATE = text(
    """
    INSERT INTO contact (token, phone, user_id, parent_user_id, country, created_at, updated_at)
    SELECT token, phone, user_id, parent_user_id, country, :now, :now FROM unnest(
      CAST(:tokens AS text[]), CAST(:phones AS text[]), CAST(:user_ids AS text[]), CAST(:parents AS text[]),
      CAST(:countries AS text[])) AS v (token, phone, user_id, parent_user_id, country)
    ON CONFLICT DO NOTHING
    RETURNING id, phone, user_id, last_inbound_at
    """
)
READ_ONE = text("SELECT id, phone, user_id, last_inbound_at FROM contact WHERE id = :id FOR NO KEY UPDATE")

type Holder = Row[tuple[int, str | None, str | None, datetime | None]]


@dataclass(frozen=True)
class Sighting:
    """An address in use at a time, by the customer's timestamp. creates: whether an unknown one is a new contact."""

    address: Address
    at: datetime
    creates: bool = True


async def read_holders(session: Executes, addresses: Iterable[Address]) -> list[Holder]:
    """The contacts that have one of these phone numbers or user ids today."""
    return list((await session.execute(HOLDERS, ids_of(addresses))).all())


def ids_of(addresses: Iterable[Address]) -> dict[str, list[str]]:
    """Their phone numbers and user ids as SQL parameters."""
    known = list(addresses)
    return {"phones": [a.phone for a in known if a.phone], "user_ids": [a.user_id for a in known if a.user_id]}


async def create_contacts(session: Executes, addresses: Iterable[Address], now: datetime) -> list[Holder]:
    """Creates a contact per address, in one order everywhere; those another process creates meanwhile are left out."""
    new = sorted(dict.fromkeys(addresses), key=lambda address: (address.phone or "", address.user_id or ""))
    if not new:
        return []
    values = {
        "tokens": [secrets.token_hex(10) for _ in new],
        "phones": [address.phone for address in new],
        "user_ids": [address.user_id for address in new],
        "parents": [address.parent_user_id for address in new],
        "countries": [country_of(address) for address in new],
        "now": now,
    }
    return list((await session.execute(CREATE, values)).all())


async def ensure_contact(session: Executes, address: Address, now: datetime) -> int:
    """The contact created for a new address, or the one another process created at the same moment."""
    while True:
        created = await create_contacts(session, [address], now) or await read_holders(session, [address])
        if created:
            return int(created[0].id)


async def read_holder(session: Executes, contact_id: int) -> Holder:
    """One contact's ids, locked."""
    holder: Holder = (await session.execute(READ_ONE, {"id": contact_id})).one()
    return holder


async def find_holders(session: Executes, address: Address, at: datetime) -> tuple[Holder | None, Holder | None]:
    """Who has this user id, and who had this phone number at that time."""
    holders = await read_holders(session, [address])
    of_user = next((h for h in holders if address.user_id and h.user_id == address.user_id), None)
    of_phone = next((h for h in holders if address.phone and h.phone == address.phone), None)
    former = (await session.execute(FORMER, ids_of([address]))).all()
    for row in sorted(former, key=lambda row: row.until, reverse=True):
        if of_user is None and row.user_id and row.user_id == address.user_id:
            of_user = await read_holder(session, row.contact_id)
        if row.phone and row.phone == address.phone and row.until >= at:
            of_phone = await read_holder(session, row.contact_id)  # the last one: who gave it up first after `at`
    return of_user, of_phone
