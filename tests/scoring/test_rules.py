from __future__ import annotations

from pathlib import Path

import pytest

from scoring.nodes import RulesError
from scoring.reach import reachable_points
from scoring.reading import RULES, load_rules, read_rules
from scoring.rules import Cap, Condition, Pack, Rule, age_points
from scoring.signals import Signals

SMALL = """\
default: energy
packs:
  energy:
    kinds: [electricity]
    active: v1
    versions:
      v1:
        rules:
          - {id: expiry_near, signal: days_left, at_least: 0, at_most: 60, points: 40}
          - {id: clicked, signal: days_since_click, points: 20, half_life: 30}
          - {id: replied, signal: days_since_reply, at_most: 30, points: 30}
          - {id: prices, signal: price_visits, at_least: 2, within: 14, points: 10}
          - {id: ignored, signal: ignored_in_a_row, at_least: 5, points: -20}
        caps:
          - {id: interest, rules: [clicked, prices], at_most: 25}
        bands:
          - {name: low, from: 0, to: 40, purpose: nurture}
          - {name: middle, from: 41, to: 70, purpose: educate, on_enter: trigger}
          - {name: high, from: 71, to: 100, purpose: offer, on_enter: task}
        gates:
          - {above: 70, only_if: [{signal: days_left, at_least: 0, at_most: 45}]}
"""
PACKS = load_rules().packs


def break_rules(old: str, new: str) -> str:
    """The message for the small rules with one change."""
    assert SMALL.count(old) == 1, old
    with pytest.raises(RulesError) as caught:
        read_rules(Path("rules.yml"), SMALL.replace(old, new))
    return str(caught.value)


@pytest.mark.parametrize("pack", ["energy", "gym", "insurance"])
def test_version_1_is_the_one_of_the_seed(pack: str) -> None:
    assert {rule.id: rule.points for rule in load_rules().by_name[pack].versions["v1"].rules} == {
        "expiry_near": 40,
        "replied": 20,
        "offer_clicked": 15,
        "quote_requested": 10,
        "ignored": -20,
    }


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_version_1_gives_85_and_the_later_ones_100(pack: Pack) -> None:
    most = {name: max(reachable_points(rules.rules, rules.caps)) for name, rules in pack.versions.items()}
    assert most == {"v1": 85, "v2": 100, "v3": 100}


def test_the_entry_of_the_example_flow_can_be_reached_before_anybody_replied() -> None:
    rules = load_rules().by_name["energy"].versions["v3"]
    flow = [Condition("days_left", at_least=30, at_most=30), Condition("saving_percent", at_least=9, at_most=9)]
    silent = [Condition("days_since_reply", at_least=31)]
    assert max(reachable_points(rules.rules, rules.caps, [*flow, *silent])) >= 88


def test_the_gates_of_the_seed_are_there() -> None:
    energy = load_rules().by_name["energy"].versions
    near, worth = Condition("days_left", 0, 45), Condition("saving_percent", 7)
    assert [(gate.above, gate.only_if) for gate in energy["v2"].gates] == [(70, (near,))]
    assert [(gate.above, gate.only_if) for gate in energy["v3"].gates] == [(85, (near, worth))]


@pytest.mark.parametrize(
    ("facts", "pack"),
    [
        (Signals(contract_kind="gas"), "energy"),
        (Signals(contract_kind="gym", orders=3), "gym"),
        (Signals(orders=1), "shop"),
        (Signals(contract_kind="telephone"), "energy"),
        (Signals(), "energy"),
    ],
)
def test_a_contact_belongs_to_the_pack_of_its_contract(facts: Signals, pack: str) -> None:
    assert load_rules().choose(facts).pack == pack


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("signal: days_since_click", "signal: moon_phase", "signal 'moon_phase' is unknown: use one of days_left"),
        ("{name: high, from: 71", "{name: high, from: 70", "overlaps with the one before"),
        ("{name: high, from: 71", "{name: high, from: 75", "leaves a gap: it must start at 71"),
        ("to: 100,", "to: 99,", "must end at 100"),
        ("{name: middle, from", "{name: medium, from", "band 'medium' is unknown"),
        ("points: 40", "points: forty", "'forty' is not a whole number"),
        ("points: 40", "points: 0", "does nothing"),
        ("points: 40", "points: 400", "write a number from -100 to 100"),
        ("points: 40", "pionts: 40", "'pionts' is unknown: use id, signal, points"),
        ("at_most: 60", "at_most: -1", "at_most -1 is below at_least 0"),
        ("at_least: 5, ", "", "has no condition"),
        ("- {id: ignored", "- {id: replied", "stands here twice"),
        ("- {id: ignored", "- {id: limit", "is taken by the score itself"),
        ("active: v1", "active: v2", "version 'v2' is not among v1"),
        ("default: energy\n", "", "'default' is missing"),
        ("default: energy", "default: gym", "pack 'gym' is not among energy"),
        ("points: 40", "points: [40", "the brackets do not match"),
        ("half_life: 30", "half_life: 0", "write a number from 1 to 365"),
        ("at_most: 60, points: 40", "at_most: 60, points: 40, half_life: 9", "has no day in the past to age from"),
        (", within: 14", "", "add `within: 30`"),
        ("at_least: 2", "at_least: 11", "needs at_least from 1 to 10"),
        ("at_most: 30, points", "at_most: 30, within: 3, points", "has no day beside it"),
        ("[clicked, prices]", "[clicked, visits]", "there is no rule 'visits' here"),
        ("[clicked, prices]", "[clicked, ignored]", "takes points away"),
        ("at_most: 25", "at_most: 30", "never give more than 30 together"),
        ("on_enter: task", "on_enter: call", "'call' is unknown: use task, trigger, nothing"),
        ("purpose: offer", "purpose: sell", "'sell' is unknown: use nurture, educate, offer"),
        ("above: 70", "above: 95", "nobody gets through this gate: who meets it has at most 95 points"),
        ("at_most: 45}", "at_most: -45}", "the rule can never hold"),
        ("points: 40}", "points: 40: 3}", "the brackets do not match"),
        ("[electricity]", "electricity", "a list is expected here"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(old: str, new: str, words: str) -> None:
    assert words in break_rules(old, new)


def test_a_mistake_is_shown_where_it_stands() -> None:
    line = SMALL[: SMALL.index("days_since_click")].count("\n") + 1
    assert break_rules("signal: days_since_click", "signal: moon_phase").startswith(f"rules.yml:{line}: ")


def test_a_contact_cannot_belong_to_two_packs() -> None:
    twice = RULES.read_text(encoding="utf-8").replace("kinds: [gym]", "kinds: [gym, gas]")
    with pytest.raises(RulesError, match="'gas' stands in 'energy' and 'gym'"):
        read_rules(RULES, twice)


def test_a_threshold_nobody_can_reach_is_refused() -> None:
    changed = SMALL.replace("to: 70,", "to: 95,").replace("from: 71", "from: 96")
    with pytest.raises(RulesError, match=r"band 'high' \(96 to 100\) cannot be reached.*at most 95 points"):
        read_rules(Path("rules.yml"), changed)


def test_what_is_wrong_is_told_in_three_languages() -> None:
    with pytest.raises(RulesError) as caught:
        read_rules(Path("rules.yml"), SMALL.replace("points: 40", "points: 0"))
    assert caught.value.tell("de").startswith("eine Regel mit 0 Punkten bewirkt nichts")


def rule(name: str, signal: str, points: int, low: int | None = None, high: int | None = None) -> Rule:
    return Rule(name, points, Condition(signal, low, high))


def test_rules_that_exclude_each_other_do_not_add_up() -> None:
    assert reachable_points([rule("near", "days_left", 40, 0, 30), rule("far", "days_left", 20, 31, 60)]) == {0, 20, 40}


def test_a_cap_limits_what_can_be_reached() -> None:
    rules = [rule("a", "days_since_click", 20, 0), rule("b", "days_since_form", 20, 0), rule("c", "value", 10, 1)]
    assert reachable_points(rules, [Cap("few", ("a", "b"), 25)]) == {0, 10, 20, 25, 30, 35}


def test_points_fade_by_half_and_end() -> None:
    left = age_points(20, 30)
    assert (left[0], left[30], left[60], left[90]) == (20, 10, 5, 3)
    assert len(left) < 170
    assert [-points for points in left] == list(age_points(-20, 30))
