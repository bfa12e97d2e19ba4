"""Rows that could not be stored, in a file with the same columns that can be mended and imported again."""

from __future__ import annotations

import csv
import filecmp
from pathlib import Path
from typing import IO, Any

from contacts.importing.columns import OWN
from contacts.importing.problems import Problem, explain
from contacts.importing.sheet import Row


class ErrorsFile:
    """Written beside the imported file; there is none as long as there is no error. Never replaces another file."""

    def __init__(self, imported: Path, headings: tuple[str, ...], delimiter: str, language: str) -> None:
        self.wanted = imported.with_name(f"{imported.stem}.errors.csv")
        self.part = imported.with_name(f"{imported.stem}.errors.csv.part")
        self.places = [place for place, heading in enumerate(headings) if heading not in OWN]
        self.headings = [headings[place] for place in self.places]
        self.delimiter, self.language = delimiter, language
        self.file: IO[str] | None = None
        self.writer: Any = None

    def add(self, row: Row, problem: Problem) -> None:
        if self.file is None:
            # Excel takes a file for UTF-8 by its mark only.
            self.file = self.part.open("w", encoding="utf-8-sig", newline="")
            self.writer = csv.writer(self.file, delimiter=self.delimiter)
            self.writer.writerow([*self.headings, *OWN])
        cells = [row.cells[place] if place < len(row.cells) else None for place in self.places]
        self.writer.writerow([*cells, row.line, *explain(problem, self.language)])

    def finish(self) -> Path | None:
        """The file's final name; None if every row could be stored."""
        if self.file is None:
            return None
        self.file.close()
        number, path = 1, self.wanted
        while path.exists() and not filecmp.cmp(path, self.part, shallow=False):
            number += 1
            path = self.wanted.with_name(f"{self.wanted.stem}-{number}.csv")
        return self.part.replace(path)
