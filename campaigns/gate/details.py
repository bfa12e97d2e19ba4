"""What exactly stands against a message: a sentence of details.yml, or a gate of the score, and what fills it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.problems import Problem
from core.types import Language
from core.words import load_words
from scoring.explain import explain_gate

FILE = Path(__file__).with_name("details.yml")
GATE = "gate"  # the values are what the score stores of a gate that does not let through


@dataclass(frozen=True)
class Detail:
    """name: of details.yml, or GATE. values: kept with the decision, so JSON."""

    name: str
    values: Mapping[str, Any]

    def tell(self, language: str) -> str:
        """A phrase in it, de or en."""
        if self.name == GATE:
            return explain_gate(self.values, language)
        return Problem(FILE, self.name, **self.values).tell(language)

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "values": dict(self.values)}


def describe(name: str, /, **values: Any) -> Detail:
    return Detail(name, values)


def read_detail(stored: Any) -> Detail | None:
    """From as_json; None for what nobody can tell any more."""
    known = isinstance(stored, dict) and (stored["name"] == GATE or stored["name"] in load_words(FILE)[Language.EN])
    return Detail(stored["name"], stored["values"]) if known else None
