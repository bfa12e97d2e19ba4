"""The messages of tests/bot/values: every value exactly, and none besides."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.extract.find import find_values
from bot.extract.found import Question

TODAY = date(2026, 11, 18)
CASES = Path(__file__).parent / "values"


def read_cases(language: str) -> list[tuple[Question, str, dict[str, str]]]:
    """(question, message, expected values as text) for each line of a language's file."""
    question, found = Question(language=language, today=TODAY), []
    for line in (CASES / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            slot, _, country = line.strip("[]").partition(", ")
            question = Question(None if slot == "-" else slot, language, country or None, TODAY)
        elif line and not line.startswith("#"):
            text, _, told = line.rpartition(" | ")
            pairs = [one.rpartition("=") for one in told.split("; ") if one != "-"]
            found.append((question, text, {name or str(question.slot): value for name, _, value in pairs}))
    return found


def write_value(value: str | float) -> str:
    """As the case files write it."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        pytest.param(*case, id=f"{language}-{case[0].slot}-{case[1]}")
        for language in ("it", "de", "en")
        for case in read_cases(language)
    ],
)
def test_a_message_gives_exactly_its_values(question: Question, text: str, expected: dict[str, str]) -> None:
    assert {one.entity: write_value(one.value) for one in find_values(text, question)} == expected
