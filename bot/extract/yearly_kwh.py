"""Yearly electricity use in kWh, converted where the customer names another period or MWh."""

from __future__ import annotations

import re

from bot.extract.found import Found, Reading, choose_last
from bot.extract.number_words import read_word
from bot.extract.numbers import Number
from bot.extract.postcode import find_postcode

LARGEST = 1_000_000.0  # kWh; beyond it nobody means a household or a small firm
SMALLEST_PLAIN = 20.0  # without a unit, less is a number of people or a mistake

_PER_YEAR: list[tuple[float, str]] = [  # how often the period fits into a year; the first that fits counts
    (
        1,
        r"all.?\s?anno|annu[aoei]|annui|per anno|/\s?anno|l.anno|im jahr|pro jahr|jährlich|jaehrlich|/\s?jahr|p\.?\s?a\.|"
        r"a year|per year|yearly|annually|/\s?year|an year|each year|every year|ogni anno|jedes jahr|jahresverbrauch",
    ),
    (
        6,
        r"bimestr\w*|ogni (?:due|2) mesi|(?:due|2) mesi|alle (?:zwei|2) monate|(?:zwei|2) monate\w*|zweimonat\w*|"
        r"(?:every|per) (?:two|2|other) months?|bi-?monthly|two months",
    ),
    (
        4,
        r"trimestr\w*|ogni (?:tre|3) mesi|quartal\w*|vierteljahr\w*|quarter\w*|alle (?:drei|3) monate|every (?:three|3) months",
    ),
    (
        2,
        r"semestr\w*|ogni (?:sei|6) mesi|halbjahr\w*|halbes jahr|half.year\w*|alle (?:sechs|6) monate|every six months|six months",
    ),
    (
        12,
        r"al mese|/\s?mese|mensil\w*|ogni mese|per mese|al mes\b|im monat|pro monat|monatlich|/\s?monat|jeden monat|"
        r"a month|per month|monthly|/\s?month|each month|every month|pcm\b",
    ),
    (52, r"alla settimana|settimanal\w*|pro woche|in der woche|wöchentlich|a week|per week|weekly"),
    (365, r"al giorno|giornalier\w*|am tag|pro tag|täglich|a day|per day|daily"),
]
_PERIODS = [(times, re.compile(pattern, re.IGNORECASE)) for times, pattern in _PER_YEAR]
_IN_MONTHS = re.compile(r"\b(?:in|per|für|for|over|su|within)\s+(\w+)\s+(?:mesi|monate?n?|months)\b", re.IGNORECASE)
_USES = re.compile(
    r"\b(?:consum\w+|fabbisogno|verbrauch\w*|brauch\w*|usage|consumption|uses?|using|kwh|kilowatt\w*)\b", re.IGNORECASE
)
_PAYS = re.compile(
    r"\b(?:pag\w+|spend\w+|cost\w+|bollett\w+ di|zahl\w*|kost\w*|pay\w*|bill|rechnung|bolletta|rate)\b[^\d]{0,20}$",
    re.I,
)
_RANGE = re.compile(
    r"\s*(?:kwh)?\s*(?:-|–|e\b|ed\b|und\b|and\b|bis\b|to\b|a\b|ai\b|o\b|oder\b|or\b)\s*(?:i\s+|the\s+)?$", re.I
)
_RANGE_BEFORE = re.compile(r"\b(?:tra|fra|dai?|zwischen|between|from|von)\s+(?:i\s+)?$", re.IGNORECASE)
_OTHERS = {"postcode", "household_size"}  # questions whose own answer is a number


def find_yearly_kwh(reading: Reading) -> list[Found]:
    """kWh per year. A range becomes its middle; of several values the last counts."""
    postcodes = {one.start for one in find_postcode(reading)}
    used = [number for number in reading.numbers if number.start not in postcodes and _is_use(reading, number)]
    if middle := _read_range(reading, used):
        return [middle]
    found = [Found("yearly_kwh", _per_year(reading, number), number.start, number.end) for number in used]
    return choose_last(reading, [one for one in found if 0 < float(one.value) <= LARGEST])


def _is_use(reading: Reading, number: Number) -> bool:
    if number.unit:  # people also write kW for kWh; a meter has 3 to 30 of them
        return number.unit in ("kwh", "mwh") or (number.unit == "kw" and number.value >= 100)
    if number.article or number.value < SMALLEST_PLAIN or _PAYS.search(reading.text[: number.start]):
        return False
    if reading.question.slot == "yearly_kwh":
        return True
    if number.value < 100:
        return False
    if _USES.search(reading.text):
        return True
    plain = len(reading.numbers) == 1 and 500 <= number.value <= 15000 and reading.question.slot not in _OTHERS
    codes = [other for other in reading.numbers if other.bare and len(other.written) == 5]
    several = reading.question.slot == "postcode" and bool(codes) and number not in codes
    return several or (plain and reading.corrects)


def _per_year(reading: Reading, number: Number) -> float:
    value = number.value
    if number.unit == "mwh":
        value = (number.fraction if number.value >= 1000 else number.value) * 1000
    return round(value * _count_periods(reading, number), 2)


def _count_periods(reading: Reading, number: Number) -> float:
    """How often the period named beside the number fits into a year."""
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
    return 1


def _read_count(word: str, language: str) -> int | None:
    return int(word) if word.isdigit() else read_word(word, language)


def _read_range(reading: Reading, numbers: list[Number]) -> Found | None:
    """ "tra 2500 e 3000", "2500-3000 kWh": the middle."""
    if len(numbers) != 2:
        return None
    low, high = numbers
    between = reading.text[low.end : high.start]
    dash = re.fullmatch(r"\s*(?:kwh)?\s*(?:-|–|/|o|oder|or|bis|to)\s*", between, re.IGNORECASE)
    if not _RANGE.fullmatch(between) or not (dash or _RANGE_BEFORE.search(reading.text[: low.start])):
        return None
    bottom, top = _per_year(reading, low) if low.unit else low.value, _per_year(reading, high)
    bottom = bottom * 1000 if bottom < 10 < top and high.value >= 1000 and not low.unit else bottom
    if not low.unit:
        bottom *= _count_periods(reading, high)
    return Found("yearly_kwh", round((bottom + top) / 2, 2), low.start, high.end) if bottom < top else None
