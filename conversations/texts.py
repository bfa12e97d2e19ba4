"""The approved sentences Pronto says without Rasa, from texts.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from core.types import Language


@cache
def load_texts() -> dict[str, dict[Language, str]]:
    """Every sentence in every language. KeyError: one lacks a language."""
    raw = yaml.safe_load((Path(__file__).parent / "texts.yml").read_text("utf-8"))
    return {name: {language: texts[language.value] for language in Language} for name, texts in raw.items()}


def say(name: str, language: Language) -> str:
    """An approved sentence in a language."""
    return load_texts()[name][language]
