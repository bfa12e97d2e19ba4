from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scoring.explain import LANGUAGES, explain_difference, explain_gate, explain_line, load_words, name_signal
from scoring.reading import load_rules
from scoring.score import CAP, LIMIT, score
from scoring.signals import SIGNALS, Shape, Signals

EXPIRY = {"rule": "x", "points": 40, "fact": {"signal": "days_left", "at_least": 0, "at_most": 60}, "on": "2026-12-03"}
DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("it", "il contratto scade il 03/12/2026 (entro 60 giorni)"),
        ("de", "der Vertrag endet am 03.12.2026 (innerhalb von 60 Tagen)"),
        ("en", "the contract ends on 3 Dec 2026 (within 60 days)"),
        ("fr", "the contract ends on 3 Dec 2026 (within 60 days)"),
    ],
)
def test_a_line_speaks_the_readers_language(language: str, words: str) -> None:
    assert explain_line(EXPIRY, language) == words


def collect_texts(node: Any) -> list[dict[str, str]]:
    """Every {"it", "de", "en"} of words.yml."""
    if all(isinstance(value, str) for value in node.values()):
        return [node]
    return [texts for value in node.values() for texts in collect_texts(value)]


def test_every_text_speaks_three_languages() -> None:
    assert all(set(texts) == set(LANGUAGES) for texts in collect_texts(load_words()))


def test_every_signal_has_words_and_a_name() -> None:
    assert set(load_words()["signals"]) == set(SIGNALS)
    assert {CAP, LIMIT} <= set(load_words())


def test_a_rule_that_is_gone_still_has_a_line() -> None:
    line = {"rule": "old", "points": 5, "fact": {"signal": "moon_phase"}, "on": None}
    assert explain_line(line, "de") == "Regel old"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_a_score_can_have_is_said_without_gaps(language: str) -> None:
    days = (DAY,) * 10
    lists = {"price_days": days, "bought_days": days, "engaged_days": days}
    numbers = {signal.column: 0 for signal in SIGNALS.values() if signal.shape is Shape.NUMBER}
    for value in (-3, 0, 9_999):
        dates = {name: DAY for name in Signals.__dataclass_fields__ if name.endswith("_on")}
        facts = Signals(**dates, **lists, **dict.fromkeys(numbers, value), contract_kind="electricity")
        for pack in load_rules().packs:
            for rules in pack.versions.values():
                for line in score(facts, rules, DAY).receipt:
                    words = explain_line(line.as_json(), language)
                    assert words
                    assert not {"{", "?"} & set(words)


def test_a_gate_says_what_it_asks_for() -> None:
    assert explain_gate({"above": 70}, "it") == "il punteggio non supera 70"
    unmet = {"above": 85, "signal": "saving_percent", "at_least": 7}
    assert explain_gate(unmet, "en") == "above 85 points only with estimated saving in percent: at least 7"
    unmet = {"above": 70, "signal": "days_left", "at_least": 0, "at_most": 45}
    assert explain_gate(unmet, "de") == "über 70 Punkten nur mit Tage bis zum Vertragsende: von 0 bis 45"


@pytest.mark.parametrize(
    ("before", "after", "start"), [(0, 40, "new: "), (40, 0, "no longer counts: "), (9, 40, "counts 40 instead of 9: ")]
)
def test_a_difference_is_told(before: int, after: int, start: str) -> None:
    assert explain_difference(EXPIRY, before, after, "en").startswith(start)


def test_a_signal_has_a_name_in_every_language() -> None:
    assert len({name_signal("days_left", language) for language in LANGUAGES}) == 3
