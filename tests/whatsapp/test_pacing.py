from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatsapp.pacing import advance_tat, next_slot, size_burst, take_slots

STEP = timedelta(seconds=6)


def test_new_sender_may_send_a_burst(now: datetime) -> None:
    assert take_slots(None, now, STEP, 45, 100) == 45


def test_no_more_than_wanted(now: datetime) -> None:
    assert take_slots(None, now, STEP, 45, 3) == 3


def test_after_a_burst_the_next_waits_one_step(now: datetime) -> None:
    tat = advance_tat(None, now, STEP, 45)
    assert take_slots(tat, now, STEP, 45, 1) == 0
    assert next_slot(tat, now, STEP, 45) == now + STEP
    assert take_slots(tat, now + STEP, STEP, 45, 9) == 1


def test_idle_time_gives_no_more_than_one_burst(now: datetime) -> None:
    assert take_slots(now - timedelta(days=1), now, STEP, 45, 100) == 45


def test_whoever_never_sent_may_send_now(now: datetime) -> None:
    assert next_slot(None, now, STEP, 45) == now


@pytest.mark.parametrize(("rate", "burst"), [(1, 1), (80, 4), (1000, 50)])
def test_burst_is_fifty_milliseconds_worth(rate: float, burst: int) -> None:
    assert size_burst(rate) == burst


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 50)), max_size=60))
def test_no_stretch_of_time_sees_more_than_rate_and_burst(wishes: list[tuple[float, int]]) -> None:
    start = moment = datetime.fromisoformat("2026-11-21T21:00:00+00:00")
    step, burst, tat, taken = timedelta(seconds=1 / 80), 4, None, 0
    for pause, wanted in wishes:
        moment += timedelta(seconds=pause)
        slots = take_slots(tat, moment, step, burst, wanted)
        if slots:
            tat = advance_tat(tat, moment, step, slots)
        taken += slots
        assert taken <= (moment - start) / step + burst + 1e-6
