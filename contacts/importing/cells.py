"""What a cell says: numbers, words, plain text. Spreadsheet cells may be numbers already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

from contacts.importing.columns import fold
from contacts.importing.problems import CellError
from offers.yaml_file import read_document

type Cell = str | int | float | bool | None

WORDS_FILE = Path(__file__).with_name("words.yml")
EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#NV", "#WERT!", "#BEZUG!"}
EXCEL_ERRORS |= {"#N/D", "#RIF!", "#VALORE!", "#NOME?", "#NULLO!", "#ZAHL!"}
UNITS = re.compile(r"€|£|\$|\b(?:eur|euro|chf|fr|sfr|gbp|usd|kwh|anno|jahr|year)\b\.?|/|\.?[-–—]+$", re.IGNORECASE)
CURRENCY = re.compile(r"€|£|\$|\b(?:eur|euro|chf|sfr|gbp|usd)\b", re.IGNORECASE)
NUMBER = re.compile(r"-?\d+(?:[.,'’ ]\d+)*")
SWISS = re.compile(r"['’ ]")


def read_text(cell: Cell) -> str:
    """Text without blanks around and double ones within; a whole number without decimals."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    words = " ".join(str(cell).split()) if cell is not None else ""
    return words.strip("\ufeff\u200b\u00a0")


def check_excel(text: str, column: str) -> None:
    if text in EXCEL_ERRORS:
        raise CellError("excel_error", column=column, value=text)


def guess_decimal(text: str) -> str | None:
    """The decimal sign a written number proves: 1.234,5 and 0,25 and 85,5 a comma; 1,234 proves nothing."""
    number = SWISS.sub("", UNITS.sub("", text)).strip()
    if not re.fullmatch(r"-?[\d.,]*\d", number):
        return None
    signs = re.findall(r"[.,]", number)
    if not signs:
        return None
    last = signs[-1]
    if len(set(signs)) == 2:
        return last if signs.count(last) == 1 else None
    if len(signs) > 1:
        return "," if last == "." else "."
    whole, _, rest = number.lstrip("-").partition(last)
    return last if len(rest) != 3 or whole in ("0", "") else None


def read_number(cell: Cell, column: str, decimal: str | None, *, fine: bool = False) -> Decimal:
    """A number as written in Italy, Germany, Switzerland or England.

    decimal: the sign the file uses, None if no number of it tells: then 1.234 means 1234, except where fine says that
    such numbers have many decimals.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return Decimal(repr(cell))
    text = read_text(cell)
    number = UNITS.sub("", text).strip()
    if not NUMBER.fullmatch(number):
        raise CellError("number", column=column, value=text)
    number = SWISS.sub("", number)
    sign = guess_decimal(number) or decimal
    if sign is None:
        lone = next((mark for mark in ".," if number.count(mark) == 1), None)
        sign = lone if fine else {".": ",", ",": "."}.get(lone or "", ".")
    other = "," if sign == "." else "."
    number = number.replace(other, "")
    if number.count(sign or ".") > 1:
        raise CellError("number", column=column, value=text)
    return Decimal(number.replace(sign or ".", "."))


def read_currency_in(cell: Cell) -> str | None:
    """The currency written beside an amount."""
    found = CURRENCY.search(cell) if isinstance(cell, str) else None
    return load_words("currency")[fold(found[0]) or found[0]] if found else None


@cache
def load_words(table: str) -> Mapping[str, str]:
    """Word to meaning."""
    content = read_document(WORDS_FILE).content[table]
    return {fold(word) or word: meaning for meaning, words in content.items() for word in [*words, meaning]}


@lru_cache(typed=True)  # few words in many rows
def read_word(cell: Cell, column: str, table: str) -> str:
    """The meaning of a word; CellError names the words that are understood."""
    words, text = load_words(table), read_text(cell)
    if (meaning := words.get(fold(text) or text)) is None:
        raise CellError("word", column=column, value=text, known=", ".join(sorted(set(words.values()))))
    return meaning


def read_yes_no(cell: Cell, column: str) -> bool:
    return cell if isinstance(cell, bool) else read_word(cell, column, "yes_no") == "yes"
