"""What the customer pays in a year, converted where a month, quarter or instalment is named."""

from __future__ import annotations

import re

from bot.extract.found import INSURANCE, Found, Reading, choose_last
from bot.extract.numbers import Number
from bot.extract.periods import find_period, read_range

SMALLEST, LARGEST = 20.0, 50_000.0  # less is a price per kWh or a day, more no premium
_PER_UNIT = re.compile(r"\s*(?:cents?\b|centesimi|ct\b|(?:€|eur\w*)?\s*(?:/|al|pro|per)\s?(?:kwh|smc|m3|km)\b)", re.I)
_LATER = ("offer_choice", "contact_way")  # where it may still be corrected
_PAYS = re.compile(r"\b(?:pag[oa]\w*|spend\w+|zahl\w*|pay\w*)\b", re.IGNORECASE)
_INSTALMENTS = re.compile(
    r"\s*(?:rate|raten|abschläge|zahlungen|pagamenti|payments?|instal+ments?)\s*(?:da|di|zu|à|von|of|a)?\s*€?\s*", re.I
)


def find_yearly_cost(reading: Reading) -> list[Found]:
    """Money per year, while it or another fact of an insurance is asked; without a unit only while it is asked."""
    corrects = reading.question.slot in _LATER and bool(_PAYS.search(reading.text))
    if reading.question.slot not in INSURANCE and not corrects:
        return []
    money = [one for one in reading.numbers if one.unit == "money" and not _PER_UNIT.match(reading.text, one.end)]
    asked = reading.question.slot == "yearly_cost"
    plain = [one for one in reading.numbers if asked and not one.unit and not one.article]
    if middle := read_range(reading, [*plain, *money][:3], "yearly_cost", _per_year):
        return [middle]
    found = [Found("yearly_cost", _per_year(reading, one), one.start, one.end) for one in money or plain]
    return choose_last(reading, [one for one in found if SMALLEST <= float(one.value) <= LARGEST])


def _per_year(reading: Reading, number: Number) -> float:
    return round(number.value * (_count_instalments(reading, number) or find_period(reading, number) or 1), 2)


def _count_instalments(reading: Reading, number: Number) -> float | None:
    """ "2 rate da 310": how many there are."""
    for other in reading.numbers:
        if 2 <= other.value <= 12 and _INSTALMENTS.fullmatch(reading.text[other.end : number.start]):
            return other.value
    return None
