"""The inbox's own sentences from texts.yml: refusals for agents, and what customers read."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from core.texts import choose_edition
from core.types import AddressForm, Language

TEXTS = Path(__file__).with_name("texts.yml")


class RefusedError(Exception):
    """An agent asked for something that makes no sense now; `say` is the sentence that tells why and what to do."""

    def __init__(self, key: str, **values: Any) -> None:
        self.key, self.values = key, values
        super().__init__(self.say(Language.EN))

    def say(self, language: Language, timezone: str = "UTC") -> str:
        """The sentence, with times as they are in a time zone."""
        told = {name: say_time(value, timezone) for name, value in self.values.items()}
        return str(read_words("refusals")[self.key][language.value]).format(**told)


def say_time(value: Any, timezone: str) -> Any:
    """A time as agents read it; anything else stays as it is."""
    return f"{value.astimezone(ZoneInfo(timezone)):%d/%m %H:%M}" if isinstance(value, datetime) else value


def say_customer(key: str, language: Language, address: AddressForm, **values: str) -> str:
    """A sentence for the customer."""
    return str(choose_edition(read_words("customer")[key], address)[language.value]).format(**values).strip()


def read_words(section: str) -> dict[str, Any]:
    """A section of texts.yml."""
    words: dict[str, Any] = load_words()[section]
    return words


@cache
def load_words() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = yaml.safe_load(TEXTS.read_text("utf-8"))
    return content
