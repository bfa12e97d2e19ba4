"""Arms are drawn by hash: the same each time, in the shares that were asked for, and kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from campaigns.arms import CONTROL, assign_arms, draw_arm, split_arms
from core.db import Sessions
from core.tables import Campaign, Contact

TOKENS = [f"token{n}" for n in range(8_000)]
HALVES = {"a": 50, "b": 50}


async def add_contacts(sessions: Sessions, many: int = 40) -> list[int]:
    async with sessions.begin() as session:
        contacts = [Contact(token=f"c{n}", phone=f"+39021{n:06}") for n in range(many)]
        session.add_all(contacts)
        await session.flush()
        return [one.id for one in contacts]


@pytest.mark.parametrize(
    ("arms", "control", "promoted", "shares"),
    [
        ({"only": 100}, 10, None, {CONTROL: 0.1, "only": 0.9}),
        (HALVES, 10, None, {CONTROL: 0.1, "a": 0.45, "b": 0.45}),
        ({"a": 20, "b": 80}, 0, None, {"a": 0.2, "b": 0.8}),
        (HALVES, 10, "b", {"b": 0.95, CONTROL: 0.05 * 10 / 55, "a": 0.05 * 45 / 55}),
        ({"only": 100}, 0, "only", {"only": 1.0}),
        (HALVES, 10, "gone", {CONTROL: 0.1, "a": 0.45, "b": 0.45}),
    ],
)
def test_contacts_are_split_in_the_shares_asked_for(
    arms: dict[str, int], control: int, promoted: str | None, shares: dict[str, float]
) -> None:
    found = split_arms(arms, control, promoted)
    assert found == pytest.approx(shares)
    drawn = Counter(draw_arm("energy", token, found) for token in TOKENS)
    for arm, share in shares.items():
        assert drawn[arm] / len(TOKENS) == pytest.approx(share, abs=0.02)


def test_other_arms_move_nobody_in_or_out_of_the_control_group() -> None:
    before = {token for token in TOKENS if draw_arm("energy", token, split_arms({"a": 100}, 10)) == CONTROL}
    after = {token for token in TOKENS if draw_arm("energy", token, split_arms({"a": 10, "c": 90}, 10)) == CONTROL}
    smaller = {token for token in TOKENS if draw_arm("energy", token, split_arms(HALVES, 10, "a")) == CONTROL}
    assert before == after
    assert smaller < before


def test_campaigns_draw_independently() -> None:
    shares = split_arms({"a": 100}, 50)
    both = sum(draw_arm("energy", token, shares) == draw_arm("gym", token, shares) for token in TOKENS)
    assert both / len(TOKENS) == pytest.approx(0.5, abs=0.02)


async def test_an_arm_is_kept_whatever_the_shares_become(sessions: Sessions, now: datetime) -> None:
    ids = await add_contacts(sessions)
    async with sessions.begin() as session:
        first = await assign_arms(session, "energy", ids, HALVES, 10, now)
    async with sessions.begin() as session:
        assert await assign_arms(session, "energy", ids, {"c": 100}, 0, now + timedelta(days=400)) == first
        stored = (await session.execute(text("SELECT contact_id, arm FROM arm_assignment"))).all()
    assert {row.contact_id: row.arm for row in stored} == first
    assert set(first.values()) == {"a", "b", CONTROL}


async def test_two_workers_that_see_different_versions_agree(sessions: Sessions, now: datetime) -> None:
    ids = await add_contacts(sessions)

    async def assign(arms: dict[str, int]) -> dict[int, str]:
        async with sessions.begin() as session:
            return await assign_arms(session, "energy", ids, arms, 10, now)

    one, other = await asyncio.gather(assign({"a": 100}), assign({"b": 100}))
    assert one == other


async def test_after_a_promotion_newcomers_and_old_ones_get_the_winner(sessions: Sessions, now: datetime) -> None:
    ids = await add_contacts(sessions)
    async with sessions.begin() as session:
        session.add(Campaign(name="energy", state="running", changed_at=now))
        await assign_arms(session, "energy", ids, HALVES, 10, now)
        await session.execute(
            text("UPDATE campaign SET promoted_arm = 'b', promoted_at = :at"), {"at": now + timedelta(days=1)}
        )
    async with sessions.begin() as session:
        later = await assign_arms(session, "energy", ids, HALVES, 10, now + timedelta(days=2))
        again = await assign_arms(session, "energy", ids, HALVES, 10, now + timedelta(days=3))
    assert Counter(later.values())["b"] > 34
    assert later == again
