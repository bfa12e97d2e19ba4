"""Texts in three languages, read from a YAML file: name, then it, de, en."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from string import Formatter

import yaml

from core.types import Language


class WordsError(Exception):
    """A file of words cannot be used: which, and what to do."""


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
