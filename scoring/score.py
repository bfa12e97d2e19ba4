"""Points and receipt of one contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from scoring.rules import HIGHEST, LOWEST, Rule, RuleSet, clamp_points
from scoring.signals import SIGNALS, Reading, Signals

LIMIT = "limit"  # the receipt's line that keeps the sum between 0 and 100
COUNTED = "ignored_in_a_row"


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
    """A score whose receipt adds up to its points."""

    points: int
    band: str
    receipt: tuple[Line, ...]
    version: str
    pack: str

    def receipt_json(self) -> list[dict[str, Any]]:
        return [line.as_json() for line in self.receipt]


def score(signals: Signals, rules: RuleSet, today: date) -> ScoreResult:
    """The score on a calendar day of the contact's time zone."""
    lines = []
    for rule in rules.rules:
        reading = SIGNALS[rule.signal](signals, today)
        if reading and rule.holds(reading.value):
            lines.append(Line(rule.id, rule.points, make_fact(rule, reading), reading.on))
    total = sum(line.points for line in lines)
    points = clamp_points(total)
    if points != total:
        lines.append(Line(LIMIT, points - total, {"lowest": LOWEST, "highest": HIGHEST}, None))
    return ScoreResult(points, rules.band(points), tuple(lines), rules.version, rules.pack)


def make_fact(rule: Rule, reading: Reading) -> dict[str, Any]:
    """Days are left out, because they change every night without anything happening; counts are facts."""
    fact: dict[str, Any] = {"signal": rule.signal, "at_least": rule.at_least, "at_most": rule.at_most}
    if rule.signal == COUNTED:
        fact["value"] = reading.value
    return {name: value for name, value in fact.items() if value is not None}
