"""How many kilometres a car is driven in a year, converted where a day, week or month is named, or miles."""

from __future__ import annotations

import re

from bot.extract.found import INSURANCE, Found, Reading, choose_last
from bot.extract.numbers import Number
from bot.extract.periods import find_period, read_range

LARGEST = 200_000.0
MILE = 1.609344  # km
_PLAIN = (500, LARGEST)  # without a unit
_SHORTEST = 100  # below it is a way
_ODOMETER = 60_000  # more than that is what a car has behind it, unless a period is named
_PAYS = re.compile(r"\b(?:pag\w+|spend\w+|cost\w+|zahl\w*|kost\w*|pay\w*)\b[^\d]{0,20}$", re.IGNORECASE)


def find_km_per_year(reading: Reading) -> list[Found]:
    """Kilometres per year; plain numbers only while it is asked, and distances ("5 km from here") never."""
    named = [number for number in reading.numbers if number.unit in ("km", "miles") and _is_driven(reading, number)]
    plain = [number for number in reading.numbers if _may_be_km(reading, number)]
    if middle := read_range(reading, [*plain, *named], "km_per_year", _per_year):  # "tra 10 e 15mila km"
        return [Found(middle.entity, float(round(float(middle.value))), middle.start, middle.end)]
    if any(number.value <= _ODOMETER for number in plain):
        plain = [number for number in plain if number.value <= _ODOMETER]
    used = named or [one for one in plain if _PLAIN[0] <= _per_year(reading, one)]
    found = [Found("km_per_year", _per_year(reading, number), number.start, number.end) for number in used]
    return choose_last(reading, [one for one in found if 0 < float(one.value) <= LARGEST])


def _is_driven(reading: Reading, number: Number) -> bool:
    if _per_year(reading, number) < _SHORTEST and not find_period(reading, number):
        return False  # "20 km to work"
    if reading.question.slot in INSURANCE or find_period(reading, number):
        return True
    return 1000 <= _per_year(reading, number) <= _ODOMETER


def _may_be_km(reading: Reading, number: Number) -> bool:
    if reading.question.slot != "km_per_year" or number.unit or number.article:
        return False
    return number.value <= _PLAIN[1] and not _PAYS.search(reading.text[: number.start])


def _per_year(reading: Reading, number: Number) -> float:
    value = number.value * (find_period(reading, number) or 1)
    if re.match(r"\s*tkm\b", reading.text[number.end :], re.IGNORECASE):
        value *= 1000
    return float(round(value * MILE)) if number.unit == "miles" else round(value, 2)
