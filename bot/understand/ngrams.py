"""A message as n-grams of letters and words: the same function for training and for one message."""

from __future__ import annotations

from functools import lru_cache

from bot.understand.lookup import Lookup
from bot.understand.words import split_words

SHORTEST, LONGEST = 2, 5
NO_LOOKUP = Lookup()
TELLING = 4  # an n-gram this long says whether a word is known; shorter ones occur in every language


def list_ngrams(text: str, lookup: Lookup = NO_LOOKUP) -> dict[str, int]:
    """How often each n-gram occurs.

    "c..." inside padded words (2 to 5 letters), "w..." one or two words, "k..." a lookup table or two met in a row.
    """
    counts: dict[str, int] = {}
    words = split_words(text)
    tables = list(dict.fromkeys(lookup.find_tables(words)))
    for first, second in zip(tables, [*tables[1:], ""], strict=False):
        counts[f"k{first}"] = 1
        if second:
            counts[f"k{first} {second}"] = 1
    for word in words:
        for gram in _list_letters(word):
            counts[gram] = counts.get(gram, 0) + 1
    for first, second in zip(words, [*words[1:], ""], strict=False):
        for gram in (f"w{first}", f"w{first} {second}") if second else (f"w{first}",):
            counts[gram] = counts.get(gram, 0) + 1
    return counts


@lru_cache(maxsize=5_000)
def _list_letters(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(
        "c" + padded[start : start + size]
        for size in range(SHORTEST, min(LONGEST, len(padded)) + 1)
        for start in range(len(padded) - size + 1)
    )
