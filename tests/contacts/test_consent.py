"""Consent given and withdrawn, and WhatsApp's own switch."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.consent import Said, consent_state, give_consent, may_market, withdraw_consent
from contacts.identity import resolve_contacts
from core.tables import Consent
from core.types import Address, Purpose

HOUR = timedelta(hours=1)


@pytest.fixture
async def ana(session: AsyncSession) -> int:
    address = Address("+393330000001")
    return (await resolve_contacts(session, [address]))[address]


async def give(session: AsyncSession, ana: int, at: datetime, proof: str | None = "wamid.1") -> None:
    await give_consent(session, ana, Said("Sì, aggiornatemi", "whatsapp", proof, at), Purpose.MARKETING)


async def withdraw(session: AsyncSession, ana: int, at: datetime, proof: str | None = "wamid.2") -> None:
    await withdraw_consent(session, ana, Said("STOP", "whatsapp", proof, at), Purpose.MARKETING)


async def switch(session: AsyncSession, ana: int, value: str, at: datetime) -> None:
    await session.execute(
        text("INSERT INTO platform_preference (contact_id, value, at, payload) VALUES (:c, :v, :at, '{}')"),
        {"c": ana, "v": value, "at": at},
    )


async def test_without_consent_there_is_no_marketing(session: AsyncSession, ana: int) -> None:
    assert not await may_market(session, ana)


async def test_consent_allows_marketing_and_keeps_its_proof(session: AsyncSession, ana: int, now: datetime) -> None:
    await give(session, ana, now)
    assert await may_market(session, ana)
    row = (await session.execute(select(Consent))).scalar_one()
    assert (row.wording, row.channel, row.proof, row.given) == ("Sì, aggiornatemi", "whatsapp", "wamid.1", True)


async def test_a_service_consent_is_not_one_for_marketing(session: AsyncSession, ana: int, now: datetime) -> None:
    await give_consent(session, ana, Said("ok", "api", None, now), Purpose.SERVICE)
    assert not await may_market(session, ana)


async def test_the_newest_word_counts_whatever_order_it_comes_in(
    session: AsyncSession, ana: int, now: datetime
) -> None:
    await withdraw(session, ana, now)
    await give(session, ana, now - HOUR)
    assert not await may_market(session, ana)
    await give(session, ana, now + HOUR, "wamid.3")
    assert await may_market(session, ana)


async def test_yes_and_no_of_the_same_moment_is_no(session: AsyncSession, ana: int, now: datetime) -> None:
    await give(session, ana, now)
    await withdraw(session, ana, now)
    assert not await may_market(session, ana)


async def test_the_same_proof_counts_once(session: AsyncSession, ana: int, now: datetime) -> None:
    await give(session, ana, now)
    await give(session, ana, now + HOUR)
    assert len((await session.execute(select(Consent))).scalars().all()) == 1


async def test_a_platform_stop_wins_over_consent_until_resumed(session: AsyncSession, ana: int, now: datetime) -> None:
    await switch(session, ana, "stop", now)
    await give(session, ana, now + HOUR)
    assert not await may_market(session, ana)
    await switch(session, ana, "resume", now + 2 * HOUR)
    assert await may_market(session, ana)


async def test_a_platform_resume_does_not_lift_a_typed_stop(session: AsyncSession, ana: int, now: datetime) -> None:
    await give(session, ana, now)
    await withdraw(session, ana, now + HOUR)
    await switch(session, ana, "resume", now + 2 * HOUR)
    assert not await may_market(session, ana)


async def test_a_late_stop_from_before_the_resume_changes_nothing(
    session: AsyncSession, ana: int, now: datetime
) -> None:
    await give(session, ana, now)
    await switch(session, ana, "resume", now)
    await switch(session, ana, "stop", now - HOUR)
    assert await may_market(session, ana)


async def test_a_withdrawal_of_marketing_leaves_service(session: AsyncSession, ana: int, now: datetime) -> None:
    await give_consent(session, ana, Said("ok", "api", "1", now - HOUR), *Purpose)
    await withdraw(session, ana, now)
    state = await consent_state(session, ana)
    assert (state["marketing"]["given"], state["service"]["given"]) == (False, True)


async def test_the_state_tells_everything_that_counts(session: AsyncSession, ana: int, now: datetime) -> None:
    await give(session, ana, now)
    await switch(session, ana, "stop", now)
    state = await consent_state(session, ana)
    assert state["marketing"]["proof"] == "wamid.1"
    assert state["service"] is None
    assert state["platform"] == {"value": "stop", "at": now}
    assert state["may_market"] is False
