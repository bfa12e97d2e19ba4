"""What a sentence says about the kind of branch, and opening times as people say them. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime

from actions.wording import format_date

KINDS = {
    "gym": re.compile(r"palestr|fitness|\bgym\b|studio\b|allenar|trainier|train\b|work ?out|corsi\b|kurse?\b", re.I),
    "shop": re.compile(r"negozi|\bshop|\bstores?\b|laden\b|läden|geschäft|compr|kauf|\bbuy", re.I),
    "insurance": re.compile(r"assicura|polizz|versicherung|insurance|agenzi", re.I),
    "energy": re.compile(r"\bluce\b|energia|bollett|strom|energie|electric|energy|\bpower\b", re.I),
}
BY_CONTRACT = {"gym": "gym", "insurance": "insurance", "electricity": "energy"}
WEEKDAYS = {
    "it": ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
NEAR = {"it": ("oggi", "domani"), "de": ("heute", "morgen"), "en": ("today", "tomorrow")}
ON = {
    "it": ("{day}", "il {day}", "{day} alle {time}"),
    "de": ("am {day}", "am {day}", "{day} um {time}"),
    "en": ("on {day}", "on {day}", "{day} at {time}"),
}
WEEK = 7


def find_kind(sentence: str) -> str | None:
    """gym, shop, insurance or energy, if the sentence names one of them."""
    return next((kind for kind, words in KINDS.items() if words.search(sentence)), None)


def say_moment(moment: datetime, today: date, language: str) -> str:
    """Today at 19:00, on Monday at 9:00, on 7 January 2027 at 9:00. moment is in the branch's own time."""
    day, ahead = moment.date(), (moment.date() - today).days
    weekday, dated, whole = ON[language]
    if ahead in (0, 1):
        named = NEAR[language][ahead]
    elif 0 < ahead < WEEK:
        named = weekday.format(day=WEEKDAYS[language][day.weekday()])
    else:
        named = dated.format(day=format_date(day, language))
    return whole.format(day=named, time=f"{moment.hour}:{moment.minute:02}")
