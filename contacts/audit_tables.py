"""The audit as tables for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from contacts.audit import Audit, Check, Count, Feature
from contacts.audit_words import WORDS
from core.wording import format_date, format_number, format_percent

COLOURS = {"optimal": "green", "enough": "green", "yes": "green", "too_low": "red", "no": "yellow", "unknown": "dim"}


def show_audit(audit: Audit, language: str) -> RenderableType:
    """The report in a language; in English where we do not talk it."""
    language = language if language in WORDS else "en"
    words = WORDS[language]
    title = words["title"].format(
        contacts=format_number(audit.contacts, language), at=format_date(audit.at.date(), language)
    )
    clean = words["clean"].format(
        number=format_number(audit.clean.number, language), percent=say_percent(audit.clean.percent, language)
    )
    blank = Text()
    return Group(
        Text(title + "\n", style="bold"),
        table_checks(audit.checks, words, language),
        blank,
        table_counts("filled", (*audit.fields, *audit.consent), words, language),
        blank,
        table_counts("problems", audit.problems, words, language),
        blank,
        Text(clean + "\n"),
        table_features(audit.features, words, language),
    )


def table_checks(checks: Iterable[Check], words: dict[str, str], language: str) -> Table:
    table = make_table("quality", ("measure", "value", "limits", "grade"), words)
    for check in checks:
        limits = " / ".join(
            say_value(limit, check.unit, words, language) for limit in dict.fromkeys((check.minimum, check.optimal))
        )
        value = "" if check.value is None else say_value(check.value, check.unit, words, language)
        table.add_row(words[check.name], value, limits, Text(words[check.grade], style=COLOURS[check.grade]))
    return table


def table_counts(title: str, counts: Sequence[Count], words: dict[str, str], language: str) -> Table:
    table = make_table(title, ("measure", "share", "number"), words)
    for one in counts:
        table.add_row(words[one.name], say_percent(one.percent, language), format_number(one.number, language))
    if not counts:
        table.add_row(words["none"], "", "")
    return table


def table_features(features: Iterable[Feature], words: dict[str, str], language: str) -> Table:
    table = make_table("features", ("feature", "justified", "missing"), words)
    for feature in features:
        level = feature.level
        named = ", ".join(
            words[f"need_{name}"].format(number=format_number(math.ceil(number), language))
            for name, number in feature.missing.items()
        )
        missing = f"{words['missing_best']}: {named}" if named and level != "no" else named
        table.add_row(words[feature.name], Text(words[level], style=COLOURS[level]), missing)
    return table


def make_table(title: str, columns: Iterable[str], words: dict[str, str]) -> Table:
    table = Table(
        title=words[title], title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2)
    )
    for name in columns:
        table.add_column(words[name], justify="right" if name in ("value", "limits", "share", "number") else "left")
    return table


def say_value(value: float, unit: str, words: dict[str, str], language: str) -> str:
    """70 %, 6 months, 1,000 contacts."""
    if unit == "%":
        return say_percent(value, language)
    return f"{format_number(value, language, 0 if value == int(value) else 1)} {words[f'{unit}_unit']}"


def say_percent(value: float, language: str) -> str:
    return format_percent(Decimal(str(value)), language)
