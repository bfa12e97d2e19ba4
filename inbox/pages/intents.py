"""What people call the intents: as on the assistant's own buttons, and those that are on none."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from core.types import Language

ROOT = Path(__file__).parents[2]
DOMAIN, MEANINGS = ROOT / "domain.yml", ROOT / "actions" / "meanings.yml"
OTHERS = Path(__file__).with_name("intents.yml")
SECTION = re.compile(r"^intents:.*\n(?:[ \t#-].*\n|\n)*", re.MULTILINE)
OWN = ("out_of_scope",)  # what the assistant answers without training data of ours


@cache
def read_intents() -> frozenset[str]:
    """Every intent of the domain; only that part of the long file is parsed, which would take seconds otherwise."""
    found = SECTION.search(DOMAIN.read_text("utf-8"))
    listed = yaml.safe_load(found[0])["intents"] if found else []
    names = (next(iter(one)) if isinstance(one, dict) else one for one in listed)
    return frozenset(name for name in names if name not in OWN)


@cache
def name_intents(language: Language) -> dict[str, str]:
    """Intent to name, by name."""
    meanings = yaml.safe_load(OTHERS.read_text("utf-8")) | yaml.safe_load(MEANINGS.read_text("utf-8"))
    names = {one: name_intent(one, meanings, language) for one in read_intents()}
    return dict(sorted(names.items(), key=lambda one: one[1].lower()))


def name_intent(intent: str, meanings: dict[str, dict[str, str]], language: Language) -> str:
    plain = intent.removeprefix("ask_").replace("_", " ")
    known = meanings.get(intent)
    return f"{known[language.value]} · {plain}" if known else plain
