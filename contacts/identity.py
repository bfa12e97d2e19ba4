"""Which contact an address belongs to. A phone number can pass to another person, a user id (BSUID) never does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.holders import FORMER, Holder, Sighting, create_contacts, ids_of, read_holders
from contacts.settle import settle
from core.clock import now as read_clock
from core.direct import Executes
from core.tables import Contact, ContactMerge
from core.types import Address

ADOPT = text(
    """
    UPDATE contact SET user_id = plain.user_id, updated_at = :now
    FROM (
      SELECT c.id, v.user_id FROM contact c
      JOIN unnest(CAST(:phones AS text[]), CAST(:user_ids AS text[])) AS v (phone, user_id) ON c.phone = v.phone
      WHERE c.user_id IS NULL AND NOT EXISTS (SELECT 1 FROM contact o WHERE o.user_id = v.user_id)
        AND NOT EXISTS (SELECT 1 FROM former_address f WHERE f.user_id = v.user_id)
      ORDER BY c.id FOR UPDATE OF c
    ) AS plain
    WHERE contact.id = plain.id
    RETURNING contact.id, contact.phone, contact.user_id, contact.last_inbound_at
    """
)

MERGED = text("SELECT loser_id, winner_id FROM contact_merge WHERE loser_id = ANY (:ids)")


async def find_contact(session: AsyncSession, token: str) -> Contact | None:
    """The contact the outside knows by this token, also if it was merged into another one since."""
    merged = select(ContactMerge.winner_id).where(ContactMerge.loser_token == token).scalar_subquery()
    query = select(Contact).where((Contact.token == token) | (Contact.id == merged))
    return (await session.execute(query)).scalar_one_or_none()


async def resolve_contacts(session: Executes, addresses: Iterable[Address]) -> dict[Address, int]:
    """The contact of each address, new ones created, two merged where an address shows they are one person."""
    now = read_clock()
    wanted = dict.fromkeys(addresses)
    found = await resolve_sightings(session, [Sighting(address, now) for address in wanted], now)
    return {sighting.address: contact_id for sighting, contact_id in found.items()}


async def resolve_sightings(session: Executes, sightings: Iterable[Sighting], now: datetime) -> dict[Sighting, int]:
    """The contact of each sighting; those that create nothing and are unknown are left out.

    What has to be settled comes before what is created: its lock is always taken first, so nobody waits in a circle.
    """
    found: dict[Sighting, int] = {}
    rest = list(dict.fromkeys(sightings))
    if not rest:
        return found
    holders = await read_holders(session, [sighting.address for sighting in rest])
    rest = match_exactly(rest, holders, found)
    if not rest:
        return found
    phones, user_ids = ids_in(holders)
    known = [s for s in rest if s.address.phone in phones or s.address.user_id in user_ids]
    strangers = [s for s in rest if s.creates and s.address.phone not in phones and s.address.user_id not in user_ids]
    if known:
        known = match_exactly(known, await adopt_user_ids(session, known, now), found)
        await settle_all(session, known, found, now)
    if strangers:
        new = await drop_former(session, [sighting.address for sighting in strangers])
        strangers = match_exactly(strangers, await create_contacts(session, new, now), found)
    if strangers:  # another process created them at this moment, or they share an id
        there = await read_holders(session, [sighting.address for sighting in strangers])
        strangers = match_exactly(strangers, there, found)
        await settle_all(session, strangers, found, now)
    return await follow_merges(session, found) if known or strangers else found


async def settle_all(session: Executes, sightings: list[Sighting], found: dict[Sighting, int], now: datetime) -> None:
    """Settles what is not plain, in the order it happened."""
    for sighting in sorted(sightings, key=lambda sighting: sighting.at):
        contact_id = await settle(session, sighting, now)
        if contact_id is not None:
            found[sighting] = contact_id


def match_exactly(sightings: list[Sighting], holders: list[Holder], found: dict[Sighting, int]) -> list[Sighting]:
    """Puts those into found whose every id is one contact's, and returns the others."""
    by_phone = {holder.phone: holder for holder in holders if holder.phone}
    by_user = {holder.user_id: holder for holder in holders if holder.user_id}
    rest = []
    for sighting in sightings:
        phone, user_id = sighting.address.phone, sighting.address.user_id
        holder = by_user.get(user_id) if user_id else by_phone.get(phone)
        if holder is not None and (phone is None or phone == holder.phone):
            found[sighting] = holder.id
        else:
            rest.append(sighting)
    return rest


def ids_in(rows: Iterable[Any]) -> tuple[set[str], set[str]]:
    """All phone numbers and all user ids in these rows."""
    known = list(rows)
    return {row.phone for row in known if row.phone}, {row.user_id for row in known if row.user_id}


async def drop_former(session: Executes, addresses: list[Address]) -> list[Address]:
    """Those no contact ever had."""
    phones, user_ids = ids_in(await session.execute(FORMER, ids_of(addresses)))
    return [address for address in addresses if address.phone not in phones and address.user_id not in user_ids]


async def adopt_user_ids(session: Executes, sightings: list[Sighting], now: datetime) -> list[Holder]:
    """Notes the user id of contacts known by phone only, all at once; what is less plain than that is left out."""
    pairs = {(s.address.phone, s.address.user_id) for s in sightings if s.address.phone and s.address.user_id}
    phones, user_ids = Counter(phone for phone, _ in pairs), Counter(user_id for _, user_id in pairs)
    plain = [pair for pair in sorted(pairs) if phones[pair[0]] == user_ids[pair[1]] == 1]
    if not plain:
        return []
    values = {"phones": [phone for phone, _ in plain], "user_ids": [user_id for _, user_id in plain], "now": now}
    return list((await session.execute(ADOPT, values)).all())


async def follow_merges(session: Executes, found: dict[Sighting, int]) -> dict[Sighting, int]:
    """The same with contacts that were merged away while the others were settled replaced by their winners."""
    merged = await session.execute(MERGED, {"ids": sorted(set(found.values()))})
    winners = {row.loser_id: row.winner_id for row in merged}
    return {sighting: winners.get(contact_id, contact_id) for sighting, contact_id in found.items()}
