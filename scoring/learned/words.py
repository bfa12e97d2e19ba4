"""The learned score in words, in three languages; the words stand in words.yml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scoring.learned.outcomes import Outcome

FILE = Path(__file__).with_name("words.yml")
WITH_FRACTION = {"overdue", "overdue_longest", "fading_orders", "month_share", "back_share"}
SIGNED = {"trend"}


@cache
def load_words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return words


def explain_chance(
    chance: float,
    reasons: Sequence[Mapping[str, Any]],
    days: int,
    language: str,
    outcome: Outcome = Outcome.REPURCHASE,
) -> list[str]:
    """The chance and its reasons, a line each, the strongest first; English for other languages."""
    words = load_words().get(language, load_words()["en"])
    lines = [words["chances"][outcome].format(percent=write_percent(chance, language), days=days)]
    for reason in reasons:
        phrase = explain_reason(reason["feature"], reason["value"], language)
        lines.append(words["up" if reason["weight"] > 0 else "down"].format(reason=phrase))
    return lines


def explain_reason(feature: str, value: float | None, language: str) -> str:
    """One fact in words."""
    words = load_words().get(language, load_words()["en"])
    said, topic = words["features"][feature]
    return str(
        words["unknown"].format(topic=topic) if value is None else said.format(value=write_value(feature, value))
    )


def explain_topic(feature: str, language: str) -> str:
    """What a feature is about."""
    return str(load_words().get(language, load_words()["en"])["features"][feature][1])


def explain_pattern(pattern: Mapping[str, Any], language: str) -> str:
    """A pattern as a sentence: its conditions, the rates with and without them, the support."""
    facts = [explain_condition(condition, language) for condition in pattern["conditions"]]
    late = pattern["late"]
    rates = f"{write_percent(late['with'], language)} / {write_percent(late['without'], language)}"
    return f"{' + '.join(facts)}: {rates} (n = {late['support']:.0f})"


def explain_condition(condition: Mapping[str, Any], language: str) -> str:
    """A range of a feature, like "last question at > 20.5 o'clock"."""
    if condition["unknown"]:
        return explain_reason(condition["feature"], None, language)
    words = load_words().get(language, load_words()["en"])
    low, high = condition["above"], condition["up_to"]
    limits = [f"> {low:g}" if low is not None else "", f"<= {high:g}" if high is not None else ""]
    return str(words["features"][condition["feature"]][0].format(value=" ".join(limit for limit in limits if limit)))


def write_value(feature: str, value: float) -> str:
    if feature in SIGNED:
        return f"{value:+.0f}"
    return f"{value:.1f}" if feature in WITH_FRACTION else f"{value:.0f}"


def write_percent(share: float, language: str) -> str:
    """3 % in German and Italian, 3% in English; below 10 with one place, since small chances are the rule."""
    number = f"{share * 100:.1f}" if share < 0.1 else f"{share * 100:.0f}"
    return f"{number}%" if language == "en" else f"{number.replace('.', ',')} %"
