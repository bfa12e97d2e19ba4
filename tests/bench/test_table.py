from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench.figures import bound, compare
from bench.table import print_table, show, write_json

FIGURES = [compare("webhooks", [70], [100], "/s", at_least=0.7), bound("memory", 1600, "MB", below=1536)]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.7126, "0.713 s"), (3.14159, "3.14 s"), (12.44, "12.4 s"), (1234.5, "1,234 s"), (0, "0.000 s")],
)
def test_numbers_show_about_three_digits(value: float, shown: str) -> None:
    assert show(value, "s") == shown


def test_the_table_says_what_was_met() -> None:
    paper = io.StringIO()
    print_table(FIGURES, Console(file=paper, width=200))
    webhooks, memory = (line for line in paper.getvalue().splitlines() if "webhooks" in line or "memory" in line)
    assert "0.70" in webhooks
    assert "yes" in webhooks
    assert "no" in memory


def test_the_figures_can_be_read_by_machines(tmp_path: Path) -> None:
    write_json(FIGURES, tmp_path / "figures.json")
    read = json.loads((tmp_path / "figures.json").read_text())
    assert [(one["what"], one["met"]) for one in read] == [("webhooks", True), ("memory", False)]
