"""The words of pages in three languages, read from a YAML file beside the page: name, then it, de, en."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from string import Formatter

import yaml

from core.types import Language


class WordsError(Exception):
    """A file of words cannot be used: which, and what to do."""


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


@cache
def load_words(file: Path) -> dict[Language, dict[str, str]]:
    """Every language's texts. WordsError: a name stands twice, or a language is missing or fills other blanks."""
    loader = yaml.CSafeLoader(file.read_text(encoding="utf-8"))
    node = loader.get_single_node()
    if not isinstance(node, yaml.MappingNode):
        raise WordsError(f"{file}: write a name and its texts on each line")
    names = Counter(key.value for key, _ in node.value)
    if twice := [name for name, times in names.items() if times > 1]:
        raise WordsError(f"{file}: {twice[0]!r} stands here twice")
    root = loader.construct_document(node)
    texts: dict[Language, dict[str, str]] = {language: {} for language in Language}
    for name, versions in root.items():
        if set(versions) != {language.value for language in Language}:
            raise WordsError(f"{file}: {name!r} needs exactly it, de and en")
        if len({blanks_of(text) for text in versions.values()}) > 1:
            raise WordsError(f"{file}: {name!r} fills different blanks in its languages")
        for language in Language:
            texts[language][name] = versions[language.value]
    return texts


def blanks_of(text: str) -> frozenset[str]:
    """The names in curly brackets."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


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
