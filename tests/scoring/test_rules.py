from __future__ import annotations

from pathlib import Path

import pytest

from scoring.rules import RULES, Rule, RulesError, load_rules, reachable_points, read_rules

SHIPPED = RULES.read_text(encoding="utf-8")


def break_rules(old: str, new: str) -> str:
    """The message for the shipped rules with one change."""
    assert SHIPPED.count(old) == 1, old
    with pytest.raises(RulesError) as caught:
        read_rules(Path("rules.yml"), SHIPPED.replace(old, new))
    return str(caught.value)


def line_of(text: str) -> int:
    return SHIPPED[: SHIPPED.index(text)].count("\n") + 1


def test_the_shipped_rules_are_the_ones_of_the_seed() -> None:
    assert {rule.id: rule.points for rule in load_rules().rules} == {
        "expiry_near": 40,
        "replied": 20,
        "offer_clicked": 15,
        "quote_requested": 10,
        "ignored": -20,
    }


def test_every_shipped_band_can_be_reached() -> None:
    rules = load_rules()
    assert {rules.band(points) for points in reachable_points(rules.rules)} == {"low", "middle", "high"}


def test_85_is_the_most_version_1_can_give() -> None:
    assert max(reachable_points(load_rules().rules)) == 85


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("signal: days_since_click", "signal: moon_phase", "signal 'moon_phase' is unknown: use one of days_left"),
        ("{name: high, from: 71, to: 100}", "{name: high, from: 70, to: 100}", "overlaps with the one before"),
        ("{name: high, from: 71, to: 100}", "{name: high, from: 75, to: 100}", "leaves a gap: it must start at 71"),
        ("{name: high, from: 71, to: 100}", "{name: high, from: 71, to: 99}", "must end at 100"),
        ("{name: middle, from", "{name: medium, from", "band 'medium' is unknown"),
        ("points: 40", "points: forty", "'forty' is not a whole number"),
        ("points: 40", "points: 0", "does nothing"),
        ("points: 40", "pionts: 40", "'pionts' is unknown: use id, signal, points"),
        ("at_most: 60", "at_most: -1", "at_most -1 is below at_least 0"),
        ("        at_least: 5\n", "", "has no condition"),
        ("- id: ignored", "- id: replied", "stands here twice"),
        ("active: v1", "active: v2", "version 'v2' is not among v1"),
        ("pack: energy\n", "", "'pack' is missing"),
        ("points: 40", "points: [40", "this is not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(old: str, new: str, words: str) -> None:
    assert words in break_rules(old, new)


def test_a_mistake_is_shown_where_it_stands() -> None:
    message = break_rules("signal: days_since_click", "signal: moon_phase")
    assert message.startswith(f"rules.yml:{line_of('signal: days_since_click')}: ")


def test_a_threshold_nobody_can_reach_is_refused() -> None:
    changed = SHIPPED.replace("to: 70}", "to: 85}").replace("from: 71", "from: 86")
    with pytest.raises(RulesError, match=r"band 'high' \(86 to 100\) cannot be reached.*at most 85 points"):
        read_rules(Path("rules.yml"), changed)


def test_rules_that_exclude_each_other_do_not_add_up() -> None:
    near, far = Rule("near", "days_left", 40, 0, 30), Rule("far", "days_left", 20, 31, 60)
    assert reachable_points([near, far]) == {0, 20, 40}
