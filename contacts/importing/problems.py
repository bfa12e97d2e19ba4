"""What is wrong with a cell or row, in the words of the person who has to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from offers.yaml_file import read_document

TEXTS_FILE = Path(__file__).with_name("texts.yml")


@dataclass(frozen=True)
class Problem:
    """code: a key of texts.yml; values: what stands in its braces."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


class CellError(Exception):
    """A cell that cannot be read."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, values)


@cache
def load_texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = read_document(TEXTS_FILE).content
    return texts


def say(code: str, language: str, **values: Any) -> str:
    """A text with its values; parts of the sentence may be codes themselves."""
    return load_texts()[code][language].format(**values)


def explain(problem: Problem, language: str) -> tuple[str, str]:
    """Problem and remedy."""
    values = dict(problem.values)
    if parts := values.pop("parts", None):
        values["missing"] = ", ".join(say(part, language) for part in parts)
    if cause := values.pop("cause", None):
        values["problem"], values["remedy"] = explain(cause, language)
    what, _, remedy = say(problem.code, language, **values).partition(" | ")
    return what, remedy
