"""Renders every text of domain.yml as Rasa does: `bot/.venv/bin/python tests/rasa/render_texts.py`.

Runs in the conversation engine's Python and prints JSON: one line per text, language, wording and state of the slots.
The values an action gives are there; the slots hold nothing at first, then something everywhere.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402

LANGUAGES = ("it", "de", "en")
VALUE = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")


def list_states(variations: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every combination of what decides between the wordings."""
    choices: dict[str, set[Any]] = {"language": set(LANGUAGES)}
    for variation in variations:
        for condition in variation.get("condition", []):
            choices.setdefault(condition["name"], set()).add(condition["value"])
    for values in choices.values():
        if values & {True, False}:
            values |= {True, False}
    names = sorted(choices)
    for values in itertools.product(*(sorted(choices[name], key=str) for name in names)):
        yield dict(zip(names, values, strict=True))


def render_all(domain: Domain) -> Iterator[dict[str, Any]]:
    words = TemplatedNaturalLanguageGenerator(domain.responses)
    empty = {slot.name: None for slot in domain.slots}
    for name, variations in domain.responses.items():
        values = dict.fromkeys(VALUE.findall(json.dumps(variations, ensure_ascii=False)), "7")
        for state in list_states(variations):
            for slots in (empty, dict.fromkeys(empty, "filled")):
                said = words.generate_from_slots(name, {**slots, **state}, "pronto", **values)
                yield {"name": name, "state": state, "values": sorted(values), "said": said}


if __name__ == "__main__":
    for line in render_all(Domain.load(str(ROOT / "domain.yml"))):
        print(json.dumps(line, ensure_ascii=False))
