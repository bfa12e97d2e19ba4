from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from whatsapp.errors import (
    BY_HAND,
    POLICIES,
    TRIES,
    Action,
    find_policy,
    lengthen_pause,
    pause_until,
    retry_at,
)

PROBE, HOUR = 600, 3600
# code, action, seconds of pause (None: until a person resumes), whether someone must look
TABLE: list[tuple[int, Action, float | None, bool]] = [
    (0, Action.PAUSE, PROBE, True),
    (190, Action.PAUSE, PROBE, True),
    (3, Action.PAUSE, PROBE, True),
    (10, Action.PAUSE, PROBE, True),
    *((code, Action.PAUSE, PROBE, True) for code in range(200, 300)),
    (131005, Action.PAUSE, PROBE, True),
    (1, Action.RETRY, 0, False),
    (2, Action.RETRY, 0, False),
    (131000, Action.RETRY, 0, False),
    (131016, Action.RETRY, 0, False),
    (133004, Action.RETRY, 0, False),
    (4, Action.PAUSE, 60, False),
    (80007, Action.PAUSE, 60, False),
    (130429, Action.SLOW, 2, False),
    (131056, Action.PAIR_DELAY, 0, False),
    (131057, Action.PAUSE, 120, False),
    (2494100, Action.PAUSE, 120, False),
    (131048, Action.PAUSE, None, True),
    (131064, Action.PAUSE, HOUR, True),
    (368, Action.PAUSE, HOUR, True),
    (131031, Action.PAUSE, HOUR, True),
    (130497, Action.FAIL, 0, True),
    (131042, Action.PAUSE, PROBE, True),
    (33, Action.PAUSE, PROBE, True),
    (131045, Action.PAUSE, PROBE, True),
    (133010, Action.PAUSE, PROBE, True),
    (131037, Action.PAUSE, PROBE, True),
    (100, Action.FAIL, 0, True),
    (131008, Action.FAIL, 0, True),
    (131009, Action.FAIL, 0, True),
    (131051, Action.FAIL, 0, True),
    (135000, Action.FAIL, 0, True),
    (131021, Action.FAIL, 0, False),
    (131026, Action.FAIL, 0, False),
    (131030, Action.FAIL, 0, False),
    (131047, Action.FAIL, 0, False),
    (131049, Action.REST_MARKETING, 0, False),
    (131050, Action.STOP_MARKETING, 0, False),
    (130403, Action.FAIL, 0, False),
    (130472, Action.FAIL, 0, False),
    (131052, Action.FAIL, 0, False),
    (131053, Action.FAIL, 0, True),
    (132000, Action.FAIL, 0, True),
    (132012, Action.FAIL, 0, True),
    (132018, Action.FAIL, 0, True),
    (132001, Action.FAIL, 0, True),
    (132005, Action.FAIL, 0, True),
    (132007, Action.FAIL, 0, True),
    (132015, Action.FAIL, 0, True),
    (132016, Action.FAIL, 0, True),
    (132068, Action.FAIL, 0, True),
    (132069, Action.FAIL, 0, True),
    (131055, Action.FAIL, 0, True),
    (134100, Action.FAIL, 0, True),
    (131063, Action.FAIL, 0, True),
    (131061, Action.FAIL, 0, True),
    (131062, Action.FAIL, 0, True),
    (131065, Action.FAIL, 0, False),
    (131070, Action.FAIL, 0, False),
    (134101, Action.RETRY, 0, False),
    (134102, Action.FAIL, 0, True),
    (133000, Action.FAIL, 0, True),
    (133005, Action.FAIL, 0, True),
    (133006, Action.FAIL, 0, True),
    (133008, Action.FAIL, 0, True),
    (133009, Action.FAIL, 0, True),
    (133015, Action.FAIL, 0, True),
    (133016, Action.FAIL, 0, True),
    (137000, Action.FAIL, 0, True),
    (999999, Action.FAIL, 0, True),
]


@pytest.mark.parametrize(("code", "action", "pause", "alert"), TABLE)
def test_code_has_its_rule(code: int, action: Action, pause: float | None, alert: bool) -> None:
    policy = find_policy(code)
    assert (policy.action, policy.pause_seconds, policy.alert) == (action, pause, alert)
    assert policy.reason


def test_every_known_code_has_a_case() -> None:
    assert {code for code, *_ in TABLE} - {999999} == set(POLICIES)


@pytest.mark.parametrize(
    ("status", "action"), [(401, Action.PAUSE), (403, Action.PAUSE), (429, Action.PAUSE), (418, Action.FAIL)]
)
def test_without_a_code_the_status_decides(status: int, action: Action) -> None:
    assert find_policy(None, status).action is action


@pytest.mark.parametrize(
    ("code", "tried", "seconds"),
    [
        (131000, 0, 2),
        (131000, 1, 8),
        (131000, 3, 128),
        (131000, TRIES - 1, None),
        (131056, 0, 6),
        (131056, 2, 96),
        (134101, 0, 600),
        (130429, 9, 0),  # waiting for the number uses up no try
        (190, 9, 0),
        (131026, 0, None),
        (131049, 0, None),
        (131050, 0, None),
    ],
)
def test_when_a_message_is_tried_again(code: int, tried: int, seconds: float | None, now: datetime) -> None:
    due_at = retry_at(find_policy(code), tried, now, jitter=0)
    assert due_at == (None if seconds is None else now + timedelta(seconds=seconds))


def test_chance_spreads_retries(now: datetime) -> None:
    assert retry_at(find_policy(131000), 0, now, jitter=1) == now + timedelta(seconds=2.5)


@pytest.mark.parametrize(("code", "seconds"), [(190, 600), (130429, 2), (131026, None), (131000, None)])
def test_how_long_the_number_rests(code: int, seconds: float | None, now: datetime) -> None:
    assert pause_until(find_policy(code), now) == (None if seconds is None else now + timedelta(seconds=seconds))


def test_number_with_complaints_rests_until_a_person_resumes(now: datetime) -> None:
    assert pause_until(find_policy(131048), now) == BY_HAND


@pytest.mark.parametrize(
    ("code", "asked", "pause"), [(4, 300, 300), (4, 5, 60), (4, 999_999, 3600), (131048, 5, None), (131026, 300, 0)]
)
def test_whatsapp_may_ask_for_a_longer_rest(code: int, asked: float, pause: float | None) -> None:
    assert lengthen_pause(find_policy(code), asked).pause_seconds == pause
