from __future__ import annotations

from datetime import date, timedelta

import pytest

from scoring.reading import load_rules
from scoring.score import LIMIT, ScoreResult, score
from scoring.signals import Signals

TODAY = date(2026, 11, 21)
V1 = load_rules().by_name["energy"].versions["v1"]


def ago(days: int) -> date:
    return TODAY - timedelta(days)


def rate(signals: Signals) -> ScoreResult:
    return score(signals, V1, TODAY)


@pytest.mark.parametrize(
    ("signals", "points"),
    [
        (Signals(), 0),
        (Signals(expires_on=TODAY), 40),
        (Signals(expires_on=TODAY + timedelta(60)), 40),
        (Signals(expires_on=TODAY + timedelta(61)), 0),
        (Signals(expires_on=ago(1)), 0),
        (Signals(replied_on=TODAY), 20),
        (Signals(replied_on=ago(30)), 20),
        (Signals(replied_on=ago(31)), 0),
        (Signals(clicked_on=ago(400)), 15),
        (Signals(quoted_on=ago(400)), 10),
        (Signals(ignored_in_a_row=4, replied_on=ago(20)), 20),
        (Signals(ignored_in_a_row=5, ignored_on=ago(2), replied_on=ago(20)), 0),
        (Signals(expires_on=TODAY, replied_on=TODAY, clicked_on=TODAY, quoted_on=TODAY), 85),
    ],
)
def test_s0_17_to_s0_21_points(signals: Signals, points: int) -> None:
    assert rate(signals).points == points


def test_s0_22_the_score_never_goes_below_zero() -> None:
    result = rate(Signals(ignored_in_a_row=5, ignored_on=ago(2)))
    assert result.points == 0
    assert [line.rule for line in result.receipt] == ["ignored", LIMIT]


@pytest.mark.parametrize(
    "signals",
    [
        Signals(ignored_in_a_row=9, ignored_on=TODAY),
        Signals(expires_on=TODAY, clicked_on=TODAY),
        Signals(expires_on=TODAY, ignored_in_a_row=5, ignored_on=TODAY),
    ],
)
def test_the_receipt_adds_up(signals: Signals) -> None:
    result = rate(signals)
    assert sum(line.points for line in result.receipt) == result.points


@pytest.mark.parametrize(
    ("signals", "band"),
    [
        (Signals(expires_on=TODAY + timedelta(50)), "low"),
        (Signals(expires_on=TODAY, quoted_on=TODAY), "middle"),
        (Signals(expires_on=TODAY, replied_on=TODAY, quoted_on=TODAY), "middle"),
        (Signals(expires_on=TODAY, replied_on=TODAY, clicked_on=TODAY), "high"),
    ],
)
def test_the_band_follows_the_points(signals: Signals, band: str) -> None:
    assert rate(signals).band == band


def test_a_receipt_line_tells_rule_points_fact_and_day() -> None:
    (line,) = rate(Signals(expires_on=date(2026, 12, 11))).receipt
    assert line.as_json() == {
        "rule": "expiry_near",
        "points": 40,
        "fact": {"signal": "days_left", "at_least": 0, "at_most": 60},
        "on": "2026-12-11",
    }


def test_a_receipt_stays_the_same_while_nothing_happens() -> None:
    signals = Signals(expires_on=date(2026, 12, 11), replied_on=ago(3))
    today, tomorrow = (score(signals, V1, TODAY + timedelta(days)) for days in (0, 1))
    assert today == tomorrow
