"""Words by meaning, from the lookup tables of data/nlu: what the classifier knows of words its examples lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.understand.words import fold_word, split_words

LONGEST = 5  # words of a phrase, "c'è" being two
SHORTEST_STEM = 3  # letters
APOSTROPHE = "'"


@dataclass(frozen=True)
class Lookup:
    """exact: word or phrase to its tables. stems: beginning of one ("consegn*") to its tables."""

    exact: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def find_tables(self, words: Sequence[str]) -> list[str]:
        """The tables the words and phrases of a message stand in, in order, each as often as it is met."""
        plain = [fold_word(word) for word in words if word != APOSTROPHE]
        found: list[str] = []
        for start in range(len(plain)):
            for size in range(1, min(LONGEST, len(plain) - start) + 1):
                phrase = " ".join(plain[start : start + size])
                found += self.exact.get(phrase, ())
                shortest = max(SHORTEST_STEM, len(phrase) - len(plain[start + size - 1]) + 1)
                for end in range(shortest, len(phrase) + 1):
                    found += self.stems.get(phrase[:end], ())
        return found


def build_lookup(tables: Sequence[Mapping[str, object]]) -> Lookup:
    """From Rasa's lookup tables ({"name", "elements"}); tables of one name in several languages are one."""
    exact: dict[str, dict[str, None]] = {}
    stems: dict[str, dict[str, None]] = {}
    for table in tables:
        elements = table["elements"]
        assert isinstance(elements, list)  # noqa: S101  (a path to a file instead is refused by Rasa's own check)
        for element in elements:
            entry = str(element).strip()
            home = stems if entry.endswith("*") else exact
            for spelling in (entry.replace(APOSTROPHE, " "), entry.replace(APOSTROPHE, "")):  # "dont" is "don't"
                phrase = " ".join(map(fold_word, split_words(spelling.rstrip("*"))))
                home.setdefault(phrase, {})[str(table["name"])] = None
    return Lookup({k: tuple(v) for k, v in exact.items()}, {k: tuple(v) for k, v in stems.items()})
