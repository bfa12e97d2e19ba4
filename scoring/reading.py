"""The score's rules read from YAML and checked before anything counts on them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import yaml

from core.yaml_faults import find_fault
from scoring.nodes import Reader, RulesError
from scoring.reach import reachable_points
from scoring.rules import BANDS, HIGHEST, LOWEST, BandRange, Cap, Condition, Gate, Pack, Rule, RuleBook, RuleSet
from scoring.score import CAP, LIMIT
from scoring.signals import MOST_DAYS, SIGNALS, Shape

RULES = Path(__file__).with_name("rules.yml")
PURPOSES, ON_ENTER = ("nurture", "educate", "offer"), ("task", "trigger", "nothing")
LIMITS = ("at_least", "at_most", "within")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a page checks the rules at every key


@cache
def load_rules(file: Path = RULES) -> RuleBook:
    """The rules that are shipped; every version of every pack is checked. Raises RulesError."""
    return read_rules(file, file.read_text(encoding="utf-8"))


def read_rules(file: Path, content: str) -> RuleBook:
    """Rules written in YAML; `file` names them in errors. Raises RulesError."""
    reader = RulesReader(file)
    try:
        root = yaml.compose(content, LOADER)
    except yaml.YAMLError as error:
        raise RulesError(file, *find_fault(content, error)) from error
    fields = reader.read_mapping(root, required=("default", "packs"))
    packs = [reader.read_pack(name, node) for name, node in reader.read_mapping(fields["packs"]).items()]
    reader.check_packs(fields["packs"], packs)
    default = reader.read_text(fields["default"])
    if default not in {pack.name for pack in packs}:
        names = ", ".join(pack.name for pack in packs)
        raise reader.error(fields["default"], "no_pack", name=default, choices=names)
    return RuleBook(tuple(packs), default, hashlib.sha256(content.encode()).hexdigest()[:16])


class RulesReader(Reader):
    """Turns YAML's nodes, which know their lines, into rules."""

    def read_pack(self, name: str, node: yaml.Node) -> Pack:
        fields = self.read_mapping(node, ("active", "versions"), ("kinds", "buyers"))
        kinds = self.read_words(fields["kinds"]) if "kinds" in fields else ()
        buyers = "buyers" in fields and self.read_yes(fields["buyers"])
        active = self.read_text(fields["active"])
        versions = {
            version: self.read_version(name, version, entry)
            for version, entry in self.read_mapping(fields["versions"]).items()
        }
        if active not in versions:
            raise self.error(fields["active"], "no_version", name=active, choices=", ".join(versions))
        return Pack(name, kinds, buyers, active, versions)

    def check_packs(self, node: yaml.Node, packs: Sequence[Pack]) -> None:
        """A contact belongs to one pack only."""
        owners: dict[str, str] = {}
        for pack in packs:
            for kind in (*pack.kinds, *(["buyers"] if pack.buyers else [])):
                if kind in owners:
                    raise self.error(node, "two_packs", name=kind, first=owners[kind], second=pack.name)
                owners[kind] = pack.name

    def read_version(self, pack: str, name: str, node: yaml.Node) -> RuleSet:
        fields = self.read_mapping(node, required=("rules", "bands"), optional=("caps", "gates"))
        rules: list[Rule] = []
        for entry in self.read_list(fields["rules"]):
            rule = self.read_rule(entry)
            self.check_new(entry, rule.id, [known.id for known in rules])
            rules.append(rule)
        caps: list[Cap] = []
        for entry in self.read_list(fields["caps"]) if "caps" in fields else []:
            cap = self.read_cap(entry, rules, caps)
            self.check_new(entry, cap.id, [*(rule.id for rule in rules), *(known.id for known in caps)])
            caps.append(cap)
        entries = self.read_list(fields["bands"])
        bands = [self.read_band(entry) for entry in entries]
        self.check_bands(fields["bands"], entries, bands, reachable_points(rules, caps))
        gates = [
            self.read_gate(entry, lambda given: max(reachable_points(rules, caps, given), default=0))
            for entry in (self.read_list(fields["gates"]) if "gates" in fields else [])
        ]
        return RuleSet(pack, name, tuple(rules), tuple(caps), tuple(bands), tuple(gates))

    def check_new(self, node: yaml.Node, name: str, known: Sequence[str]) -> None:
        if name in known:
            raise self.error(node, "id_twice", name=name)
        if name in (LIMIT, CAP):
            raise self.error(node, "id_taken", name=name)

    def read_rule(self, node: yaml.Node) -> Rule:
        fields = self.read_mapping(node, ("id", "signal", "points"), (*LIMITS, "half_life"))
        half_life = self.read_number(fields["half_life"], 1, 365) if "half_life" in fields else None
        condition = self.read_condition(node, fields, needed=half_life is None)
        signal = SIGNALS[condition.signal]
        dated = signal.shape is Shape.SINCE or signal.shape is Shape.DAYS or signal.on
        if half_life and not dated:
            raise self.error(fields["half_life"], "no_past", signal=condition.signal)
        points = self.read_number(fields["points"], -HIGHEST, HIGHEST)
        if points == 0:
            raise self.error(fields["points"], "no_points")
        return Rule(self.read_text(fields["id"]), points, condition, half_life)

    def read_condition(self, node: yaml.Node, fields: dict[str, yaml.Node], needed: bool = True) -> Condition:
        name = self.read_text(fields["signal"])
        if name not in SIGNALS:
            raise self.error(fields["signal"], "no_signal", name=name, choices=", ".join(SIGNALS))
        low, high, within = (self.read_number(fields[one]) if one in fields else None for one in LIMITS)
        signal = SIGNALS[name]
        if signal.shape is Shape.DAYS:
            self.check_days(node, fields, low, within)
        elif within is not None and not signal.on:
            raise self.error(fields["within"], "no_day", signal=name)
        elif needed and low is None and high is None:
            raise self.error(node, "no_condition")
        if within is not None and within < 0:
            raise self.error(fields["within"], "within_negative")
        if low is not None and high is not None and low > high:
            raise self.error(fields["at_most"], "never_holds", high=high, low=low)
        if signal.shape is Shape.MONTH and not any(
            Condition(name, low, high).holds_for(month) for month in range(1, 13)
        ):
            raise self.error(node, "no_month")
        return Condition(name, low, high, within)

    def check_days(self, node: yaml.Node, fields: dict[str, yaml.Node], low: int | None, within: int | None) -> None:
        """A list of days is counted within a window, up to as many as are kept."""
        if within is None:
            raise self.error(node, "needs_within")
        if low is None or not 1 <= low <= MOST_DAYS:
            raise self.error(fields.get("at_least", node), "needs_at_least", most=MOST_DAYS)
        if "at_most" in fields:
            raise self.error(fields["at_most"], "no_at_most")

    def read_cap(self, node: yaml.Node, rules: Sequence[Rule], caps: Sequence[Cap]) -> Cap:
        fields = self.read_mapping(node, ("id", "rules", "at_most"))
        names, most = self.read_words(fields["rules"]), self.read_number(fields["at_most"], 1, HIGHEST)
        points = {rule.id: rule.points for rule in rules}
        for name in names:
            if name not in points:
                raise self.error(fields["rules"], "no_rule", name=name, choices=", ".join(points))
            if points[name] < 0:
                raise self.error(fields["rules"], "takes_points", name=name)
            if any(name in cap.rules for cap in caps):
                raise self.error(fields["rules"], "two_caps", name=name)
        if sum(points[name] for name in set(names)) <= most:
            raise self.error(fields["at_most"], "cap_useless", most=most)
        return Cap(self.read_text(fields["id"]), names, most)

    def read_band(self, node: yaml.Node) -> BandRange:
        fields = self.read_mapping(node, ("name", "from", "to", "purpose"), ("on_enter",))
        name = self.read_text(fields["name"])
        if name not in BANDS:
            raise self.error(fields["name"], "no_band", name=name, choices=", ".join(BANDS))
        purpose = self.read_choice(fields["purpose"], PURPOSES)
        on_enter = self.read_choice(fields["on_enter"], ON_ENTER) if "on_enter" in fields else "nothing"
        low, high = self.read_number(fields["from"]), self.read_number(fields["to"])
        return BandRange(name, low, high, purpose, on_enter)  # type: ignore[arg-type]  # read_choice checked them

    def check_bands(
        self, node: yaml.Node, entries: list[yaml.Node], bands: list[BandRange], reachable: set[int]
    ) -> None:
        """Bands follow each other from 0 to 100 without gap or overlap, and a contact can get into each."""
        if [band.name for band in bands] != list(BANDS):
            raise self.error(node, "bands_all", choices=", ".join(BANDS))
        expected = LOWEST
        for entry, band in zip(entries, bands, strict=True):
            if band.lowest != expected:
                problem = "band_overlaps" if band.lowest < expected else "band_gap"
                raise self.error(entry, problem, name=band.name, expected=expected)
            if band.highest < band.lowest:
                raise self.error(entry, "band_backwards", name=band.name)
            if not any(band.lowest <= points <= band.highest for points in reachable):
                reach = {"low": band.lowest, "high": band.highest, "most": max(reachable)}
                raise self.error(entry, "band_unreachable", name=band.name, **reach)
            expected = band.highest + 1
        if expected != HIGHEST + 1:
            raise self.error(entries[-1], "last_band", highest=HIGHEST)

    def read_gate(self, node: yaml.Node, most_points: Callable[[Sequence[Condition]], int]) -> Gate:
        fields = self.read_mapping(node, ("above", "only_if"))
        above = self.read_number(fields["above"], LOWEST, HIGHEST)
        conditions = []
        for entry in self.read_list(fields["only_if"]):
            own = self.read_mapping(entry, ("signal",), LIMITS)
            conditions.append(self.read_condition(entry, own))
        most = most_points(conditions)
        if most <= above:
            raise self.error(fields["above"], "gate_closed", most=most, above=above)
        return Gate(above, tuple(conditions))
