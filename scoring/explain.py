"""The score's receipt in words, in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from scoring.score import LIMIT

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WORDS = {
    "it": {
        "days_left": "il contratto scade il {on}",
        "days_since_reply": "ha scritto su WhatsApp il {on}",
        "days_since_click": "ha aperto il link di un'offerta il {on}",
        "days_since_quote": "ha chiesto un preventivo il {on}",
        "ignored_in_a_row": "gli ultimi {value} messaggi consegnati sono rimasti senza risposta, l'ultimo del {on}",
        "within": " (entro {at_most} giorni)",
        LIMIT: "il punteggio resta tra {lowest} e {highest}",
    },
    "de": {
        "days_left": "der Vertrag endet am {on}",
        "days_since_reply": "hat am {on} auf WhatsApp geschrieben",
        "days_since_click": "hat am {on} den Link eines Angebots geöffnet",
        "days_since_quote": "hat am {on} ein Angebot angefragt",
        "ignored_in_a_row": "die letzten {value} zugestellten Nachrichten blieben ohne Reaktion, die letzte vom {on}",
        "within": " (innerhalb von {at_most} Tagen)",
        LIMIT: "die Punktzahl bleibt zwischen {lowest} und {highest}",
    },
    "en": {
        "days_left": "the contract ends on {on}",
        "days_since_reply": "wrote on WhatsApp on {on}",
        "days_since_click": "opened an offer's link on {on}",
        "days_since_quote": "asked for a quote on {on}",
        "ignored_in_a_row": "the last {value} delivered messages got no reaction, the latest of {on}",
        "within": " (within {at_most} days)",
        LIMIT: "the score stays between {lowest} and {highest}",
    },
}


def explain_line(line: Mapping[str, Any], language: str) -> str:
    """One line of a stored receipt ({"rule", "points", "fact", "on"}) as a phrase; English for other languages."""
    words = WORDS.get(language, WORDS["en"])
    fact = line["fact"]
    values = fact | {"on": write_date(date.fromisoformat(line["on"]), language) if line["on"] else "?"}
    phrase = words[fact.get("signal", line["rule"])]
    if "at_most" in fact:
        phrase += words["within"]
    return phrase.format(**values)


def write_date(day: date, language: str) -> str:
    """11/12/2026, 11.12.2026, 11 Dec 2026."""
    if language == "it":
        return f"{day:%d/%m/%Y}"
    if language == "de":
        return f"{day:%d.%m.%Y}"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
