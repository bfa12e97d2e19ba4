from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from core.tables import Contact, Contract, Event, Outbox, Score, ScoreChange
from scoring.refresh import refresh_contact, refresh_stale
from tests.scoring.people import add_contact, write_message


def deliver(contact: Contact, number: int, delivered_at: datetime | None, created_at: datetime) -> Outbox:
    return Outbox(
        contact_id=contact.id,
        phone_number_id="900",
        key=f"k{contact.id}.{number}",
        callback=f"c{contact.id}.{number}",
        kind="template",
        purpose="marketing",
        body={},
        text="x",
        state="delivered" if delivered_at else "sent",
        due_at=created_at,
        created_at=created_at,
        delivered_at=delivered_at,
    )


async def test_rows_become_points(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    session.add_all(
        [
            Contract(contact_id=contact.id, kind="electricity", expires_on=date(2026, 12, 21), source="test"),
            write_message(contact, now - timedelta(days=2)),
            Event(contact_id=contact.id, kind="offer_click", at=now - timedelta(days=1)),
            Event(contact_id=contact.id, kind="quote_request", at=now),
        ]
    )
    await session.flush()
    result = await refresh_contact(session, contact.id, now)
    assert (result.points, result.band) == (95, "high")
    assert [line.on for line in result.receipt][:4] == [
        date(2026, 12, 21),
        date(2026, 11, 19),
        date(2026, 11, 20),
        date(2026, 11, 21),
    ]


async def test_the_score_is_stored_with_its_receipt(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    session.add(write_message(contact, now))
    await session.flush()
    result = await refresh_contact(session, contact.id, now)
    stored = await session.get(Score, contact.id)
    assert stored is not None
    assert (stored.points, stored.version, stored.receipt) == (20, "v3", result.receipt_json())


async def test_an_unchanged_score_is_not_written_again(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    await refresh_contact(session, contact.id, now)
    await refresh_contact(session, contact.id, now + timedelta(hours=1))
    assert await session.scalar(select(Score.computed_at)) == now
    assert len((await session.scalars(select(ScoreChange))).all()) == 1


async def test_a_change_is_kept_with_the_points_before(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    await refresh_contact(session, contact.id, now)
    session.add(write_message(contact, now))
    await session.flush()
    await refresh_contact(session, contact.id, now)
    changes = (await session.scalars(select(ScoreChange).order_by(ScoreChange.id))).all()
    assert [(change.points_before, change.points) for change in changes] == [(None, 0), (0, 20)]


async def test_a_newer_day_of_the_same_fact_is_no_new_history(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    for days in (3, 1):
        session.add(write_message(contact, now - timedelta(days)))
        await session.flush()
        await refresh_contact(session, contact.id, now)
    stored = await session.get(Score, contact.id)
    assert stored is not None
    assert stored.receipt[0]["on"] == "2026-11-20"
    assert len((await session.scalars(select(ScoreChange))).all()) == 1


@pytest.mark.parametrize(("zone", "points"), [("Europe/Rome", 40), ("America/New_York", 0)])
async def test_days_are_counted_in_the_contacts_time_zone(session: AsyncSession, zone: str, points: int) -> None:
    """23:30 UTC is the next day in Rome and still the day before in New York."""
    contact = await add_contact(session, timezone=zone)
    session.add(Contract(contact_id=contact.id, kind="electricity", expires_on=date(2027, 1, 21), source="test"))
    await session.flush()
    night = datetime.fromisoformat("2026-11-21T23:30:00+00:00")  # 60 days from the 22nd on
    assert (await refresh_contact(session, contact.id, night)).points == points


async def test_a_running_contract_counts_before_an_ended_one(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    for kind, day in (("gas", date(2026, 11, 20)), ("electricity", date(2026, 12, 30))):
        session.add(Contract(contact_id=contact.id, kind=kind, expires_on=day, source="test"))
    await session.flush()
    assert (await refresh_contact(session, contact.id, now)).points == 40


async def test_a_system_notice_is_no_reply(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    session.add(write_message(contact, now, kind="system"))
    await session.flush()
    assert (await refresh_contact(session, contact.id, now)).points == 0


async def rate_after(
    session: AsyncSession, now: datetime, delivered: list[timedelta | None], *others: tuple[str, timedelta]
) -> list[str]:
    """Rules that hold for a contact whose messages were delivered so long ago (None: never)."""
    contact = await add_contact(session)
    for number, age in enumerate(delivered):
        session.add(deliver(contact, number, now - age if age is not None else None, now - timedelta(days=90)))
    for kind, age in others:
        row = (
            write_message(contact, now - age)
            if kind == "reply"
            else Event(contact_id=contact.id, kind=kind, at=now - age)
        )
        session.add(row)
    await session.flush()
    return [line.rule for line in (await refresh_contact(session, contact.id, now)).receipt]


FIVE = [timedelta(days=40 + days) for days in range(5)]


async def test_five_delivered_messages_without_reaction_are_ignored(session: AsyncSession, now: datetime) -> None:
    assert "ignored" in await rate_after(session, now, [*FIVE])


async def test_an_undelivered_message_is_not_ignored(session: AsyncSession, now: datetime) -> None:
    assert "ignored" not in await rate_after(session, now, [*FIVE[:4], None])


async def test_a_message_has_24_hours_before_it_counts(session: AsyncSession, now: datetime) -> None:
    assert "ignored" not in await rate_after(session, now, [*FIVE[:4], timedelta(hours=23)])
    assert "ignored" in await rate_after(session, now, [*FIVE[:4], timedelta(hours=24)])


@pytest.mark.parametrize("reaction", ["reply", "offer_click"])
async def test_a_reaction_ends_the_row(session: AsyncSession, now: datetime, reaction: str) -> None:
    assert "ignored" not in await rate_after(session, now, [*FIVE], (reaction, timedelta(days=42)))


async def test_a_reaction_before_all_five_does_not_help(session: AsyncSession, now: datetime) -> None:
    assert "ignored" in await rate_after(session, now, [*FIVE], ("reply", timedelta(days=50)))


async def test_a_refresh_clears_the_mark(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session, score_stale_at=now)
    await refresh_contact(session, contact.id, now)
    await session.refresh(contact)
    assert contact.score_stale_at is None


async def test_stale_contacts_are_refreshed_in_batches(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    for number in range(5):
        await add_contact(session, score_stale_at=now - timedelta(minutes=number))
    await add_contact(session)
    await session.commit()
    assert [await refresh_stale(sessions, now, limit=3) for _ in range(3)] == [3, 2, 0]
    assert len((await session.scalars(select(Score))).all()) == 5


async def test_a_contact_somebody_writes_to_is_left_for_later(
    sessions: Sessions, session: AsyncSession, now: datetime
) -> None:
    contact = await add_contact(session, score_stale_at=now)
    await session.commit()
    async with sessions.begin() as other:
        await other.execute(text("UPDATE contact SET name = 'Ana' WHERE id = :id"), {"id": contact.id})
        assert await refresh_stale(sessions, now) == 0
    assert await refresh_stale(sessions, now) == 1


async def test_an_erased_contact_has_no_score(sessions: Sessions, session: AsyncSession, now: datetime) -> None:
    await add_contact(session, score_stale_at=now, erased_at=now)
    await session.commit()
    assert await refresh_stale(sessions, now) == 1
    assert (await session.scalars(select(Score))).all() == []


async def test_an_unknown_contact_is_an_error(session: AsyncSession, now: datetime) -> None:
    with pytest.raises(LookupError):
        await refresh_contact(session, 4711, now)
