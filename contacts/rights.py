"""The words of consents and reasons, from rights.yml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.texts import choose_edition
from core.types import AddressForm
from scoring.explain import explain_line, write_date


@cache
def load_words(address: AddressForm) -> dict[str, dict[str, str]]:
    """Every phrase in every language."""
    words: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("rights.yml").read_text("utf-8"))
    return {name: choose_edition(texts, address) for name, texts in words.items()}


def word_opt_in(company: str, language: str, address: AddressForm) -> str:
    """What a customer who opts in again agrees to, word for word."""
    return load_words(address)["opt_in"][language].format(company=company)


def name_channel(channel: str, language: str) -> str:
    """How a consent reached us."""
    words = load_words(AddressForm.INFORMAL)  # these phrases address nobody
    return words.get(f"channel_{channel}", words["channel_other"])[language]


def tell_facts(receipt: Iterable[Mapping[str, Any]], language: str, address: AddressForm) -> list[str]:
    """What spoke for writing to a customer, told to them: the receipt's lines that gave points."""
    return [tell_fact(line, language, address) for line in receipt if line["points"] > 0]


def tell_fact(line: Mapping[str, Any], language: str, address: AddressForm) -> str:
    words = load_words(address).get(f"fact_{line['fact'].get('signal')}")
    on = write_date(date.fromisoformat(line["on"]), language) if line["on"] else None
    if words is None or ("{on}" in words[language] and not on):
        return explain_line(line, language)
    return words[language].format(on=on, value=line["fact"].get("value"))
