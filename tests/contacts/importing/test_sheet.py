from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from contacts.importing.columns import Kind
from contacts.importing.sheet import SheetError, read_sheet

ROWS = [["Nome", "Cellulare", "Città"], ["Anna Müller", "333 1234567", "Merano"]]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_delimiter_and_encoding_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in ROWS)
    sheet = read_sheet(write(tmp_path / "a.csv", text, encoding), Kind.CONTACTS)
    assert (list(sheet.headings), sheet.delimiter) == (ROWS[0], delimiter)
    assert [row.cells for row in sheet.rows()] == ROWS[1:]
    sheet.close()


def test_headings_are_found_below_titles_and_lines_are_counted(tmp_path: Path) -> None:
    text = 'Clienti al 20/11;;\n;;\nNome;Cellulare;Note\nAnna;333;"due\nrighe"\n\nMarco;348;\n'
    sheet = read_sheet(write(tmp_path / "a.csv", text), Kind.CONTACTS)
    assert sheet.headings == ("Nome", "Cellulare", "Note")
    assert [(row.line, row.cells[0]) for row in sheet.rows()] == [(4, "Anna"), (7, "Marco")]
    sheet.close()


def test_excel_tells_the_delimiter_in_its_own_way(tmp_path: Path) -> None:
    sheet = read_sheet(write(tmp_path / "a.csv", "sep=|\nNome|Cellulare\nA;B,C|333\n"), Kind.CONTACTS)
    assert next(iter(sheet.rows())).cells == ["A;B,C", "333"]
    sheet.close()


def test_repeated_and_empty_headings_can_be_told_apart(tmp_path: Path) -> None:
    sheet = read_sheet(write(tmp_path / "a.csv", "Tel;Tel;;CAP\n1;2;3;4\n"), Kind.CONTACTS)
    assert sheet.headings == ("Tel", "Tel (2)", "column 3", "CAP")
    sheet.close()


def test_a_spreadsheet_keeps_numbers_and_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for cells in (
        ["Elenco"],
        ["Cellulare", "CAP", "Scadenza", "Valore"],
        [3331234567, 144, date(2026, 12, 31), 12.5],
    ):
        page.append(cells)
    other = book.create_sheet("altro")
    other.append(["Cellulare"])
    other.append(["333"])
    book.save(tmp_path / "a.xlsx")
    sheet = read_sheet(tmp_path / "a.xlsx", Kind.CONTACTS)
    assert [(row.line, row.cells) for row in sheet.rows()] == [(3, [3331234567, 144, "2026-12-31", 12.5])]
    sheet.close()
    second = read_sheet(tmp_path / "a.xlsx", Kind.CONTACTS, sheet="altro")
    assert second.headings == ("Cellulare",)
    second.close()
    with pytest.raises(SheetError, match="there are Sheet, altro"):
        read_sheet(tmp_path / "a.xlsx", Kind.CONTACTS, sheet="no")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"1;2\n3;4\n", "looks like headings"),
        (b"Nome;Cellulare\n", "no row"),
        (b"a\x00b;c\n", "is no text"),
        (b"\xd0\xcf\x11\xe0 old", "save it as .xlsx"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"Cellulare\n\x81\x8d\n", "--encoding"),
        (b'Cellulare;Nome\n333;"' + b"x" * 200_000, "never closed"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(SheetError, match=words):
        read_sheet(path, Kind.CONTACTS).close()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="does not exist"):
        read_sheet(tmp_path / "no.csv", Kind.CONTACTS)
