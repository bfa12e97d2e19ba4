"""Reads CSV and Excel files row by row, whatever program wrote them, into a spool that can be read twice."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

import openpyxl
import orjson
from openpyxl.utils.exceptions import InvalidFileException

from contacts.importing.cells import Cell, read_text
from contacts.importing.columns import Kind, count_known, name_headings

LOOKED_AT = 30  # rows in which the headings are looked for
SAMPLE = 64_000  # bytes that tell the delimiter
DELIMITERS = ";,\t|"
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class SheetError(Exception):
    """A file that cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Row:
    """line: where the row begins in the file."""

    line: int
    cells: list[Cell]


class Sheet:
    """A file's headings and rows. how: what was found out about the file, for people."""

    def __init__(self, headings: tuple[str, ...], delimiter: str, how: str, rows: Iterable[Row]) -> None:
        self.headings, self.delimiter, self.how = headings, delimiter, how
        self.spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (has no name: nothing stays behind)
        self.number = 0
        try:
            for row in rows:
                self.spool.write(orjson.dumps([row.line, row.cells]) + b"\n")
                self.number += 1
        except BaseException:
            self.close()
            raise

    def rows(self) -> Iterator[Row]:
        self.spool.seek(0)
        for line in self.spool:
            yield Row(*orjson.loads(line))

    def close(self) -> None:
        self.spool.close()


def read_sheet(
    path: Path, kind: Kind, wanted: Sequence[str] = (), encoding: str | None = None, sheet: str | None = None
) -> Sheet:
    """Reads a file to its end. wanted: headings the user named. SheetError says why it cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if start.startswith(OLD_EXCEL):
            raise SheetError(f"{path.name} is an old or password-protected Excel file: save it as .xlsx, unprotected")
        if start.startswith(ZIP):
            rows, delimiter, how = read_excel(path, sheet), ";", "Excel"
        else:
            encoding = encoding or find_encoding(path)
            delimiter = find_delimiter(path, encoding, kind, wanted)
            sign = {"\t": "tab"}.get(delimiter, delimiter)
            rows, how = read_csv(path, encoding, delimiter), f"CSV, {encoding}, separator {sign}"
        return spool_rows(path, rows, kind, wanted, delimiter, how)
    except FileNotFoundError as error:
        raise SheetError(f"{path} does not exist: check the name and the folder") from error
    except (OSError, LookupError) as error:
        raise SheetError(f"{path.name} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise SheetError(f"{path.name} is not written in {error.encoding}: give the right --encoding") from error
    except csv.Error as error:
        raise SheetError(f"{path.name} is no clean CSV ({error}): look for a quote that is never closed") from error


def spool_rows(path: Path, rows: Iterator[Row], kind: Kind, wanted: Sequence[str], delimiter: str, how: str) -> Sheet:
    """Finds the headings among the first rows; what follows them is the data, blank rows left out."""
    first = list(itertools.islice(rows, LOOKED_AT))
    known = [count_known(row.cells, kind, wanted) for row in first]
    if not first:
        raise SheetError(f"{path.name} is empty: export it again")
    if not max(known):
        raise SheetError(
            f"{path.name}: no row among the first {len(first)} looks like headings."
            ' Put one on top, such as: name;phone;postcode, or name a column: --map "HEADING=phone"'
        )
    place = known.index(max(known))
    cells = first[place].cells
    while cells and cells[-1] in (None, ""):
        cells.pop()
    data = (
        row for row in itertools.chain(first[place + 1 :], rows) if any(cell not in (None, "") for cell in row.cells)
    )
    sheet = Sheet(name_headings(cells), delimiter, f"{how}, headings on line {first[place].line}", data)
    if not sheet.number:
        sheet.close()
        raise SheetError(f"{path.name} has headings and no row: export it again")
    return sheet


def find_encoding(path: Path) -> str:
    """By its mark; else UTF-8 if all of it is; else what Windows writes in our countries."""
    with path.open("rb") as file:
        start = file.read(4)
        for mark, encoding in MARKS.items():
            if start.startswith(mark):
                return encoding
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(1 << 20):
                if b"\0" in chunk:
                    raise SheetError(f"{path.name} is no text: export it as CSV or .xlsx")
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def find_delimiter(path: Path, encoding: str, kind: Kind, wanted: Sequence[str]) -> str:
    """The one that splits the start of the file into the most known headings, then into the most cells."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        sample = file.read(SAMPLE)
    if sample.startswith("sep=") and len(sample) > 4:
        return sample[4]

    def rate(delimiter: str) -> tuple[int, int]:
        rows = list(itertools.islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), LOOKED_AT))
        return max((count_known(row, kind, wanted) for row in rows), default=0), max(map(len, rows), default=0)

    return max(DELIMITERS, key=rate)


def read_csv(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        line = 1
        for cells in reader:
            if not (line == 1 and len(cells) <= 2 and cells and cells[0].startswith("sep=")):
                yield Row(line, list(cells))
            line = reader.line_num + 1


def read_excel(path: Path, sheet: str | None) -> Iterator[Row]:
    """The sheet of that name, else the one shown first; values as they were last computed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of formats it does not draw, which we do not need
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise SheetError(f"{path.name} is damaged or no .xlsx file: save it anew as .xlsx or CSV") from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise SheetError(f"{path.name} has no sheet {sheet!r}; there are {', '.join(book.sheetnames)}")
        page = book[sheet] if sheet else book.worksheets[0]
        page.reset_dimensions()  # what some programs write there is wrong
        for line, cells in enumerate(page.iter_rows(values_only=True), start=1):
            yield Row(line, [plain_cell(cell) for cell in cells])
    finally:
        book.close()


def plain_cell(cell: Any) -> Cell:
    """A spreadsheet's value as JSON holds it; dates as ISO text, which no one reads the wrong way."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if cell is None or isinstance(cell, str | int | float | bool) else read_text(str(cell))
