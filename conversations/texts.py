"""The approved sentences Pronto says without Rasa, from texts.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from core.texts import choose_edition
from core.types import AddressForm, Language


@cache
def load_texts(address: AddressForm) -> dict[str, dict[Language, str]]:
    """Every sentence in every language. KeyError: one lacks a language."""
    raw = yaml.safe_load((Path(__file__).parent / "texts.yml").read_text("utf-8"))
    said = {name: choose_edition(texts, address) for name, texts in raw.items()}
    return {name: {language: texts[language.value] for language in Language} for name, texts in said.items()}


def say(name: str, language: Language, address: AddressForm) -> str:
    """An approved sentence in a language."""
    return load_texts(address)[name][language]
