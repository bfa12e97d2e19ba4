"""Which contact an address belongs to: created, completed, merged, followed, split."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.holders import Sighting
from contacts.identity import find_contact, resolve_contacts, resolve_sightings
from contacts.settle import change_address
from core.db import Sessions
from core.types import Address, AddressChange

PHONE, OTHER_PHONE, USER, OTHER_USER = "+393330000001", "+393330000009", "IT.1001", "IT.1009"
HOUR = timedelta(hours=1)


async def see(
    session: AsyncSession, now: datetime, phone: str | None, user_id: str | None = None, at: datetime | None = None
) -> int:
    """A contact writes from this address, and its newest message is noted as the webhook does."""
    sighting = Sighting(Address(phone, user_id), at or now)
    contact_id = (await resolve_sightings(session, [sighting], now))[sighting]
    await session.execute(
        text("UPDATE contact SET last_inbound_at = greatest(last_inbound_at, :at) WHERE id = :id"),
        {"id": contact_id, "at": at or now},
    )
    return contact_id


async def change(
    session: AsyncSession, now: datetime, previous: Address, current: Address, at: datetime | None = None
) -> int:
    return await change_address(session, AddressChange(previous, current, at or now, "key"), now)


async def row(session: AsyncSession, contact_id: int) -> Any:
    return (await session.execute(text("SELECT * FROM contact WHERE id = :id"), {"id": contact_id})).one()


async def count(session: AsyncSession, table: str = "contact") -> int:
    return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def test_a_new_address_becomes_a_contact_with_its_country(session: AsyncSession) -> None:
    addresses = [Address(PHONE), Address(None, "DE.7"), Address("+14165550123", "CA.1")]
    found = await resolve_contacts(session, addresses)
    assert len(set(found.values())) == 3
    assert [(await row(session, found[a])).country for a in addresses] == ["IT", "DE", "CA"]


async def test_the_same_address_is_the_same_contact(session: AsyncSession, now: datetime) -> None:
    assert await see(session, now, PHONE, USER) == await see(session, now, PHONE, USER)
    assert await see(session, now, PHONE) == await see(session, now, None, USER)
    assert await count(session) == 1


async def test_a_user_id_completes_a_contact_known_by_phone(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now, PHONE)
    assert await see(session, now, PHONE, USER) == ana
    assert (await row(session, ana)).user_id == USER


async def test_a_phone_number_completes_a_contact_known_by_user_id(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now, None, USER)
    assert await see(session, now, PHONE, USER) == ana
    assert (await row(session, ana)).phone == PHONE


async def test_appearing_together_merges_into_the_older_contact(session: AsyncSession, now: datetime) -> None:
    by_user = await see(session, now, None, USER)
    by_phone = await see(session, now, PHONE)
    assert await see(session, now, PHONE, USER) == by_user
    merged = await row(session, by_user)
    assert (merged.phone, merged.user_id) == (PHONE, USER)
    assert await count(session) == 1
    assert (
        await session.execute(text("SELECT winner_id FROM contact_merge WHERE loser_id = :l"), {"l": by_phone})
    ).scalar_one() == by_user


async def test_the_older_contact_wins_whichever_id_it_has(session: AsyncSession, now: datetime) -> None:
    by_phone = await see(session, now, PHONE)
    await see(session, now, None, USER)
    assert await see(session, now, PHONE, USER) == by_phone


async def test_one_delivery_can_bring_all_three_addresses(session: AsyncSession) -> None:
    addresses = [Address(PHONE), Address(None, USER), Address(PHONE, USER)]
    found = await resolve_contacts(session, addresses)
    assert len(set(found.values())) == 1
    assert await count(session) == 1


async def test_an_old_token_still_finds_the_person(session: AsyncSession, now: datetime) -> None:
    winner = await see(session, now, None, USER)
    loser = await see(session, now, PHONE)
    tokens = [(await row(session, winner)).token, (await row(session, loser)).token]
    await see(session, now, PHONE, USER)
    found = [await find_contact(session, token) for token in tokens]
    assert [contact.id if contact else None for contact in found] == [winner, winner]
    assert await find_contact(session, "nobody") is None


async def test_a_token_survives_two_merges(session: AsyncSession, now: datetime) -> None:
    first = await see(session, now, OTHER_PHONE)
    second = await see(session, now, None, USER)
    third = await see(session, now, PHONE)
    token = (await row(session, third)).token
    assert await see(session, now, PHONE, USER) == second
    assert await change(session, now, Address(OTHER_PHONE), Address(PHONE, USER)) == first
    found = await find_contact(session, token)
    assert found is not None
    assert found.id == first


async def test_a_number_with_a_new_user_id_is_a_new_person(session: AsyncSession, now: datetime) -> None:
    before = await see(session, now - HOUR, PHONE, USER)
    after = await see(session, now, PHONE, OTHER_USER)
    assert after != before
    assert (await row(session, before)).phone is None
    assert (await row(session, after)).phone == PHONE


async def test_a_late_message_of_the_former_owner_does_not_take_the_number_back(
    session: AsyncSession, now: datetime
) -> None:
    before = await see(session, now - 2 * HOUR, PHONE, USER)
    after = await see(session, now, PHONE, OTHER_USER)
    assert await see(session, now, PHONE, USER, at=now - HOUR) == before
    assert (await row(session, after)).phone == PHONE


async def test_a_number_change_is_followed(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now, PHONE, USER)
    assert await change(session, now, Address(PHONE, USER), Address(OTHER_PHONE, OTHER_USER)) == ana
    followed = await row(session, ana)
    assert (followed.phone, followed.user_id) == (OTHER_PHONE, OTHER_USER)


async def test_a_number_change_without_user_ids_takes_the_next_user_id(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now, PHONE, USER)
    await change(session, now, Address(PHONE), Address(OTHER_PHONE))
    assert await see(session, now + HOUR, OTHER_PHONE, OTHER_USER) == ana
    assert await count(session) == 1


async def test_a_user_id_change_is_followed(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now, None, USER)
    await change(session, now, Address(None, USER), Address(None, OTHER_USER))
    assert await see(session, now, None, OTHER_USER) == ana


async def test_the_new_number_may_write_before_the_change_is_told(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now - HOUR, PHONE, USER)
    await see(session, now + HOUR, OTHER_PHONE, OTHER_USER)
    assert await change(session, now, Address(PHONE, USER), Address(OTHER_PHONE)) == ana
    followed = await row(session, ana)
    assert (followed.phone, followed.user_id) == (OTHER_PHONE, OTHER_USER)
    assert await count(session) == 1


async def test_a_late_message_from_the_old_number_finds_the_person(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now - HOUR, PHONE, USER)
    await change(session, now, Address(PHONE, USER), Address(OTHER_PHONE, OTHER_USER))
    assert await see(session, now, PHONE, at=now - HOUR) == ana
    assert await see(session, now, PHONE, USER, at=now - HOUR) == ana
    assert (await row(session, ana)).phone == OTHER_PHONE


async def test_the_next_owner_of_the_old_number_is_a_new_person(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now - HOUR, PHONE, USER)
    await change(session, now, Address(PHONE, USER), Address(OTHER_PHONE, OTHER_USER))
    assert await see(session, now + HOUR, PHONE, "IT.3") != ana
    assert await see(session, now + HOUR, PHONE) != ana


async def test_who_had_the_new_number_before_stays_another_person(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now - HOUR, PHONE, USER)
    stranger = await see(session, now - HOUR, OTHER_PHONE, OTHER_USER)
    assert await change(session, now, Address(PHONE, USER), Address(OTHER_PHONE)) == ana
    assert (await row(session, stranger)).phone is None
    assert (await row(session, ana)).phone == OTHER_PHONE


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_two_changes_end_at_the_last_number_in_any_order(
    session: AsyncSession, now: datetime, order: tuple[int, int]
) -> None:
    ana = await see(session, now - HOUR, PHONE, USER)
    steps = [
        (Address(PHONE, USER), Address(OTHER_PHONE), now),
        (Address(OTHER_PHONE), Address("+393330000007"), now + HOUR),
    ]
    for index in order:
        previous, current, at = steps[index]
        assert await change(session, now, previous, current, at) or True
    assert (await row(session, ana)).phone == "+393330000007"
    assert await count(session) == 1


async def test_a_change_of_an_unknown_person_creates_the_contact(session: AsyncSession, now: datetime) -> None:
    ana = await change(session, now, Address(PHONE), Address(OTHER_PHONE))
    assert await see(session, now, OTHER_PHONE) == ana
    assert await count(session) == 1


async def test_a_sighting_that_creates_nothing_leaves_strangers_out(session: AsyncSession, now: datetime) -> None:
    ana = await see(session, now, PHONE)
    known = Sighting(Address(PHONE, USER), now, creates=False)
    stranger = Sighting(Address("+491510000002", "DE.7"), now, creates=False)
    assert await resolve_sightings(session, [known, stranger], now) == {known: ana}
    assert (await row(session, ana)).user_id == USER


async def test_two_processes_meeting_the_same_stranger_agree(sessions: Sessions, now: datetime) -> None:
    async def meet(number: int) -> int:
        async with sessions() as session:
            addresses = [Address(PHONE, USER), Address(f"+3933300001{number:02}")]
            found = await resolve_contacts(session, addresses if number % 2 else reversed(addresses))
            await session.commit()
            return found[addresses[0]]

    assert len(set(await asyncio.gather(*(meet(number) for number in range(12))))) == 1


async def test_many_strangers_are_created_with_few_statements(session: AsyncSession, now: datetime) -> None:
    addresses = [Address(f"+39333{number:07}", f"IT.{number}") for number in range(500)]
    found = await resolve_contacts(session, addresses)
    assert len(set(found.values())) == 500
    assert await count(session, "former_address") == 0
