"""Dates as people in three countries and their spreadsheets write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache

from contacts.importing.cells import Cell, read_text
from contacts.importing.columns import fold
from contacts.importing.problems import CellError

EXCEL_EPOCH = date(1899, 12, 30)  # Excel counts 1900 as a leap year; from March 1900 on this is right
SERIALS = range(20_000, 80_000)  # 1954 to 2119
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})")
SLASHED = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})")
WORDED = re.compile(r"(?:(\d{1,2})\.? )?([a-z]{3,})(?: (\d{1,2}),?)? (\d{4}|\d{2})")
CLOCK = re.compile(r"[T ,]+(\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\.\d+)?(?: ?[APap][Mm])?)(Z|[+-]\d{2}:?\d{2})?$")
MONTHS = (
    ("gen", "jan"), ("feb",), ("mar", "mrz"), ("apr",), ("mag", "mai", "may"), ("giu", "jun"),
    ("lug", "jul"), ("ago", "aug"), ("set", "sep"), ("ott", "okt", "oct"), ("nov",), ("dic", "dez", "dec"),
)  # fmt: skip


class DateOrder(StrEnum):
    """Which comes first in 03/04/2026."""

    DMY = "dmy"
    MDY = "mdy"


@dataclass
class DateEvidence:
    """What the cells of one column prove; unclear: cells that could be read both ways."""

    day_first: int = 0
    month_first: int = 0
    unclear: int = 0

    def add(self, cell: Cell) -> None:
        found = SLASHED.match(cell.strip()) if isinstance(cell, str) else None
        if not found or found[2] == ".":
            return
        first, second = int(found[1]), int(found[3])
        if first > 12 >= second:
            self.day_first += 1
        elif second > 12 >= first:
            self.month_first += 1
        elif first != second:
            self.unclear += 1

    def order(self) -> DateOrder | None:
        """None if nothing proves it, or the cells contradict each other, and it matters."""
        if self.day_first and self.month_first:
            return None
        if self.month_first:
            return DateOrder.MDY
        return DateOrder.DMY if self.day_first or not self.unclear else None


def read_date(cell: Cell, column: str, order: DateOrder) -> date:
    """A calendar date; a time behind it is left out."""
    day, _ = split_moment(cell, column, order)
    return day


def read_moment(cell: Cell, column: str, order: DateOrder, zone: tzinfo, *, ends_day: bool = False) -> datetime:
    """A moment in UTC; without a time the day's beginning in the zone, or its last second."""
    day, clock = split_moment(cell, column, order)
    if isinstance(clock, datetime):
        return clock.astimezone(UTC)
    plain = clock or (time(23, 59, 59) if ends_day else time())
    return datetime.combine(day, plain, zone).astimezone(UTC)


@lru_cache(4096, typed=True)  # few days in many rows
def split_moment(cell: Cell, column: str, order: DateOrder) -> tuple[date, time | datetime | None]:
    """Day and time; a datetime where the cell tells its zone."""
    serial = read_serial(cell)
    if serial is not None:
        return serial
    text = read_text(cell)
    found = CLOCK.search(text)
    try:
        day = read_day(text[: found.start()] if found else text, order)
        if not found:
            return day, None
        clock = read_clock(found[1])
        if found[2]:
            offset = datetime.strptime(found[2].replace("Z", "+0000"), "%z").tzinfo
            return day, datetime.combine(day, clock, offset)
    except ValueError as error:
        raise CellError("date", column=column, value=text) from error
    # Midnight is how spreadsheets write a date without a time.
    return day, clock if clock != time() else None


def read_serial(cell: Cell) -> tuple[date, time | None] | None:
    """A spreadsheet's count of days since 1900."""
    if isinstance(cell, str):
        plain = cell.strip()
        cell = int(plain) if plain.isdecimal() and len(plain) == 5 else None
    if not isinstance(cell, int | float) or isinstance(cell, bool) or int(cell) not in SERIALS:
        return None
    seconds = round((cell - int(cell)) * 86_400)
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60) if 0 < seconds < 86_400 else None
    return EXCEL_EPOCH + timedelta(days=int(cell)), clock


def read_day(text: str, order: DateOrder) -> date:
    """ValueError if there is no such day."""
    text = text.strip()
    if found := ISO.fullmatch(text) or COMPACT.fullmatch(text):
        return date(*map(int, found.groups()))
    if found := SLASHED.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        swapped = order == DateOrder.MDY and found[2] != "."
        day, month = (second, first) if swapped else (first, second)
        return date(read_year(found[4]), month, day)
    if (found := WORDED.fullmatch(fold(text))) and (found[1] or found[3]):
        return date(read_year(found[4]), read_month(found[2]), int(found[1] or found[3]))
    raise ValueError(text)


def read_year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def read_month(word: str) -> int:
    for number, names in enumerate(MONTHS, start=1):
        if word.startswith(names):
            return number
    raise ValueError(word)


def read_clock(text: str) -> time:
    """15:30, 15.30, 3:30 PM, with or without seconds."""
    plain = text.strip().upper()
    half = plain[-2:] if plain.endswith(("AM", "PM")) else ""
    parts = [int(part) for part in re.split(r"[:.]", plain.removesuffix(half).strip())[:3]]
    hour = parts[0] % 12 + (12 if half == "PM" else 0) if half else parts[0]
    return time(hour, parts[1], parts[2] if len(parts) > 2 else 0)
