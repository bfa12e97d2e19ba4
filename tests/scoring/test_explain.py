from __future__ import annotations

from datetime import date

import pytest

from scoring.explain import WORDS, explain_line
from scoring.rules import load_rules
from scoring.score import LIMIT, score
from scoring.signals import SIGNALS, Signals

EXPIRY = {"rule": "x", "points": 40, "fact": {"signal": "days_left", "at_least": 0, "at_most": 60}, "on": "2026-12-03"}


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


@pytest.mark.parametrize("language", ["it", "de", "en"])
def test_every_signal_has_words(language: str) -> None:
    assert set(WORDS[language]) == {*SIGNALS, "within", LIMIT}


@pytest.mark.parametrize("language", ["it", "de", "en"])
def test_every_line_a_score_can_have_is_said_without_gaps(language: str) -> None:
    day = date(2026, 11, 21)
    for signals in (Signals(day, day, day, day), Signals(ignored_in_a_row=6, ignored_on=day)):
        for line in score(signals, load_rules(), day).receipt:
            assert "{" not in explain_line(line.as_json(), language)
