"""Which of the offered options a customer means who types instead of tapping: "1", "2.", "la prima", "1️⃣", a title.

Only the whole message counts, never a part of it: "not the first" and "in my first year" choose nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from core.types import Language, Option

LIKENESS = 0.84  # one wrong letter in six
MARGIN = 0.1  # how much better the likest title must be than the next
NUMBERS = {
    1: "uno una un eins one",
    2: "due zwei two",
    3: "tre drei three",
    4: "quattro vier four",
    5: "cinque funf fuenf five",
    6: "sei sechs six",
    7: "sette sieben seven",
    8: "otto acht eight",
    9: "nove neun nine",
    10: "dieci zehn ten",
}
ORDINALS = {
    1: "primo prima erste ersten erster erstes first 1st",
    2: "secondo seconda zweite zweiten zweiter zweites second 2nd",
    3: "terzo terza dritte dritten dritter drittes third 3rd",
    4: "quarto quarta vierte vierten vierter viertes fourth 4th",
    5: "quinto quinta funfte funften funfter funftes fuenfte fifth 5th",
    6: "sesto sesta sechste sechsten sechster sechstes sixth 6th",
    7: "settimo settima siebte siebten siebter siebtes seventh 7th",
    8: "ottavo ottava achte achten achter achtes eighth 8th",
    9: "nono nona neunte neunten neunter neuntes ninth 9th",
    10: "decimo decima zehnte zehnten zehnter zehntes tenth 10th",
    -1: "ultimo ultima letzte letzten letzter letztes last",
}
POINTING = frozenset(
    word
    for words in (
        "il lo la l i le quello quella numero opzione n",
        "die der das den dem nummer nr option",
        "the number no",
    )
    for word in words.split()
)
FILLERS = POINTING | frozenset(
    word
    for words in (
        "offerta scelta di del della per favore grazie prendo voglio vorrei scelgo preferisco direi allora si e",
        "ho avrei ancora hab habe eine ne noch mal da i have ve got a",
        "angebot wahl variante von bitte danke ich nehme mochte hatte gern gerne will wahle dann so ja und",
        "offer choice one of please thanks ll take want would like choose d prefer then ok okay yes and",
    )
    for word in words.split()
)
WORDS_TO_NUMBERS = {word: number for number, words in NUMBERS.items() for word in words.split()}
WORDS_TO_ORDINALS = {word: number for number, words in ORDINALS.items() for word in words.split()}


def choose_option(
    text: str, options: Sequence[Option], takes_number: bool = False, language: Language | None = None
) -> Option | None:
    """The option these words choose. takes_number: the open question wants a number, so a bare one is its answer."""
    words = split_words(text)
    if not options or not words or len(words) > 8:
        return None
    titles = [split_words(option.title) for option in options]
    if words in titles:
        return options[titles.index(words)] if titles.count(words) == 1 else None
    if text.rstrip().endswith("?"):
        return None
    number, bare = read_position(words, language)
    if number is not None:
        return None if bare and takes_number and not numbered(titles) else pick_position(number, options, titles)
    return match_title(words, options, titles)


def split_words(text: str) -> list[str]:
    """Lower-case words and numbers without accents, punctuation, emoji; a keycap counts as its digit."""
    text = text.replace("🔟", " 10 ")
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    plain = "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) not in {"Mn", "Me"})
    return re.findall(r"\d+(?:[.,]\d+)+|\d+(?:st|nd|rd|th)\b|\d+|[^\W\d_]+", plain)


def read_position(words: list[str], language: Language | None) -> tuple[int | None, bool]:
    """Which place in the list the words point at, if that is all they say, and whether it is a bare number."""
    rest = [word for word in words if word not in FILLERS] or [word for word in words if word == "one"]
    if len(rest) != 1:
        return None, False
    word = rest[0]
    bare = not POINTING.intersection(words)
    if word == "prima" and bare and language is not Language.IT:
        return None, False  # "great!" in German
    if word in WORDS_TO_ORDINALS:
        return WORDS_TO_ORDINALS[word], False
    if word.isdecimal() and len(word) <= 2:
        return int(word), bare
    return WORDS_TO_NUMBERS.get(word), bare


def pick_position(number: int, options: Sequence[Option], titles: list[list[str]]) -> Option | None:
    """The option at a place; where titles bear numbers of their own ("2 people"), those count."""
    if any(own := [leading_number(title) for title in titles]) and number > 0:
        return options[own.index(number)] if own.count(number) == 1 else None
    if number < 0:
        return options[number]
    return options[number - 1] if 1 <= number <= len(options) else None


def numbered(titles: list[list[str]]) -> bool:
    """Whether any title starts with a small number."""
    return any(leading_number(title) is not None for title in titles)


def leading_number(title: list[str]) -> int | None:
    """The small number a title starts with, else None ("2.700 kWh" is a quantity, not a number in a list)."""
    return int(title[0]) if title and title[0].isdecimal() and len(title[0]) <= 2 else None


def match_title(words: list[str], options: Sequence[Option], titles: list[list[str]]) -> Option | None:
    """The one option whose title holds all the words said, or is spelt almost like them."""
    content = [word for word in words if word not in FILLERS]
    if content:
        holding = [place for place, title in enumerate(titles) if set(content) <= set(title)]
    else:  # a mere "yes" means the title that starts so
        holding = [place for place, title in enumerate(titles) if title[: len(words)] == words]
    if len(holding) == 1:
        return options[holding[0]]
    said = " ".join(content)
    if holding or len(said) < 4:
        return None
    likeness = [max(SequenceMatcher(None, said, form).ratio() for form in forms(title)) for title in titles]
    best = max(range(len(options)), key=likeness.__getitem__)
    others = [value for place, value in enumerate(likeness) if place != best]
    if likeness[best] >= LIKENESS and likeness[best] - max(others, default=0) >= MARGIN:
        return options[best]
    return None


def forms(title: list[str]) -> tuple[str, str]:
    """A title as written and without its small words."""
    return " ".join(title), " ".join(word for word in title if word not in FILLERS)
