"""The table at the end, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figures import Figure

MET = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}


def print_table(figures: Sequence[Figure], console: Console) -> None:
    table = Table("What", title="Pronto beside a yardstick, same machine, same minutes", title_justify="left")
    for heading in ("Pronto", "Yardstick", "Ratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Goal")
    table.add_column("Met?")
    for figure in figures:
        table.add_row(
            figure.what,
            show(figure.pronto, figure.unit),
            "" if figure.yardstick is None else show(figure.yardstick, figure.unit),
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            figure.goal,
            MET[figure.met],
        )
    console.print(table)


def show(value: float, unit: str) -> str:
    """Three digits that count, with their unit: 0.713, 12.4 ms, 1,234 /s."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f} {unit}".strip()


def write_json(figures: Sequence[Figure], file: Path) -> None:
    file.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n", encoding="utf-8")
