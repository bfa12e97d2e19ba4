"""Which points a contact can have by some rules: every threshold must be within reach of somebody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from scoring.rules import Cap, Condition, Rule, age_points, clamp_points
from scoring.signals import MOST_DAYS, SIGNALS, Shape


def reachable_points(rules: Sequence[Rule], caps: Sequence[Cap] = (), given: Sequence[Condition] = ()) -> set[int]:
    """Every score some contact can have. given: conditions that hold for this contact.

    Rules of one signal hold together where their ranges meet, others freely.
    """
    capped = {rule for cap in caps for rule in cap.rules}
    sums = add_groups([rule for rule in rules if rule.id not in capped], given)
    for cap in caps:
        own = {min(total, cap.at_most) for total in add_groups([r for r in rules if r.id in cap.rules], given)}
        sums = {total + extra for total in sums for extra in own}
    return {clamp_points(total) for total in sums}


def add_groups(rules: Iterable[Rule], given: Sequence[Condition]) -> set[int]:
    by_signal: dict[str, list[Rule]] = {}
    for rule in rules:
        by_signal.setdefault(rule.when.signal, []).append(rule)
    sums = {0}
    for signal, group in by_signal.items():
        extras = possible_points(group, [condition for condition in given if condition.signal == signal])
        sums = {total + extra for total in sums for extra in extras}
    return sums


def possible_points(rules: list[Rule], given: Sequence[Condition]) -> set[int]:
    """What rules on one signal can give together: tried at every value and age where one of them begins or ends."""
    shape = SIGNALS[rules[0].when.signal].shape
    conditions = [*(rule.when for rule in rules), *given]
    values = {
        edge + step
        for one in conditions
        for edge in (one.at_least, one.at_most, 0)
        if edge is not None
        for step in (-1, 0, 1)
    }
    ages = {edge + step for one in conditions if one.within is not None for edge in (0, one.within) for step in (0, 1)}
    for rule in rules:
        if rule.half_life:
            left = age_points(rule.points, rule.half_life)
            changes = [day for day in range(1, len(left)) if left[day] != left[day - 1]]
            ages |= {0, *changes, len(left)}
    if shape is Shape.DAYS:
        values = {value for value in values if 0 <= value <= MOST_DAYS}
    if shape is Shape.MONTH:
        values = set(range(1, 13))
    tried = [(day, day) for day in values | ages] if shape is Shape.SINCE else list(product(values, ages or {0}))
    found = {
        sum(give_points(rule, value, age) for rule in rules)
        for value, age in tried
        if all(holds(condition, value, age) for condition in given)
    }
    return found if given else found | {0}


def holds(condition: Condition, value: int, age: int) -> bool:
    return condition.holds_for(value) and (condition.within is None or 0 <= age <= condition.within)


def give_points(rule: Rule, value: int, age: int) -> int:
    if not holds(rule.when, value, age):
        return 0
    if rule.half_life is None:
        return rule.points
    left = age_points(rule.points, rule.half_life)
    return left[age] if 0 <= age < len(left) else 0
