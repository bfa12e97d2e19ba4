"""Where an enrollment goes next: a pure decision from its journey, the facts, and what happened since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.journeys.conditions import Facts, find_unmet
from campaigns.journeys.journey import Journey
from campaigns.journeys.steps import ANY, Branch, Wait, Way
from core.types import EventKind


@dataclass(frozen=True)
class Position:
    """Where an enrollment stands. heard: the newest turn that moved it; converted: the conversion did."""

    step: str
    step_at: datetime
    entered_at: datetime
    arm: str
    converted: bool = False
    heard: int = 0


@dataclass(frozen=True)
class Signal:
    """Something the contact did. kind: of the event; empty: it said something, and what that meant.

    at: when it was known; since: what came after that counts for the next step.
    """

    id: int
    at: datetime
    since: datetime
    kind: str = ""
    intent: str | None = None
    said: str = ""


@dataclass(frozen=True)
class Go:
    """On to a step. at: what came after that counts there. moved_by: why."""

    step: str
    at: datetime
    moved_by: str
    signal: Signal | None = None
    converted: bool = False


@dataclass(frozen=True)
class Leave:
    """The journey is over, for this reason."""

    outcome: str


@dataclass(frozen=True)
class Stay:
    """Nothing to do before that moment."""

    until: datetime


@dataclass(frozen=True)
class Act:
    """The step asks for something to be done in the world: send, converse, task, hand over, end."""


type Move = Go | Leave | Stay | Act


def decide_move(
    journey: Journey, position: Position, facts: Facts | None, signals: Sequence[Signal], now: datetime
) -> Move:
    """What comes next. Exits are asked before anything else, so that no step is done for someone who is out."""
    if exit_or_jump := find_exit(journey, position, facts, now):
        return exit_or_jump
    step = journey.steps.get(position.step)
    if step is None or facts is None:
        return Leave("step_gone")  # a person deleted it from a version that took over those under way
    match step:
        case Wait():
            return answer_wait(step, position, signals, now)
        case Branch():
            for number, case in enumerate(step.branch, 1):
                if find_unmet(case.when, facts, now, arm=position.arm, entered_at=position.entered_at) is None:
                    return Go(case.go, position.step_at, f"case:{number}")
            return Go(step.otherwise, position.step_at, "otherwise")
    return Act()


def find_exit(journey: Journey, position: Position, facts: Facts | None, now: datetime) -> Go | Leave | None:
    """Why the journey ends here, or where a conversion leads; None: it goes on. After that no deadline ends it."""
    if facts is None or not facts.open_contact:
        return Leave("erased")
    converted_at = None if position.converted else find_conversion(journey, position, facts)
    left = facts.days_left.get(journey.contract) if journey.contract else None
    reasons = {
        "opted_out": facts.opted_out,
        "handoff_open": facts.handoff_open,
        "converted": converted_at is not None,
        "deadline_passed": not position.converted and left is not None and left < 0,
    }
    reason = next((name for name, holds in reasons.items() if holds and name in journey.exits), None)
    if reason == "converted" and journey.on_conversion and converted_at:
        return Go(journey.on_conversion, converted_at, "converted", converted=True)
    return Leave(reason) if reason else None


def find_conversion(journey: Journey, position: Position, facts: Facts) -> datetime | None:
    """When the contact first did what the journey is for, within its days from entering."""
    until = position.entered_at + timedelta(days=journey.conversion.within_days)
    kinds = set(journey.conversion.events)
    times = [one.at for one in facts.happenings if one.kind in kinds and position.entered_at <= one.at <= until]
    return min(times, default=None)


def answer_wait(step: Wait, position: Position, signals: Sequence[Signal], now: datetime) -> Go | Stay:
    """The first thing that happened and is waited for; else time, when it is over."""
    for signal in sorted(signals, key=lambda one: (one.at, one.id)):
        if signal.at <= position.step_at or (not signal.kind and signal.id <= position.heard):
            continue
        for way in step.wait:
            if moved_by := match_way(way, signal):
                return Go(way.go, signal.since, moved_by, signal)
    longest = step.longest
    due_at = position.step_at + (longest.after or timedelta(0))
    return Go(longest.go, now, "time") if now >= due_at else Stay(due_at)


def match_way(way: Way, signal: Signal) -> str | None:
    """Why this signal takes this way; None if it does not."""
    if signal.kind:
        if way.click and signal.kind == EventKind.OFFER_CLICK:
            return "click"
        return f"event:{signal.kind}" if way.event and signal.kind in way.event else None
    if way.reply and (ANY in way.reply or signal.intent in way.reply):
        return f"reply:{signal.intent or ANY}"
    return f"option:{signal.said}" if way.option and signal.said in way.option else None
