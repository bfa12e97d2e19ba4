"""What is proposed to someone who just says hello: only what fits and is not settled."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from core.db import Sessions
from tests.actions.conftest import Customer

JOINED = text(
    "INSERT INTO contract (contact_id, kind, expires_on, source) VALUES (1, 'gym', current_date + :days, 'api')"
)
HAPPENED = text(
    "INSERT INTO event (contact_id, kind, at, data) VALUES (1, :kind, now() - make_interval(days => :ago),"
    " CAST(:data AS jsonb) || CASE WHEN :own THEN jsonb_build_object('ends_on', CAST(current_date + :days AS text))"
    " ELSE '{}' END)"
)
type Greet = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def greet(connected: Sessions) -> Greet:
    """Says hello as a member of so many days more, after these events; what is said to that."""

    async def greet(days: int, *events: str, ago: int = 20, own: bool = False, **data: Any) -> list[str]:
        async with connected.begin() as session:
            await session.execute(JOINED, {"days": days})
            for kind in events:
                row = {"kind": kind, "ago": ago, "own": own, "days": days, "data": json.dumps(data)}
                await session.execute(HAPPENED, row)
        return (await Customer(slots={"language": "it"}).run("action_propose", "ciao", "greet")).said

    return greet


@pytest.mark.parametrize("days", [200, 10, 0, -20])
async def test_a_member_is_proposed_to_renew(greet: Greet, days: int) -> None:
    assert await greet(days) == ["utter_propose_membership_renewal"]


@pytest.mark.parametrize("kind", ["renewal_declined", "renewal_accepted"])
async def test_a_renewal_that_is_settled_is_not_proposed(greet: Greet, kind: str) -> None:
    assert await greet(10, kind, own=True) == ["utter_menu"]


async def test_a_no_of_the_year_before_does_not_count(greet: Greet) -> None:
    assert await greet(10, "renewal_declined", ends_on="2020-01-31") == ["utter_propose_membership_renewal"]


@pytest.mark.parametrize("days", [10, -75])
async def test_who_has_cancelled_is_asked_why_and_not_to_renew(greet: Greet, days: int) -> None:
    assert await greet(days, "cancelled") == ["utter_propose_win_back"]


async def test_whose_membership_ended_long_ago_is_no_member(greet: Greet) -> None:
    assert await greet(-90) == ["utter_propose_win_back"]


@pytest.mark.parametrize("kind", ["churn_reason", "return_declined", "return_accepted"])
async def test_nobody_is_asked_twice_why_they_left(greet: Greet, kind: str) -> None:
    assert await greet(-90, kind) == ["utter_menu"]
