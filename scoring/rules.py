"""The score's rules as data, read from rules.yml and checked before anything counts on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scoring.signals import SIGNALS

RULES = Path(__file__).with_name("rules.yml")
LOWEST, HIGHEST = 0, 100
BANDS = ("low", "middle", "high")


class RulesError(Exception):
    """The rules cannot be used: where, what and what to do."""

    def __init__(self, file: Path, line: int, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}")


@dataclass(frozen=True)
class Rule:
    """Points for a signal that lies between at_least and at_most, both included."""

    id: str
    signal: str
    points: int
    at_least: int | None
    at_most: int | None

    def holds(self, value: int) -> bool:
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True)
class BandRange:
    """A band and the points that belong to it, both ends included."""

    name: str
    lowest: int
    highest: int


@dataclass(frozen=True)
class RuleSet:
    """One version of a pack's rules."""

    pack: str
    version: str
    rules: tuple[Rule, ...]
    bands: tuple[BandRange, ...]

    def band(self, points: int) -> str:
        return next(band.name for band in self.bands if band.lowest <= points <= band.highest)


@cache
def load_rules(file: Path = RULES) -> RuleSet:
    """The active version; every version of the file is checked. Raises RulesError."""
    return read_rules(file, file.read_text(encoding="utf-8"))


def read_rules(file: Path, content: str) -> RuleSet:
    """The active version of rules written in YAML."""
    reader = Reader(file)
    try:
        root = yaml.compose(content, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RulesError(file, line, f"this is not YAML: {error.problem}") from error
    fields = reader.read_mapping(root, required=("pack", "active", "versions"))
    pack, active = reader.read_text(fields["pack"]), reader.read_text(fields["active"])
    versions = {
        name: reader.read_version(pack, name, node) for name, node in reader.read_mapping(fields["versions"]).items()
    }
    if active not in versions:
        raise reader.error(
            fields["active"], f"version {active!r} is not among {', '.join(versions)}: write one of them"
        )
    return versions[active]


class Reader:
    """Turns YAML's nodes, which know their lines, into rules."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def error(self, node: yaml.Node | None, problem: str) -> RulesError:
        return RulesError(self.file, node.start_mark.line + 1 if node else 1, problem)

    def read_mapping(
        self, node: yaml.Node | None, required: Iterable[str] = (), optional: Iterable[str] = ()
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, "names with values are expected here, like `points: 40`")
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value in fields:
                raise self.error(key, f"{key.value!r} stands here twice: delete one")
            if required and key.value not in {*required, *optional}:
                raise self.error(key, f"{key.value!r} is unknown: use {', '.join((*required, *optional))}")
            fields[key.value] = value
        for name in required:
            if name not in fields:
                raise self.error(node, f"{name!r} is missing: add it")
        return fields

    def read_list(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.error(node, "a list is expected here, each entry with a dash")
        return list(node.value)

    def read_scalar(self, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, "one value is expected here")
        return yaml.safe_load(node.value) if node.style is None else node.value

    def read_text(self, node: yaml.Node) -> str:
        value = self.read_scalar(node)
        if not isinstance(value, str) or not value:
            raise self.error(node, f"{value!r} is not a name: write a word")
        return value

    def read_number(self, node: yaml.Node) -> int:
        value = self.read_scalar(node)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(node, f"{value!r} is not a whole number")
        return value

    def read_version(self, pack: str, name: str, node: yaml.Node) -> RuleSet:
        fields = self.read_mapping(node, required=("rules", "bands"))
        rules: list[Rule] = []
        for entry in self.read_list(fields["rules"]):
            rule = self.read_rule(entry)
            if rule.id in {known.id for known in rules}:
                raise self.error(entry, f"rule {rule.id!r} stands here twice: give one of them another id")
            rules.append(rule)
        entries = self.read_list(fields["bands"])
        bands = [self.read_band(entry) for entry in entries]
        self.check_bands(fields["bands"], entries, bands, reachable_points(rules))
        return RuleSet(pack, name, tuple(rules), tuple(bands))

    def read_rule(self, node: yaml.Node) -> Rule:
        fields = self.read_mapping(node, ("id", "signal", "points"), ("at_least", "at_most"))
        signal = self.read_text(fields["signal"])
        if signal not in SIGNALS:
            raise self.error(fields["signal"], f"signal {signal!r} is unknown: use one of {', '.join(SIGNALS)}")
        low, high = (self.read_number(fields[name]) if name in fields else None for name in ("at_least", "at_most"))
        if low is None and high is None:
            raise self.error(node, "the rule has no condition: add at_least, at_most or both")
        if low is not None and high is not None and low > high:
            raise self.error(fields["at_most"], f"at_most {high} is below at_least {low}: the rule can never hold")
        points = self.read_number(fields["points"])
        if points == 0:
            raise self.error(fields["points"], "a rule of 0 points does nothing: give it points or delete it")
        return Rule(self.read_text(fields["id"]), signal, points, low, high)

    def read_band(self, node: yaml.Node) -> BandRange:
        fields = self.read_mapping(node, ("name", "from", "to"))
        name = self.read_text(fields["name"])
        if name not in BANDS:
            raise self.error(fields["name"], f"band {name!r} is unknown: use {', '.join(BANDS)}")
        return BandRange(name, self.read_number(fields["from"]), self.read_number(fields["to"]))

    def check_bands(
        self, node: yaml.Node, entries: list[yaml.Node], bands: list[BandRange], reachable: set[int]
    ) -> None:
        """Bands follow each other from 0 to 100 without gap or overlap, and a contact can get into each."""
        if [band.name for band in bands] != list(BANDS):
            raise self.error(node, f"the bands are {', '.join(BANDS)}, in this order: write all of them once")
        expected = LOWEST
        for entry, band in zip(entries, bands, strict=True):
            if band.lowest != expected:
                word = "overlaps with the one before" if band.lowest < expected else "leaves a gap"
                raise self.error(entry, f"band {band.name!r} {word}: it must start at {expected}")
            if band.highest < band.lowest:
                raise self.error(entry, f"band {band.name!r} ends before it starts")
            if not any(band.lowest <= points <= band.highest for points in reachable):
                most = max(reachable)
                raise self.error(
                    entry,
                    f"band {band.name!r} ({band.lowest} to {band.highest}) cannot be reached: these rules give at most"
                    f" {most} points; lower its start or add points",
                )
            expected = band.highest + 1
        if expected != HIGHEST + 1:
            raise self.error(entries[-1], f"the last band must end at {HIGHEST}")


def reachable_points(rules: Iterable[Rule]) -> set[int]:
    """Every score some contact can have: rules of one signal hold together where their ranges meet, others freely."""
    by_signal: dict[str, list[Rule]] = {}
    for rule in rules:
        by_signal.setdefault(rule.signal, []).append(rule)
    sums = {0}
    for group in by_signal.values():
        sums = {total + extra for total in sums for extra in {0} | possible_points(group)}
    return {clamp_points(total) for total in sums}


def possible_points(rules: list[Rule]) -> set[int]:
    """What rules on the same signal can give together: tried at every value where one of them begins or ends."""
    edges = {
        edge + step
        for rule in rules
        for edge in (rule.at_least, rule.at_most)
        if edge is not None
        for step in (-1, 0, 1)
    }
    return {sum(rule.points for rule in rules if rule.holds(value)) for value in edges}


def clamp_points(total: int) -> int:
    return max(LOWEST, min(HIGHEST, total))
