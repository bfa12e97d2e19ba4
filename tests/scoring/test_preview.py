"""What other rules would do, and what a published edition does."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import RuleEdition, Score
from scoring.editions import publish_edition, read_edition, read_text
from scoring.gate import read_gate
from scoring.nodes import RulesError
from scoring.preview import Move, Preview, preview
from scoring.reading import RULES, load_rules
from scoring.refresh import refresh_contact
from tests.scoring.people import add_contact, end_contract, happen, write_message

SHIPPED = RULES.read_text(encoding="utf-8")
STRONGER = SHIPPED.replace("points: 40}", "points: 60}")


async def add_three(session: AsyncSession, now: datetime) -> None:
    """Contacts of 40, 60 and 0 points."""
    for days, wrote in ((50, False), (50, True), (90, False)):
        contact = await add_contact(session, name="Ada")
        session.add(end_contract(contact, now.date() + timedelta(days)))
        if wrote:
            session.add(write_message(contact, now))
        await session.flush()
        await refresh_contact(session, contact.id, now)


async def test_a_preview_counts_who_moves(session: AsyncSession, now: datetime) -> None:
    await add_three(session, now)
    found = await preview(session, STRONGER, now)
    assert found.moves == [Move("energy", "low", "middle", 1), Move("energy", "middle", "high", 1)]
    assert (found.contacts, found.changed, found.bands) == (3, 2, {"low": 1, "middle": 1, "high": 1})
    assert (found.count_into("high"), found.count_out_of("low")) == (1, 1)
    assert [(one.contact_id, one.points_before, one.points) for one in found.movers] == [(1, 40, 60), (2, 60, 80)]
    assert found.movers[0].name == "Ada"


async def test_a_preview_writes_nothing_and_the_same_rules_move_nobody(session: AsyncSession, now: datetime) -> None:
    await add_three(session, now)
    before = (await session.scalars(select(Score.points).order_by(Score.contact_id))).all()
    await preview(session, STRONGER, now)
    found = await preview(session, SHIPPED, now)
    assert (found.moves, found.movers, found.changed) == ([], [], 0)
    assert (await session.scalars(select(Score.points).order_by(Score.contact_id))).all() == before


async def test_nobody_moves_where_nobody_is(session: AsyncSession, now: datetime) -> None:
    assert await preview(session, SHIPPED, now) == Preview(0, 0, {"low": 0, "middle": 0, "high": 0}, [], [])


async def test_without_an_edition_the_shipped_rules_count(session: AsyncSession) -> None:
    assert await read_edition(session) is load_rules()
    assert await read_text(session) == SHIPPED


async def test_the_newest_edition_counts(session: AsyncSession, now: datetime) -> None:
    for content in (STRONGER, SHIPPED + "# calm\n", STRONGER):
        await publish_edition(session, content, "marta", now, "why not")
    assert await read_text(session) == STRONGER
    contact = await add_contact(session)
    session.add(end_contract(contact, now.date() + timedelta(50)))
    assert (await refresh_contact(session, contact.id, now)).points == 60


async def test_rules_with_a_mistake_are_not_published(session: AsyncSession, now: datetime) -> None:
    with pytest.raises(RulesError, match=r"^rules:\d+: signal 'moon_phase' is unknown"):
        await publish_edition(
            session,
            SHIPPED.replace("signal: saving_percent, at_least: 7, points", "signal: moon_phase, at_least: 7, points"),
            "marta",
            now,
        )
    assert (await session.scalars(select(RuleEdition))).all() == []


@pytest.mark.parametrize(("days", "open_"), [(46, False), (45, True), (0, True), (-1, False)])
async def test_the_gate_opens_on_day_45_and_closes_after_the_end(
    session: AsyncSession, now: datetime, days: int, open_: bool
) -> None:
    """Rules v2: above 70 points only within 45 days. Far or ended contracts give no points, so others must."""
    rich = SHIPPED.replace("active: v3", "active: v2").replace(
        "id: expiry_near, signal: days_left, at_least: 0, at_most: 60",
        "id: expiry_near, signal: days_left, at_least: -5, at_most: 60",
    )
    await publish_edition(session, rich, "marta", now)
    contact = await add_contact(session)
    session.add_all([end_contract(contact, date(2026, 11, 21) + timedelta(days)), write_message(contact, now)])
    session.add_all([happen(contact, kind, now) for kind in ("offer_click", "quote_request", "form")])
    await session.flush()
    await refresh_contact(session, contact.id, now)
    answer = await read_gate(session, contact.id, now)
    assert answer is not None
    assert answer.points > 70
    assert answer.open is open_
    assert bool(answer.words("it")) is not open_


async def test_the_gate_knows_what_day_it_is_before_the_night_has_run(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    assert await read_gate(session, contact.id, now) is None
    session.add(end_contract(contact, date(2026, 12, 1)))
    await session.flush()
    await refresh_contact(session, contact.id, now)
    for days, points in ((0, 50), (11, 0)):
        answer = await read_gate(session, contact.id, now + timedelta(days))
        assert answer is not None
        assert (answer.points, answer.words("en")) == (points, ["the score is not above 85"])
