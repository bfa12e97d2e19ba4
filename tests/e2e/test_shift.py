"""A shift of two agents and three customers: twenty handoffs through real pages while workers are killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.shift import Shift, work_shift
from tests.e2e.stack import Stack, run_stack

HANDOFFS = 20


@pytest.fixture
def office(assistant: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Who writes again right after the end gets a new handoff here, not the one that was closed."""
    with run_stack(tmp_path_factory.mktemp("office"), handoff_grace_minutes=0) as stack:
        yield stack


async def test_a_shift_loses_and_doubles_nothing_and_the_assistant_is_silent(office: Stack) -> None:
    shift = await work_shift(office, HANDOFFS, kills=2)
    check_shift(office, shift)


def check_shift(stack: Stack, shift: Shift) -> None:
    assert shift.arrived(stack) == shift.answered
    assert shift.stored(stack) == shift.written
    assert shift.seen == shift.written
    assert shift.count_handoffs(stack) == (HANDOFFS, 0)
    assert shift.find_words_of_the_assistant(stack) == []
    assert shift.problems == []
