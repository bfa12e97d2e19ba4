"""The gate's order and its single reasons."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from campaigns.gate.decide import STAGES, decide, move_to_day
from campaigns.gate.details import describe, read_detail
from campaigns.gate.explain import explain_held
from campaigns.gate.facts import Facts, Room
from campaigns.gate.limits import Limits, read_limits
from campaigns.gate.quiet import Home
from campaigns.gate.wishes import Held, Origin, SendWish
from core.types import HoldReason, Language, Preference, TemplateKind

NOW = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)  # a Wednesday noon in Rome
NIGHT = datetime(2026, 11, 18, 22, 0, tzinfo=UTC)
LIMITS = read_limits()
WISH = SendWish(1, "energy_value", "k")
ADA = Facts(
    wish=WISH,
    kind=TemplateKind.OFFER,
    home=Home("Europe/Rome", "IT"),
    room=Room(people=10, minute=10, day=Decimal(10), month=Decimal(100)),
    language=Language.IT,
    consent=True,
    points=90,
    days_left=30,
    saving_percent=9,
    cost=Decimal("0.06"),
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What stands against it, in the order in which it is asked.
AGAINST: list[tuple[HoldReason, dict[str, Any]]] = [
    (HoldReason.ERASED, {"erased": True}),
    (HoldReason.NO_ADDRESS, {"reachable": False}),
    (HoldReason.BLOCKED, {"undelivered": 3}),
    (HoldReason.PLATFORM_STOP, {"preference": Preference.STOP}),
    (HoldReason.OPTED_OUT, {"consent": False}),
    (HoldReason.NO_CONSENT, {"consent": None}),
    (HoldReason.REFUSED, {"refusal": describe("ended", ends_on="2026-01-31")}),
    (HoldReason.MARKETING_REST, {"refused_at": NOW - HOUR}),
    (HoldReason.HANDOFF, {"handoff_open": True}),
    (HoldReason.CONVERSATION, {"last_inbound_at": NOW - timedelta(minutes=59)}),
    (HoldReason.TEMPLATE_PAUSED, {"template_problem": HoldReason.TEMPLATE_PAUSED}),
    (HoldReason.VALUE_MISSING, {"missing": "name"}),
    (HoldReason.SCORE, {"points": 60, "score_gate": ({"above": 70},)}),
    (HoldReason.DEADLINE, {"days_left": 46, "score_gate": ({"above": 70, "signal": "days_left", "at_most": 45},)}),
    (HoldReason.SAVING, {"score_gate": ({"above": 85, "signal": "saving_percent", "at_least": 7},)}),
    (HoldReason.DAILY_CAP, {"sent_at": [NOW - HOUR]}),
    (HoldReason.WEEKLY_CAP, {"sent_at": [NOW - DAY, NOW - 3 * DAY, NOW - 6 * DAY]}),
    (HoldReason.PORTFOLIO_LIMIT, {"room": replace(ADA.room, people=0)}),
    (HoldReason.BUDGET, {"room": replace(ADA.room, day=Decimal("0.05"))}),
    (HoldReason.BUDGET, {"room": replace(ADA.room, month=Decimal("0.05"))}),
    (HoldReason.NUMBER_PAUSED, {"room": replace(ADA.room, paused_until=NOW + HOUR)}),
    (HoldReason.PACE, {"room": replace(ADA.room, minute=0)}),
]


def ask(facts: Facts, now: datetime = NOW, limits: Limits = LIMITS) -> HoldReason | None:
    held = decide(facts, limits, now)
    return held.reason if held else None


def test_it_goes_where_nothing_stands_against_it() -> None:
    assert decide(ADA, LIMITS, NOW) is None


@pytest.mark.parametrize(("reason", "facts"), AGAINST)
def test_each_reason_holds_it(reason: HoldReason, facts: dict[str, Any]) -> None:
    assert ask(replace(ADA, **facts)) is reason


@pytest.mark.parametrize("place", [n for n, (_, facts) in enumerate(AGAINST) if "room" not in facts])
def test_the_first_reason_is_the_answer(place: int) -> None:
    """Everything that is asked later stands against it too."""
    nothing_left = Room(people=0, minute=0, day=Decimal(0), month=Decimal(0), paused_until=NOW + HOUR)
    facts = replace(ADA, room=nothing_left)
    for _, against in reversed(AGAINST[place:]):
        facts = replace(facts, **{name: value for name, value in against.items() if name != "room"})
    assert ask(facts) is AGAINST[place][0]


def test_of_what_is_left_for_everybody_people_come_first_and_the_pace_last() -> None:
    room = Room(people=0, minute=0, day=Decimal(0), paused_until=NOW + HOUR)
    found = [ask(replace(ADA, room=room))]
    found.append(ask(replace(ADA, room=(room := replace(room, people=None)))))
    found.append(ask(replace(ADA, room=(room := replace(room, day=None)))))
    found.append(ask(replace(ADA, room=replace(room, paused_until=None))))
    assert found == [HoldReason.PORTFOLIO_LIMIT, HoldReason.BUDGET, HoldReason.NUMBER_PAUSED, HoldReason.PACE]


def test_the_reasons_are_asked_in_the_order_of_their_list() -> None:
    known = list(HoldReason)
    places = [known.index(reason) for reason, _ in AGAINST]
    assert places == sorted(places)
    assert len(STAGES) == 8


@pytest.mark.parametrize(
    ("origin", "goes"),
    [
        (Origin.SYSTEM, {HoldReason.SCORE, HoldReason.DEADLINE, HoldReason.SAVING}),
        (
            Origin.ASKED,
            {HoldReason.SCORE, HoldReason.DEADLINE, HoldReason.SAVING, HoldReason.DAILY_CAP, HoldReason.WEEKLY_CAP},
        ),
        (
            Origin.PERSON,
            {
                HoldReason.SCORE,
                HoldReason.DEADLINE,
                HoldReason.SAVING,
                HoldReason.DAILY_CAP,
                HoldReason.WEEKLY_CAP,
                HoldReason.HANDOFF,
                HoldReason.CONVERSATION,
                HoldReason.PACE,
            },
        ),
    ],
)
def test_who_wants_it_decides_what_is_not_asked(origin: Origin, goes: set[HoldReason]) -> None:
    wish = replace(WISH, origin=origin)
    went = {reason for reason, facts in AGAINST if ask(replace(ADA, wish=wish, **facts)) is None}
    assert went == goes
    assert (ask(replace(ADA, wish=wish), NIGHT) is None) is (origin is Origin.PERSON)


@pytest.mark.parametrize(
    ("days", "reason"),
    [(45, None), (46, HoldReason.DEADLINE), (0, None), (-1, HoldReason.DEADLINE), (None, HoldReason.DEADLINE)],
)
def test_the_last_day_of_a_deadline_is_inside(days: int | None, reason: HoldReason | None) -> None:
    assert ask(replace(ADA, wish=replace(WISH, within_days=45), days_left=days)) is reason


def test_a_deadline_that_is_too_far_is_asked_again_when_it_is_near() -> None:
    held = decide(replace(ADA, wish=replace(WISH, within_days=30), days_left=33), LIMITS, NOW)
    assert held
    assert held.again_at == NOW + 3 * DAY


@pytest.mark.parametrize(("points", "reason"), [(88, None), (87, HoldReason.SCORE), (None, HoldReason.SCORE)])
def test_a_step_may_ask_for_points(points: int | None, reason: HoldReason | None) -> None:
    assert ask(replace(ADA, wish=replace(WISH, min_score=88), points=points)) is reason


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"wish": replace(WISH, min_score=88), "points": 87}, "Punkte: 87, nötig sind 88"),
        ({"wish": replace(WISH, min_score=88), "points": None}, "noch keinen Score"),
        ({"score_gate": ({"above": 70, "signal": "days_left", "at_most": 45},)}, "höchstens 45"),
        (
            {"wish": replace(WISH, within_days=30), "days_left": 33},
            "Tage bis zum Ablauf: 33; die Nachricht geht hinaus, wenn es höchstens 30 sind",
        ),
        ({"wish": replace(WISH, within_days=30), "days_left": -3}, "Tage seit dem Ablauf: 3"),
        ({"wish": replace(WISH, within_days=30), "days_left": None}, "kein Vertragsende bekannt"),
        ({"wish": replace(WISH, min_saving_percent=10)}, "9 %, nötig sind 10"),
        ({"wish": replace(WISH, min_saving_percent=10), "saving_percent": None}, "nicht bekannt, nötig sind 10 %"),
        ({"missing": "name, place"}, "(nötig ist name, place)"),
    ],
)
def test_what_exactly_stands_against_it_is_told_in_the_readers_language(facts: dict[str, Any], told: str) -> None:
    held = decide(replace(ADA, **facts), LIMITS, NOW)
    assert held
    assert told in explain_held(held, "de")
    assert held.detail
    assert len({held.detail.tell(language) for language in ("it", "de", "en")}) == 3
    kept = json.loads(json.dumps(held.detail.as_json()))
    assert read_detail(kept) == held.detail


@pytest.mark.parametrize("stored", [None, "10 < 88", {"name": "of_another_version", "values": {}}])
def test_a_detail_nobody_can_tell_any_more_is_left_out(stored: object) -> None:
    assert read_detail(stored) is None


def test_only_offers_need_the_scores_gates() -> None:
    closed = replace(ADA, points=10, score_gate=({"above": 70},))
    assert ask(closed) is HoldReason.SCORE
    for kind in set(TemplateKind) - {TemplateKind.OFFER}:
        assert ask(replace(closed, kind=kind)) is None


def test_service_needs_no_consent_but_respects_a_no() -> None:
    service = replace(ADA, is_marketing=False, preference=Preference.STOP, refused_at=NOW)
    assert ask(replace(service, consent=None)) is None
    assert ask(replace(service, consent=False)) is HoldReason.OPTED_OUT


def test_a_reminder_may_remind_of_the_open_question() -> None:
    asked = replace(ADA, question_until=NOW + HOUR)
    assert ask(asked) is HoldReason.CONVERSATION
    assert ask(replace(asked, kind=TemplateKind.REMINDER)) is None
    assert ask(replace(asked, question_until=NOW)) is None


def again(sent_at: list[datetime], home: Home = ADA.home, now: datetime = NOW) -> datetime | None:
    held = decide(replace(ADA, sent_at=sent_at, home=home), LIMITS, now)
    return move_to_day(held, replace(ADA, home=home), LIMITS).again_at if held else None


def test_caps_count_calendar_days_of_the_contact() -> None:
    assert again([datetime(2026, 11, 17, 22, 59, tzinfo=UTC)]) is None  # 23:59 of yesterday in Rome
    assert again([datetime(2026, 11, 17, 23, 1, tzinfo=UTC)]) == datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
    assert again([NOW - DAY, NOW - 3 * DAY, NOW - 7 * DAY]) is None
    assert again([NOW - DAY, NOW - 3 * DAY, NOW - 6 * DAY]) == datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
    assert again([NOW - DAY, NOW - 2 * DAY, NOW - 3 * DAY]) == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def test_what_is_held_is_asked_again_by_day() -> None:
    held = Held(HoldReason.HANDOFF, NIGHT)
    assert move_to_day(held, ADA, LIMITS).again_at == datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
    assert move_to_day(Held(HoldReason.OPTED_OUT), ADA, LIMITS).again_at is None


def test_a_campaign_may_have_a_budget_of_its_own() -> None:
    wish = replace(WISH, campaign="energy", daily_budget=Decimal("0.10"))
    room = Room(spent={"energy": Decimal("0.06"), "gym": Decimal("0.01")}, next_day=NOW + DAY)
    assert ask(replace(ADA, wish=wish, room=room)) is HoldReason.BUDGET
    assert ask(replace(ADA, wish=replace(wish, campaign="gym"), room=room)) is None
    assert ask(replace(ADA, wish=replace(wish, daily_budget=None), room=room)) is None


def test_who_was_reached_today_takes_no_place_of_the_portfolio() -> None:
    full = replace(ADA, room=replace(ADA.room, people=0))
    assert ask(full) is HoldReason.PORTFOLIO_LIMIT
    assert ask(replace(full, is_new_today=False)) is None
