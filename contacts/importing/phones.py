"""Phone numbers as people write them, to E.164."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from contacts.importing.cells import Cell, read_text
from contacts.importing.problems import CellError

ROUNDED = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
BETWEEN = re.compile(r"\s*[;,|]\s*|\s+[/-]\s+|\s*/\s*(?=\+|0|3)|\s+(?:o|oder|or|e|und|and)\s+", re.IGNORECASE)
FALSE_ZEROS = re.compile(r"[.,]0+$")  # 3331234567.0 from a spreadsheet
TRUNK = re.compile(r"\(0\)")  # +49 (0) 171 ...
MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


@dataclass(frozen=True)
class Phone:
    """number: E.164. country: ISO code. note: what is worth telling, as in texts.yml after note_."""

    number: str
    country: str
    note: str | None = None


def read_phone_cell(cell: Cell, column: str, country: str) -> Phone:
    """One phone number; a number without its country is one of `country`. Of several the only mobile one counts."""
    text = FALSE_ZEROS.sub("", TRUNK.sub("", read_text(cell)))
    if ROUNDED.search(text):
        raise CellError("phone_rounded", column=column, value=text)
    if phone := parse_phone(text, country):
        return phone
    several = [phone for part in BETWEEN.split(text) if part and (phone := parse_phone(part, country))]
    numbers = {phone.number: phone for phone in several}
    mobile = [phone for phone in numbers.values() if phone.note != "landline"]
    if len(mobile) > 1:
        raise CellError("phone_several", column=column, value=text)
    if not numbers:
        raise CellError("phone", column=column, value=text, country=country)
    chosen = mobile[0] if mobile else next(iter(numbers.values()))
    return Phone(chosen.number, chosen.country, "phone_chosen")


def parse_phone(text: str, country: str) -> Phone | None:
    """None where it is no phone number, neither of this country nor with the plus left out."""
    abroad = text.startswith(("+", "00"))
    number = parse_number(re.sub(r"^00", "+", text), country)
    if number is None:
        return None
    kind = phonenumbers.number_type(number)
    if kind != PhoneNumberType.UNKNOWN:
        note = None if kind in MOBILE else "landline"
        return Phone(write_number(number), region_of(number) or country, note)
    if abroad:  # numbering plans change faster than tables do
        possible = phonenumbers.is_possible_number(number)
        return Phone(write_number(number), region_of(number) or country, "phone_odd") if possible else None
    guessed = parse_number("+" + text, country) if text[:1] in "123456789" else None
    if guessed and phonenumbers.number_type(guessed) in MOBILE:
        return Phone(write_number(guessed), region_of(guessed) or country, "phone_guessed")
    return None


def parse_number(text: str, country: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def write_number(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def region_of(number: PhoneNumber) -> str | None:
    """The country of the code; codes of several countries (+1) need the number's own plan."""
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    if len(regions) > 1 and number.country_code != 39:  # of 39 the other one is Vatican City
        return phonenumbers.region_code_for_number(number)
    return regions[0] if regions else None
