"""Ordinal numbers in three languages: "prima", "14ª", "der dritte", "the 3rd"."""

from __future__ import annotations

import re

from bot.extract.numbers import MONTHS

_WORDS = {
    1: r"prim[ao]|erste[rsn]?|first",
    2: r"second[ao]|zweite[rsn]?|second",
    3: r"terz[ao]|dritte[rsn]?|third",
    4: r"quart[ao]|vierte[rsn]?|fourth",
    5: r"quint[ao]|fünfte[rsn]?|fifth",
    6: r"sest[ao]|sechste[rsn]?|sixth",
    7: r"settim[ao]|siebte[rsn]?|seventh",
    8: r"ottav[ao]|achte[rsn]?|eighth",
    9: r"non[ao]|neunte[rsn]?|ninth",
    10: r"decim[ao]|zehnte[rsn]?|tenth",
    11: r"undicesim[ao]|elfte[rsn]?",
    12: r"dodicesim[ao]|zwölfte[rsn]?",
    13: r"tredicesim[ao]",
    14: r"quattordicesim[ao]",
    15: r"quindicesim[ao]",
    16: r"sedicesim[ao]",
    17: r"diciassettesim[ao]",
    18: r"diciottesim[ao]",
}
_COMPILED = re.compile(
    "|".join(rf"(?P<n{number}>\b(?:{words})\b)" for number, words in _WORDS.items())
    + r"|(?<![\w.,])(?P<digits>\d{1,2})\s?(?:[ªº°]|(?:a|st|nd|rd|th)\b|\.(?!\d))"
    + rf"(?!\s*(?:di |of )?{MONTHS})",
    re.IGNORECASE,
)
_PRIMA = re.compile(r"\s*(?:$|[,.;!]|(?:classe|opzione|offerta|da \d|e|grazie)\b)", re.IGNORECASE)
_FIRST = re.compile(
    r"\s*(?:$|[,.;!]|(?:one|option|offer|class|please|pls|thanks|then|i think|is fine|sounds)\b)", re.IGNORECASE
)
_THE = re.compile(r"(?:\bthe|^\W*(?:(?:no|ok|okay|yes|nah|then|so|maybe|probably)\W*)*)\s*$", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(?:la|in|quella|(?:a|su|de|da|ne)lla)\s*$", re.IGNORECASE)


def find_ordinals(text: str, language: str) -> list[tuple[int, int, int]]:
    """(number, start, end). "prima" alone is "before" in Italian and "great" in German, "first" may be an adverb."""
    found = []
    for hit in _COMPILED.finditer(text):
        word = hit.group().lower()
        alone = language == "it" and _PRIMA.match(text, hit.end())
        if word == "prima" and not alone and not _ARTICLE.search(text[: hit.start()]):
            continue
        if word == "first" and not (_THE.search(text[: hit.start()]) and _FIRST.match(text, hit.end())):
            continue  # "one question first"
        number = int(hit["digits"]) if hit["digits"] else int(str(hit.lastgroup)[1:])
        found.append((number, *hit.span()))
    return found
