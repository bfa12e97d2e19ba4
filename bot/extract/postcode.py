"""Postcodes: five digits in Italy and Germany, four in Austria and Switzerland."""

from __future__ import annotations

import re

from bot.extract.found import Found, Reading, choose_last
from bot.extract.numbers import Number

_LABELLED = re.compile(
    r"\b(?:c\.?a\.?p\.?|plz|postleitzahl|post\s?codes?|postal code|zip(?:\s?code)?|codice (?:di avviamento )?postale)"
    r"(?![^\W\d_])[^\d\n]{0,25}?(\d{5}|\d{2} \d{3}|\d{4})(?!\d)",
    re.IGNORECASE,
)
_COUNTRY = re.compile(r"(?<!\w)(?:(?:I|IT|D|DE)-\s?(\d{5})|(?:A|AT|CH)-\s?(\d{4}))(?!\d)", re.IGNORECASE)
_SPACED = re.compile(r"(?<!\d)(\d{2} \d{3}|\d \d{2} \d{2}|\d(?: \d){4})(?!\d)")
_LIVES = re.compile(
    r"\b(?:abit\w+|viv\w+|zona|sono di|stiamo|sto|trasferit\w+|wohn\w*|leb\w+|komme aus|bin aus|liv\w+|based|moved)\b"
    r"[^\d]{0,25}$",
    re.IGNORECASE,
)
_PLACE_AFTER = re.compile(r",?\s+(?:(?-i:[A-ZÀ-Ý][a-zà-ÿ]{2,})|in\s+(?-i:[A-ZÀ-Ý]))", re.IGNORECASE)
_ALPINE_AFTER = re.compile(
    r",?\s+(?:in\s+)?(?:wien|graz|linz|salzburg|innsbruck|klagenfurt|villach|wels|dornbirn|bregenz|zürich|zuerich|bern"
    r"|basel|genf|luzern|lausanne|winterthur|lugano|vienna|zurich|zurigo|berna|basilea|ginevra)\b",
    re.IGNORECASE,
)
_SOFT = re.compile(  # 12000 circa, 12000 all'anno: an amount
    r"\s*(?:circa|ca\b|all|l.anno|/|pro\b|im\b|per\b|a year|annu|jährl|etwa|ungefähr|about|or so|più o meno|ungef)",
    re.I,
)


def find_postcode(reading: Reading) -> list[Found]:
    """The postcode, as text because of leading zeros."""
    found = [
        Found("postcode", (match.group(1) or match.group(2)).replace(" ", ""), *match.span(1 if match.group(1) else 2))
        for match in _COUNTRY.finditer(reading.text)
    ]
    found += [
        Found("postcode", match.group(1).replace(" ", ""), *match.span(1)) for match in _LABELLED.finditer(reading.text)
    ]
    taken = {one.start for one in found}
    found += [
        Found("postcode", number.written, number.start, number.end)
        for number in reading.numbers
        if number.start not in taken and _is_postcode(reading, number)
    ]
    if not found and reading.question.slot == "postcode":
        found = [Found("postcode", re.sub(r"\s", "", m.group(1)), *m.span(1)) for m in _SPACED.finditer(reading.text)]
    return choose_last(reading, sorted(found, key=lambda one: one.start))


def _is_postcode(reading: Reading, number: Number) -> bool:
    if not number.bare or number.unit not in ("", "year") or len(number.written) not in (4, 5):
        return False
    after = reading.text[number.end :]
    if len(number.written) == 4:
        return _is_alpine(reading, number, after)
    lives = _PLACE_AFTER.match(after) or _LIVES.search(reading.text[: number.start])
    lives = lives or any(one.unit == "street" for one in reading.numbers)  # "via Garibaldi 12, 20121"
    if number.written[0] == "0" or reading.question.slot == "postcode":
        return True
    if lives or _SOFT.match(after):
        return not _SOFT.match(after)
    uneven = number.value % 500 != 0
    if reading.question.slot == "yearly_kwh":
        return uneven and reading.corrects
    return uneven


def _is_alpine(reading: Reading, number: Number, after: str) -> bool:
    """Four digits: an answer to the question, a known town behind it, or a contact who lives there and moves."""
    if _ALPINE_AFTER.match(after):
        return True
    if reading.question.slot == "postcode":
        others = [other for other in reading.numbers if other.bare and len(other.written) == 5]
        return not others
    return reading.question.country in ("AT", "CH") and bool(_LIVES.search(reading.text[: number.start]))
