"""Receipts, gates and changes of a score in words, in three languages; the words stand in words.yml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scoring.signals import SIGNALS, Shape

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LANGUAGES = ("it", "de", "en")


@cache
def load_words() -> dict[str, Any]:
    """words.yml as it stands."""
    words: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))
    return words


def choose_language(language: str) -> str:
    """English for languages there are no words of."""
    return language if language in LANGUAGES else "en"


def explain_line(line: Mapping[str, Any], language: str) -> str:
    """One line of a stored receipt ({"rule", "points", "fact", "on"}) as a phrase; English for other languages."""
    words, own, fact = load_words(), choose_language(language), line["fact"]
    on = write_date(date.fromisoformat(line["on"]), language) if line["on"] else "?"
    values = {"at_least": 1} | fact | {"on": on, "rule": line["rule"]}
    signal = fact.get("signal", line["rule"])
    if signal in words["signals"]:
        phrases = words["signals"][signal]
        phrase = phrases["none" if "none" in phrases and fact.get("value", 1) <= 0 else "fact"][own]
        phrase += "".join(words[name][own] for name in find_remarks(signal, fact))
    else:
        phrase = words[signal if signal in ("cap", "limit") else "unknown"][own]
    return str(phrase.format(**values))


def find_remarks(signal: str, fact: Mapping[str, Any]) -> list[str]:
    """Which words on limits and ageing a line gets."""
    dated = SIGNALS[signal].shape in (Shape.SINCE, Shape.UNTIL)
    remarks = {
        "within_days": dated and "at_most" in fact,
        "in_window": "within" in fact,
        "half_life": "half_life" in fact,
    }
    return [name for name, said in remarks.items() if said]


def name_signal(signal: str, language: str) -> str:
    """What a signal is called."""
    return str(load_words()["signals"][signal]["label"][choose_language(language)])


def explain_gate(unmet: Mapping[str, Any], language: str) -> str:
    """One entry of a stored gate ({"above"} or {"above", "signal", ...}) as a phrase."""
    words, own = load_words(), choose_language(language)
    if "signal" not in unmet:
        return str(words["too_low"][own].format(**unmet))
    limits = [name for name in ("at_least", "at_most") if name in unmet]
    name = "from_to" if len(limits) == 2 else (limits or ["at_least"])[0]
    told = words[name][own].format(**{"at_least": 1} | dict(unmet))
    told += words["in_window"][own].format(**unmet) if "within" in unmet else ""
    label = name_signal(unmet["signal"], language)
    return str(words["only_if"][own].format(above=unmet["above"], label=label, range=told))


def explain_gates(gate: Sequence[Mapping[str, Any]], language: str) -> str:
    """A stored gate in one sentence."""
    name = "gate_closed" if gate else "gate_open"
    reasons = "; ".join(explain_gate(unmet, language) for unmet in gate)
    return str(load_words()[name][choose_language(language)].format(reasons=reasons))


def explain_difference(line: Mapping[str, Any], before: int, after: int, language: str) -> str:
    """A line that came, went or counts otherwise; 0 points: it was not there."""
    name = "came" if before == 0 else "went" if after == 0 else "changed"
    words = load_words()[name][choose_language(language)]
    return str(words.format(before=before, after=after, words=explain_line(line, language)))


def write_date(day: date, language: str) -> str:
    """11/12/2026, 11.12.2026, 11 Dec 2026."""
    if language == "it":
        return f"{day:%d/%m/%Y}"
    if language == "de":
        return f"{day:%d.%m.%Y}"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
