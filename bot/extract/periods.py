"""How often a period named beside a number fits into a year, and ranges of numbers; for kWh, km and money alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.extract.found import Found, Reading
from bot.extract.number_words import read_word
from bot.extract.numbers import Number

_PER_YEAR: list[tuple[float, str]] = [  # how often the period fits into a year; the first that fits counts
    (
        1,
        r"all.?\s?anno|annu[aoei]|annui|per anno|/\s?anno|l.anno|im jahr|pro jahr|(?<!\w)jährlich|(?<!\w)jaehrlich|/\s?jahr|p\.?\s?a\.|"
        r"a year|per year|(?<!half[- ])yearly|annually|/\s?year|an year|each year|every year|ogni anno|jedes jahr|jahresverbrauch",
    ),
    (
        6,
        r"bimestr\w*|ogni (?:due|2) mesi|(?:due|2) mesi|alle (?:zwei|2) monate|(?:zwei|2) monate\w*|zweimonat\w*|"
        r"(?:every|per) (?:two|2|other) months?|bi-?monthly|two months",
    ),
    (
        4,
        r"trimestr\w*|ogni (?:tre|3) mesi|quartal\w*|viertelj[aä]hr\w*|quarter\w*|alle (?:drei|3) monate|every (?:three|3) months",
    ),
    (
        2,
        r"semestr\w*|ogni (?:sei|6) mesi|halbj[aä]hr\w*|halbes jahr|half.year\w*|alle (?:sechs|6) monate|every (?:six|6) months|six months|twice a year"
        r"|due volte l.anno|zweimal im jahr",
    ),
    (
        12,
        r"al mese|/\s?mese|mensil\w*|ogni mese|per mese|al mes\b|im monat|pro monat|(?<!zwei)monatlich|mtl\b|/\s?monat|jeden monat|"
        r"a month|per month|(?<!bi)(?<!bi-)monthly|/\s?(?:month|mo\b)|each month|every month|pc?m\b",
    ),
    (
        52,
        r"(?:alla|a|la|per|ogni|/) ?settimana|settimanal\w*|(?:pro|in der|die|jede|/) ?woche|wöchentlich|a week|per week|weekly",
    ),
    (365, r"(?:al|/) ?giorno|giornalier\w*|(?:am|pro|/|jeden) ?tag|täglich|a day|per day|daily"),
]
_PERIODS = [(times, re.compile(pattern, re.IGNORECASE)) for times, pattern in _PER_YEAR]
_IN_MONTHS = re.compile(r"\b(?:in|per|für|for|over|su|within)\s+(\w+)\s+(?:mesi|monate?n?|months)\b", re.IGNORECASE)
_UNIT = r"\s*(?:kwh|km|€|euro|eur)?\s*"
_RANGE = re.compile(
    rf"{_UNIT}(?:-|–|/|e\b|ed\b|und\b|and\b|bis\b|to\b|a\b|ai\b|o\b|oder\b|or\b)\s*(?:i\s+|the\s+|€\s*)?$", re.I
)
_DASH = re.compile(rf"{_UNIT}(?:-|–|/|o|oder|or|bis|to)\s*(?:€\s*)?", re.I)
_RANGE_BEFORE = re.compile(r"\b(?:tra|fra|dai?|zwischen|between|from|von)\s+(?:i\s+|€\s*)?$", re.IGNORECASE)


def find_period(reading: Reading, number: Number) -> float | None:
    """How often the period named beside the number fits into a year; None where none is named."""
    after = re.split(r"\d{2,}", reading.text[number.end :])[0][:60]
    earlier = re.split(r"\d{2,}", reading.text[: number.start])
    before = (
        earlier[-1] if len(earlier) == 1 else "".join(re.split(r"[,;:.]", earlier[-1])[1:])
    )  # not "80 € al mese per"
    if (months := _IN_MONTHS.search(after)) and (count := _read_count(months.group(1), reading.question.language)):
        return 12 / count
    for window, sign in ((after, 1), (before[-40:], -1)):  # the period nearest to the number
        hits = [
            (sign * hit.start(), -len(hit.group()), times)
            for times, pattern in _PERIODS
            if (hit := pattern.search(window))
        ]
        if hits:
            return min(hits)[2]
    return None


def read_range(
    reading: Reading, numbers: Sequence[Number], entity: str, per_year: Callable[[Reading, Number], float]
) -> Found | None:
    """The middle of "tra 2500 e 3000", "10-15mila"."""
    if len(numbers) != 2:
        return None
    low, high = numbers
    between = reading.text[low.end : high.start]
    if not _RANGE.fullmatch(between) or not (
        _DASH.fullmatch(between) or _RANGE_BEFORE.search(reading.text[: low.start])
    ):
        return None
    top, bottom = per_year(reading, high), per_year(reading, low)
    if not low.unit:
        shared = top / high.value if high.value else 1  # unit and period of the other
        thousand = 1000 if low.value * 1000 < high.value else 1  # "tra 10 e 15mila"
        bottom = low.value * shared * thousand
    return Found(entity, round((bottom + top) / 2, 2), low.start, high.end) if bottom < top else None


def _read_count(word: str, language: str) -> int | None:
    return int(word) if word.isdigit() else read_word(word, language)
