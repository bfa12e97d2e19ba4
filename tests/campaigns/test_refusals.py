"""A no to a renewal or to coming back is respected, and former members are not asked to renew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.refusals import Proposed, find_refusals
from core.tables import Contact, Contract, Event
from offers.member import load_member

ZONE = "Europe/Rome"


@pytest_asyncio.fixture
async def contact_id(session: AsyncSession) -> int:
    contact = Contact(token="ada", phone="+393331234567", name="Ada")
    session.add(contact)
    await session.flush()
    return contact.id


async def join(session: AsyncSession, contact_id: int, now: datetime, days: int) -> str:
    """A membership that ends in so many days; its end as events tell it."""
    ends_on = (now + timedelta(days=days)).date()
    session.add(Contract(contact_id=contact_id, kind="gym", expires_on=ends_on, source="api"))
    await session.flush()
    return str(ends_on)


async def happen(session: AsyncSession, contact_id: int, at: datetime, kind: str, **data: Any) -> None:
    session.add(Event(contact_id=contact_id, kind=kind, at=at, data=data))
    await session.flush()


async def find_refusal(session: AsyncSession, contact_id: int, proposal: str, now: datetime) -> str | None:
    """The gate's question about one contact."""
    member = await load_member(session, contact_id, now)
    refusal = (await find_refusals(session, [Proposed(contact_id, proposal, ZONE, member)], now))[0]
    return refusal.tell("en") if refusal else None


async def test_a_running_membership_may_be_renewed(session: AsyncSession, contact_id: int, now: datetime) -> None:
    await join(session, contact_id, now, 10)
    assert await find_refusal(session, contact_id, "membership_renewal", now) is None


async def test_a_no_counts_for_its_own_contract(session: AsyncSession, contact_id: int, now: datetime) -> None:
    ends_on = await join(session, contact_id, now, 10)
    await happen(session, contact_id, now, "renewal_declined", ends_on="2025-01-31", reason="price")
    assert await find_refusal(session, contact_id, "membership_renewal", now) is None
    await happen(session, contact_id, now, "renewal_declined", ends_on=ends_on, reason="price")
    refusal = await find_refusal(session, contact_id, "membership_renewal", now)
    assert refusal == (
        f"said no to renewing the membership that ends on {ends_on}, reason: price;"
        " another end date in the contract lifts it"
    )


async def test_a_yes_after_a_no_counts(session: AsyncSession, contact_id: int, now: datetime) -> None:
    ends_on = await join(session, contact_id, now, 10)
    await happen(session, contact_id, now, "renewal_declined", ends_on=ends_on)
    await happen(session, contact_id, now + timedelta(minutes=1), "renewal_accepted", ends_on=ends_on)
    refusal = await find_refusal(session, contact_id, "membership_renewal", now)
    assert refusal is not None
    assert "has renewed" in refusal


@pytest.mark.parametrize(("days", "data", "refused"), [(10, {}, True), (10, {"contract": "electricity"}, False)])
async def test_who_has_cancelled_is_not_asked_to_renew(
    session: AsyncSession, contact_id: int, now: datetime, days: int, data: dict[str, str], refused: bool
) -> None:
    await join(session, contact_id, now, days)
    await happen(session, contact_id, now - timedelta(days=20), "cancelled", **data)
    refusal = await find_refusal(session, contact_id, "membership_renewal", now)
    assert (refusal is not None and "win_back" in refusal) is refused


async def test_a_cancellation_of_long_ago_was_of_another_contract(
    session: AsyncSession, contact_id: int, now: datetime
) -> None:
    await join(session, contact_id, now, 200)
    await happen(session, contact_id, now - timedelta(days=30), "cancelled")
    assert await find_refusal(session, contact_id, "membership_renewal", now) is None


@pytest.mark.parametrize(("days", "refused"), [(-30, False), (-31, True)])
async def test_a_membership_long_over_is_not_renewed(
    session: AsyncSession, contact_id: int, now: datetime, days: int, refused: bool
) -> None:
    await join(session, contact_id, now, days)
    refusal = await find_refusal(session, contact_id, "membership_renewal", now)
    assert (refusal is not None) is refused


async def test_only_who_has_left_is_won_back(session: AsyncSession, contact_id: int, now: datetime) -> None:
    assert await find_refusal(session, contact_id, "win_back", now) is None
    await join(session, contact_id, now, 10)
    refusal = await find_refusal(session, contact_id, "win_back", now)
    assert refusal is not None
    assert "still a member" in refusal
    await happen(session, contact_id, now, "cancelled")
    assert await find_refusal(session, contact_id, "win_back", now) is None


async def test_a_no_to_coming_back_is_the_last_word(session: AsyncSession, contact_id: int, now: datetime) -> None:
    await happen(session, contact_id, now, "return_declined")
    refusal = await find_refusal(session, contact_id, "win_back", now)
    assert refusal == "said on 2026-11-21 not to want to come back"


async def test_other_messages_are_not_concerned(session: AsyncSession, contact_id: int, now: datetime) -> None:
    await join(session, contact_id, now, -200)
    assert await find_refusal(session, contact_id, "energy_comparison", now) is None
