"""A message as words: the same for messages, training lines and lookup tables."""

from __future__ import annotations

import re
import unicodedata

_WORDS = re.compile(r"\w+|[^\w\s]")
_SPELLED = re.compile(r"([aou])e(?=\w)")


def normalise_text(text: str) -> str:
    """Lower case, one form per letter, a run of digits as 0, at most two of the same letter in a row."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    text = re.sub(r"\d+(?:[.,]\d+)*", "0", text)
    text = re.sub(r"(\D)\1{2,}", r"\1\1", text)
    return re.sub(r"\s+", " ", text).strip()


def split_words(text: str) -> list[str]:
    """Words and signs of the normalised text."""
    return _WORDS.findall(normalise_text(text))


def fold_word(word: str) -> str:
    """One spelling for perché and perche, for größe, groesse and grosse."""
    plain = unicodedata.normalize("NFD", _SPELLED.sub(r"\1", word.replace("ß", "ss")))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
