"""Yearly electricity use in kWh, converted where the customer names another period or MWh."""

from __future__ import annotations

import re

from bot.extract.found import Found, Reading, choose_last
from bot.extract.numbers import Number
from bot.extract.periods import find_period, read_range
from bot.extract.postcode import find_postcode

LARGEST = 1_000_000.0  # kWh; beyond it nobody means a household or a small firm
SMALLEST_PLAIN = 20.0  # without a unit, less is a number of people or a mistake

_USES = re.compile(
    r"\b(?:consum\w+|fabbisogno|verbrauch\w*|brauch\w*|usage|consumption|uses?|using|kwh|kilowatt\w*)\b", re.IGNORECASE
)
_PAYS = re.compile(
    r"\b(?:pag\w+|spend\w+|cost\w+|bollett\w+ di|zahl\w*|kost\w*|pay\w*|bill|rechnung|bolletta|rate)\b[^\d]{0,20}$",
    re.I,
)
_CORRECTED = {None, "country", "preference", "offer_choice", "offer_confirmed"}  # where it is taken back: "no, 3500"
_GAS = re.compile(r"(?:\s*kwh)?\s*(?:di |of |an )?(?:gas|erdgas|metano)\b", re.IGNORECASE)


def find_yearly_kwh(reading: Reading) -> list[Found]:
    """kWh per year. A range becomes its middle; of several values the last counts."""
    postcodes = {one.start for one in find_postcode(reading)}
    used = [number for number in reading.numbers if number.start not in postcodes and _is_use(reading, number)]
    if middle := read_range(reading, used, "yearly_kwh", _per_year):
        return [middle]
    found = [Found("yearly_kwh", _per_year(reading, number), number.start, number.end) for number in used]
    return choose_last(reading, [one for one in found if 0 < float(one.value) <= LARGEST])


def _is_use(reading: Reading, number: Number) -> bool:
    if number.unit:  # people also write kW for kWh; a meter has 3 to 30 of them
        named = number.unit in ("kwh", "mwh") or (number.unit == "kw" and number.value >= 100)
        return named and not _GAS.match(reading.text, number.end)
    if number.article or number.value < SMALLEST_PLAIN or _is_paid(reading.text[: number.start]):
        return False
    if reading.question.slot == "yearly_kwh":
        return True
    if number.value < 100:
        return False
    if _USES.search(reading.text):
        return True
    plain = len(reading.numbers) == 1 and 500 <= number.value <= 15000 and reading.question.slot in _CORRECTED
    codes = [other for other in reading.numbers if other.bare and len(other.written) == 5]
    several = reading.question.slot == "postcode" and bool(codes) and number not in codes
    return several or (plain and reading.corrects)


def _is_paid(before: str) -> bool:
    """ "bolletta di 90", but not "in bolletta consumo 2980"."""
    return bool(_PAYS.search(before)) and not _USES.search(before[-12:])


def _per_year(reading: Reading, number: Number) -> float:
    value = number.value
    if number.unit == "mwh":
        value = (number.fraction if number.value >= 1000 else number.value) * 1000
    return round(value * (find_period(reading, number) or 1), 2)
