"""What is wrong with something a person wrote, told in the language of whoever has to mend it."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from core.types import Language
from core.words import load_words

ALIKE = 0.75  # of two names; below that other names of the same kind come in


class Problem:
    """words: the file where it is told in every language; name: there; values: what fills the blanks.

    As a text it is English, the language of the command line and of logs.
    """

    def __init__(self, words: Path, name: str, /, **values: object) -> None:
        self.words, self.name, self.values = words, name, values

    def tell(self, language: str) -> str:
        """What is wrong and what to do. language: it, de or en."""
        return load_words(self.words)[Language(language)][self.name].format(**self.values)

    def __str__(self) -> str:
        return self.tell(Language.EN)


def list_like(wrong: str, known: Collection[str]) -> list[str]:
    """The names that may have been meant, the likest first."""
    return get_close_matches(wrong, known, cutoff=ALIKE)


def list_choices(wrong: str, known: Collection[str]) -> str:
    """The names that may have been meant; all of them, where none is like the one that was written."""
    return ", ".join(list_like(wrong, known) or known)
