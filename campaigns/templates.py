"""Approved messages: their texts, and how a contact's values fill them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from core.texts import FORMAL_KEYS, choose_edition
from core.types import AddressForm, Language, Option, Purpose, Template

TEMPLATES = Path(__file__).with_name("templates.yml")
FORMAL_SUFFIX = "_formal"  # at WhatsApp a name and a language have one text
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


class Button(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    payload: str


class Wording(BaseModel):
    model_config = ConfigDict(extra="forbid")
    body: str
    buttons: tuple[Button, ...] = ()
    suffix: str = ""  # of the name at WhatsApp

    def parameters(self) -> list[str]:
        """The names in the text, in its order."""
        return list(dict.fromkeys(PLACEHOLDER.findall(self.body)))


class Definition(BaseModel):
    """contract: the kind whose end {{days}} counts to. proposal: what a plain yes means."""

    model_config = ConfigDict(extra="forbid")
    purpose: Purpose
    proposal: str | None = None
    contract: str | None = None
    texts: dict[Language, Wording]


@dataclass(frozen=True)
class Filled:
    """A message ready to be queued. text: what the person reads."""

    template: Template
    text: str
    options: tuple[Option, ...]


class MissingValueError(Exception):
    """A template cannot be filled; the message says which value is missing and why."""


@cache
def load_templates(address: AddressForm, file: Path = TEMPLATES) -> dict[str, Definition]:
    """Every template by name, in the edition that addresses customers this way."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {
        name: Definition.model_validate(fields | {"texts": choose_texts(fields["texts"], address)})
        for name, fields in content.items()
    }


def choose_texts(texts: dict[str, dict[str, Any]], address: AddressForm) -> dict[str, dict[str, Any]]:
    """The texts of one edition; a formal one knows that it has a name of its own at WhatsApp."""
    named = {key: text | ({"suffix": FORMAL_SUFFIX} if key in FORMAL_KEYS else {}) for key, text in texts.items()}
    return choose_edition(named, address)


def fill_template(name: str, language: Language, wording: Wording, values: Mapping[str, str]) -> Filled:
    """Puts the values in; MissingValueError instead of a gap."""
    names = wording.parameters()
    missing = [parameter for parameter in names if not values.get(parameter, "").strip()]
    if missing:
        raise MissingValueError(f"template {name!r} needs {', '.join(missing)}, which this contact does not have")
    parameters = {parameter: values[parameter].strip() for parameter in names}
    text = PLACEHOLDER.sub(lambda match: parameters[match[1]], wording.body)
    payloads = tuple(button.payload for button in wording.buttons)
    options = tuple(Option(button.payload, button.title) for button in wording.buttons)
    return Filled(Template(name + wording.suffix, language, parameters, button_payloads=payloads), text, options)
