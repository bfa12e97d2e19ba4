"""Renders every text, informal and formal, as Rasa does: `bot/.venv/bin/python tests/rasa/render_texts.py`.

Runs in the conversation engine's Python and prints JSON: one line per address, text, language, wording and
state of the slots.
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

from bot.formal import address_formally, read_formal  # noqa: E402

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


def render_all(responses: dict[str, list[dict[str, Any]]], slots: list[str]) -> Iterator[dict[str, Any]]:
    words = TemplatedNaturalLanguageGenerator(responses)
    empty = dict.fromkeys(slots)
    for name, variations in responses.items():
        values = dict.fromkeys(VALUE.findall(json.dumps(variations, ensure_ascii=False)), "7")
        for state in list_states(variations):
            for held in (empty, dict.fromkeys(empty, "filled")):
                said = words.generate_from_slots(name, {**held, **state}, "pronto", **values)
                yield {"name": name, "state": state, "values": sorted(values), "said": said}


if __name__ == "__main__":
    domain = Domain.load(str(ROOT / "domain.yml"))
    formal = address_formally(domain.responses, read_formal(ROOT))
    for address, responses in (("informal", domain.responses), ("formal", formal)):
        for line in render_all(responses, [slot.name for slot in domain.slots]):
            print(json.dumps({"address": address, **line}, ensure_ascii=False))
