"""Numbers in words: "duemilasettecento", "siebenundzwanzig", "two thousand seven hundred"."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

_UNITS = {
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici"
    " diciassette diciotto diciannove",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn"
    " siebzehn achtzehn neunzehn",
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen",
}
_TENS = {
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "de": "zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
}
_MORE = {
    "it": {"cento": 100, "mille": 1000, "mila": 1000, "tré": 3, "un": 1, "una": 1},
    "de": {
        **{"hundert": 100, "tausend": 1000, "dreißig": 30, "zwo": 2, "ein": 1, "eine": 1, "einen": 1},
        **{"fuenf": 5, "zwoelf": 12, "fuenfzehn": 15, "fuenfzig": 50},
    },
    "en": {"hundred": 100, "thousand": 1000},
}
_GLUE = {"it": "e", "de": "und", "en": "and"}
_STEMS = {"vent", "trent", "quarant", "cinquant", "sessant", "settant", "ottant", "novant", "cent"}  # ventuno, centotto
ARTICLES = {"un", "una", "uno", "ein", "eine", "einen", "one", "a"}  # "eine Frage" counts nothing
_SHARED = {"due", "sei", "elf"}  # a word of another language too: only in the language of the conversation


def _list_morphemes(language: str) -> dict[str, int]:
    found = {word: value for value, word in enumerate(_UNITS[language].split())}
    found |= {word: 10 * (n + 2) for n, word in enumerate(_TENS[language].split())}
    if language == "it":
        found |= {stem: found.get(stem + "i", found.get(stem + "a", 100)) for stem in _STEMS}
    return found | _MORE[language]


MORPHEMES = {language: _list_morphemes(language) for language in _UNITS}
_SPLIT = {
    language: re.compile("|".join(sorted([*words, _GLUE[language]], key=len, reverse=True)))
    for language, words in MORPHEMES.items()
}
_WHOLE = {language: re.compile(f"(?:{pattern.pattern})+") for language, pattern in _SPLIT.items()}


@lru_cache(maxsize=20_000)
def read_word(word: str, language: str) -> int | None:
    """The value of one number word (or several joined by spaces and hyphens), None if it is none."""
    joined = re.sub(r"[\s-]+", "", word.lower())
    if not joined or not _WHOLE[language].fullmatch(joined):
        return None
    parts = [part for part in _SPLIT[language].findall(joined) if part != _GLUE[language]]
    if not parts or parts[-1] in _STEMS or joined == "mila":
        return None
    total = current = 0
    for part in parts:
        value = MORPHEMES[language][part]
        if value == 1000:
            total, current = total + max(current, 1) * 1000, 0
        elif value == 100:
            current = max(current, 1) * 100
        else:
            current += value
    return total + current


def find_words(text: str, language: str) -> list[tuple[int, int, int]]:
    """(value, start, end) of each number in words; the language of the conversation goes before the others."""
    found: list[tuple[int, int, int]] = []
    words = [(match.group(), match.start(), match.end()) for match in re.finditer(r"[^\W\d_]+", text)]
    languages = [language, *(other for other in MORPHEMES if other != language)]
    at = 0
    while at < len(words):
        step, hit = _read_longest(text, words, at, languages)
        if hit is not None:
            found.append((hit, words[at][1], words[at + step - 1][2]))
        at += step
    return found


def _read_longest(
    text: str, words: list[tuple[str, int, int]], at: int, languages: list[str]
) -> tuple[int, int | None]:
    """How many words to go on, and the value of the longest run of number words that starts here."""
    for language in languages:
        best: tuple[int, int] | None = None
        for last in range(at, min(at + 7, len(words))):
            if last > at and text[words[last - 1][2] : words[last][1]] not in (" ", "-"):
                break
            value = read_word(text[words[at][1] : words[last][2]], language)
            if value is not None and words[last][0].lower() != _GLUE[language] and _joins(words, at, last, language):
                best = (last - at + 1, value)
            if value is None and last == at:
                break
        if best and not (language != languages[0] and words[at][0].lower() in _SHARED):
            return best
    return 1, None


def _joins(words: list[tuple[str, int, int]], first: int, last: int, language: str) -> bool:
    """Whether the words are one number: "two thousand" is, "two three" are two."""
    values = [read_word(word, language) for word, _, _ in words[first : last + 1] if word.lower() != _GLUE[language]]
    if any(value is None for value in values):  # "mila" alone is no number but "tre mila" is
        return True
    pairs = itertools.pairwise(values)
    return all((before >= 20 and after < before) or after in (100, 1000) for before, after in pairs)  # type: ignore[operator]
