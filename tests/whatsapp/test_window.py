from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from whatsapp.window import close_window_at, is_window_open


@pytest.mark.parametrize(
    ("ago", "is_open"),
    [
        (timedelta(), True),
        (timedelta(hours=23, minutes=58, seconds=59), True),
        (timedelta(hours=23, minutes=59), False),  # the margin of a minute
        (timedelta(hours=24), False),
        (timedelta(days=7), False),  # a webhook that came late
    ],
)
def test_window_lasts_a_day_less_a_minute(ago: timedelta, is_open: bool, now: datetime) -> None:
    assert is_window_open(now - ago, now) is is_open


def test_window_of_someone_who_never_wrote_is_closed(now: datetime) -> None:
    assert not is_window_open(None, now)


def test_window_closes_a_minute_early(now: datetime) -> None:
    assert close_window_at(now) == now + timedelta(hours=23, minutes=59)
