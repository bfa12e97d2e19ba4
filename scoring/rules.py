"""The score's rules as the program holds them; scoring/reading.py reads them from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any, Literal

from scoring.signals import SIGNALS, Reading, Shape, Signals, read_signal

LOWEST, HIGHEST = 0, 100
BANDS = ("low", "middle", "high")
type Purpose = Literal["nurture", "educate", "offer"]
type OnEnter = Literal["task", "trigger", "nothing"]


@dataclass(frozen=True)
class Condition:
    """A signal lies between at_least and at_most, both included. within: its fact is at most so many days old.

    Of a list of days, at_least of them lie within so many days.
    """

    signal: str
    at_least: int | None = None
    at_most: int | None = None
    within: int | None = None

    def holds_for(self, value: int) -> bool:
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def holds(self, facts: Signals, today: date) -> Reading | None:
        """What the signal says, if the condition holds."""
        reading = read_signal(self.signal, facts, today)
        if reading is None or not self.holds_for(reading.value):
            return None
        if self.within is None:
            return reading
        on = reading.on
        if SIGNALS[self.signal].shape is Shape.DAYS:
            on = getattr(facts, SIGNALS[self.signal].column)[(self.at_least or 1) - 1]
        return reading if on is not None and 0 <= (today - on).days <= self.within else None

    def as_json(self) -> dict[str, Any]:
        limits = {"at_least": self.at_least, "at_most": self.at_most, "within": self.within}
        return {"signal": self.signal} | {name: limit for name, limit in limits.items() if limit is not None}


@dataclass(frozen=True)
class Rule:
    """Points while a condition holds. half_life: days after which half of them are left, and again half of those."""

    id: str
    points: int
    when: Condition
    half_life: int | None = None

    @property
    def fact(self) -> dict[str, Any]:
        """What a receipt tells of the rule itself."""
        return self.when.as_json() | ({"half_life": self.half_life} if self.half_life else {})

    def earn(self, facts: Signals, today: date) -> tuple[int, Reading] | None:
        """The points on a day and why; None where there are none."""
        reading = self.when.holds(facts, today)
        if reading is None or self.half_life is None:
            return (self.points, reading) if reading else None
        ages = age_points(self.points, self.half_life)
        age = (today - reading.on).days if reading.on else -1
        return (ages[age], reading) if 0 <= age < len(ages) else None


@cache
def age_points(points: int, half_life: int) -> tuple[int, ...]:
    """What is left of points by the day, from day 0 until nothing is; whole points, half a point counts as one."""
    left, days = [], 0
    while now := int(abs(points) * 2.0 ** (-days / half_life) + 0.5):
        left.append(now if points > 0 else -now)
        days += 1
    return tuple(left)


@dataclass(frozen=True)
class Cap:
    """Rules that together give no more than at_most points."""

    id: str
    rules: tuple[str, ...]
    at_most: int


@dataclass(frozen=True)
class BandRange:
    """A band and the points that belong to it, both ends included; what to do there and when someone gets there."""

    name: str
    lowest: int
    highest: int
    purpose: Purpose
    on_enter: OnEnter


@dataclass(frozen=True)
class Gate:
    """Whoever has more than `above` points gets commercial messages only if all of this holds."""

    above: int
    only_if: tuple[Condition, ...]


@dataclass(frozen=True)
class RuleSet:
    """One version of a pack's rules."""

    pack: str
    version: str
    rules: tuple[Rule, ...]
    caps: tuple[Cap, ...]
    bands: tuple[BandRange, ...]
    gates: tuple[Gate, ...]

    def band(self, points: int) -> BandRange:
        return next(band for band in self.bands if band.lowest <= points <= band.highest)

    @property
    def lowest_gate(self) -> int | None:
        """Commercial messages begin above so many points; None: at any."""
        return min((gate.above for gate in self.gates), default=None)


@dataclass(frozen=True)
class Pack:
    """The rules of an industry. kinds: of contracts it is for; buyers: also for those who only buy."""

    name: str
    kinds: tuple[str, ...]
    buyers: bool
    active: str
    versions: Mapping[str, RuleSet]

    @property
    def rules(self) -> RuleSet:
        return self.versions[self.active]


@dataclass(frozen=True, eq=False)
class RuleBook:
    """All packs of an edition. default: the pack of contacts of whom nothing tells; checksum: of the text."""

    packs: tuple[Pack, ...]
    default: str
    checksum: str

    @cached_property
    def by_kind(self) -> dict[str, Pack]:
        return {kind: pack for pack in self.packs for kind in pack.kinds}

    @cached_property
    def by_name(self) -> dict[str, Pack]:
        return {pack.name: pack for pack in self.packs}

    @property
    def buyers(self) -> Pack | None:
        return next((pack for pack in self.packs if pack.buyers), None)

    def choose(self, facts: Signals) -> RuleSet:
        """The rules for a contact: by its contract, else by what it bought or left in a cart, else the default."""
        pack = self.by_kind.get(facts.contract_kind or "")
        if pack is None and (facts.orders or facts.cart_on):
            pack = self.buyers
        return (pack or self.by_name[self.default]).rules


def clamp_points(total: int) -> int:
    return max(LOWEST, min(HIGHEST, total))
