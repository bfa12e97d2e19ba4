"""Points, receipt and gate of one contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from scoring.rules import HIGHEST, LOWEST, OnEnter, Rule, RuleBook, RuleSet, clamp_points
from scoring.signals import SIGNALS, Reading, Shape, Signals

LIMIT = "limit"  # the receipt's line that keeps the sum between 0 and 100
CAP = "cap"  # and the ones that keep a group of rules below its most


@dataclass(frozen=True)
class Line:
    """One contribution. fact names the signal and its limits, on the day of what happened, so it does not age."""

    rule: str
    points: int
    fact: dict[str, Any]
    on: date | None

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "points": self.points,
            "fact": self.fact,
            "on": self.on.isoformat() if self.on else None,
        }


@dataclass(frozen=True)
class ScoreResult:
    """A score whose receipt adds up to its points. gate: what stands against a commercial message."""

    points: int
    band: str
    on_enter: OnEnter
    receipt: tuple[Line, ...]
    gate: tuple[dict[str, Any], ...]
    version: str
    pack: str

    def receipt_json(self) -> list[dict[str, Any]]:
        return [line.as_json() for line in self.receipt]


def score_contact(facts: Signals, book: RuleBook, today: date) -> ScoreResult:
    """The score by the rules that are for this contact."""
    return score(facts, book.choose(facts), today)


def score(facts: Signals, rules: RuleSet, today: date) -> ScoreResult:
    """The score on a calendar day of the contact's time zone."""
    lines = []
    for rule in rules.rules:
        if earned := rule.earn(facts, today):
            points, reading = earned
            lines.append(Line(rule.id, points, make_fact(rule, reading), reading.on))
    for cap in rules.caps:
        over = sum(line.points for line in lines if line.rule in cap.rules) - cap.at_most
        if over > 0:
            lines.append(Line(cap.id, -over, {"signal": CAP, "at_most": cap.at_most}, None))
    total = sum(line.points for line in lines)
    points = clamp_points(total)
    if points != total:
        lines.append(Line(LIMIT, points - total, {"lowest": LOWEST, "highest": HIGHEST}, None))
    band = rules.band(points)
    gate = check_gates(facts, rules, points, today)
    return ScoreResult(points, band.name, band.on_enter, tuple(lines), gate, rules.version, rules.pack)


def make_fact(rule: Rule, reading: Reading) -> dict[str, Any]:
    """Days are left out, because they change every night without anything happening; numbers are facts."""
    if SIGNALS[rule.when.signal].shape is Shape.NUMBER:
        return rule.fact | {"value": reading.value}
    return rule.fact


def check_gates(facts: Signals, rules: RuleSet, points: int, today: date) -> tuple[dict[str, Any], ...]:
    """What stands against a commercial message: too few points, or a condition that does not hold."""
    lowest = rules.lowest_gate
    if lowest is not None and points <= lowest:
        return ({"above": lowest},)
    return tuple(
        {"above": gate.above} | condition.as_json()
        for gate in rules.gates
        if points > gate.above
        for condition in gate.only_if
        if not condition.holds(facts, today)
    )
