"""The words of pages in the language of whoever looks at them."""

from __future__ import annotations

from pathlib import Path

from core.types import Language
from core.words import load_words


class Words:
    """The words of some files in one language. Called with a name it gives the text, its blanks filled."""

    def __init__(self, language: Language, *files: Path) -> None:
        self.language = language
        self.texts: dict[str, str] = {}
        for file in files:
            self.texts |= load_words(file)[language]

    def __call__(self, name: str, /, **values: object) -> str:
        text = self.texts[name]
        return text.format(**values) if values else text

    def __contains__(self, name: str) -> bool:
        return name in self.texts


def choose_language(accepted: str, default: Language) -> Language:
    """The first of our languages a browser's Accept-Language header asks for, by its weights."""
    wishes: list[tuple[float, Language]] = []
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";q=")
        known = name[:2].lower()
        if known in Language and name[2:3] in ("", "-"):
            wishes.append((read_weight(weight), Language(known)))
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else default


def read_weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
