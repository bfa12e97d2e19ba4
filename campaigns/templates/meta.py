"""Our templates as WhatsApp wants them handed in, and whether what it has is the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.templates.definitions import PLACEHOLDER, Definition, Wording
from core.types import Language

LINK_SAMPLE = "abc123"

type Samples = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Creation:
    """One template in one language, as WhatsApp wants it."""

    name: str
    language: str
    category: str
    components: list[dict[str, Any]]

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.language

    def as_meta(self) -> dict[str, Any]:
        """The body of the request that creates it."""
        own = {"name": self.name, "language": self.language, "category": self.category}
        return own | {"parameter_format": "NAMED", "components": self.components}


def list_creations(
    templates: Mapping[str, Definition], samples: Samples, public_url: str, languages: tuple[str, ...] = tuple(Language)
) -> Iterator[Creation]:
    """Every template in every language."""
    for name, definition in templates.items():
        for language, wording in definition.texts.items():
            if language in languages:
                components = write_components(wording, str(language), samples, public_url)
                yield Creation(name + wording.suffix, str(language), definition.category, components)


def write_components(wording: Wording, language: str, samples: Samples, public_url: str) -> list[dict[str, Any]]:
    """Body with examples, and the buttons: the link first, as our messages fill them."""
    body: dict[str, Any] = {"type": "BODY", "text": wording.body}
    if names := wording.parameters():
        told = [{"param_name": name, "example": samples[name][language]} for name in names]
        body["example"] = {"body_text_named_params": told}
    buttons: list[dict[str, Any]] = []
    if wording.link:
        address = f"{public_url.rstrip('/')}/l/"
        own = {"url": address + "{{1}}", "example": [address + LINK_SAMPLE]}
        buttons.append({"type": "URL", "text": wording.link} | own)
    buttons += [{"type": "QUICK_REPLY", "text": button.title} for button in wording.buttons]
    return [body, {"type": "BUTTONS", "buttons": buttons}] if buttons else [body]


def fill_samples(wording: Wording, language: str, samples: Samples) -> str:
    """The text with the examples in it."""
    return PLACEHOLDER.sub(lambda match: samples[match[1]][language], wording.body)


def is_same(ours: list[dict[str, Any]], theirs: list[dict[str, Any]] | None) -> bool:
    """Whether a customer would read the same and could tap the same; examples do not count."""
    return theirs is not None and describe(ours) == describe(theirs)


def describe(components: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What of components a customer meets."""
    found: list[tuple[Any, ...]] = []
    for part in components:
        kind = str(part.get("type", "")).upper()
        if kind == "BUTTONS":
            found += [(one.get("type"), one.get("text"), one.get("url")) for one in part.get("buttons", [])]
        else:
            found.append((kind, part.get("text")))
    return found
