"""A day: "15 marzo", "am 3.4.", "fra due settimane", "nächsten Montag"; counted from the question's today."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from bot.extract.call_wish import wishes_call
from bot.extract.found import Found, Reading, choose_last
from bot.extract.number_words import read_word

DATES = ("contract_ends_on", "callback_on")  # questions that take a day; read only while one is open
_ASIDE = {"callback_time": "callback_on"}  # "domani alle 18"

_MONTHS = [
    r"gen(?:naio|n)?|jan(?:uary|uar|ner)?|jän(?:ner)?",
    r"feb(?:braio|bruary|ruary|ruar)?|feber",
    r"mar(?:zo|ch)?|märz|maerz|mär",
    r"apr(?:ile|il)?",
    r"mag(?:gio)?|mai|may",
    r"giu(?:gno)?|june?|juni",
    r"lug(?:lio)?|july?|juli",
    r"ago(?:sto)?|aug(?:ust)?",
    r"sett?(?:embre)?|sept?(?:ember)?",
    r"ott(?:obre)?|o[kc]t(?:ober)?",
    r"nov(?:embre|ember)?",
    r"dic(?:embre)?|de[zc](?:ember)?",
]
_DAYS = [
    r"luned[iì]|lun|montag\w*|monday|mon",
    r"marted[iì]|dienstag\w*|tuesday|tues?",
    r"mercoled[iì]|mer|mittwoch\w*|wednesday|wed",
    r"gioved[iì]|gio|donnerstag\w*|thursday|thurs?",
    r"venerd[iì]|ven|freitag\w*|friday|fri",
    r"sabato|sab|samstag\w*|sonnabend|saturday|sat",
    r"domenica|sonntag\w*|sunday",
]
_UNITS = {
    "days": r"giorn[io]|tage?n?|days?",
    "weeks": r"settiman[ae]|wochen?|weeks?",
    "months": r"mes[ei]|monate?n?|months?",
    "years": r"ann[oi]|jahre?n?|years?",
}
_ONES = {"un", "una", "uno", "ein", "einem", "einer", "a", "an", "one"}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})(?![^\W\d_])\.?"
_YEAR = r"(?:,?\s*(?:del |of )?(?P<year>20\d\d)\b)?"
_UNIT = rf"(?P<unit>{'|'.join(_UNITS.values())})\b"
_COUNT = r"(?P<count>\d{1,3}|[^\W\d_]+)"
_OF = r"\s*(?:di |del |des |of |of the |of this |the )?\s*"


def find_date(reading: Reading, entity: str) -> list[Found]:
    """The day as ISO text, under the name of the open question; asked for a time it is the day to call on."""
    slot = reading.question.slot or ""
    aside = "callback_on" if wishes_call(reading.raw) else _ASIDE.get(slot)
    if entity != (slot if slot in DATES else aside):
        return []
    return choose_last(reading, [Found(entity, day.isoformat(), start, end) for day, start, end in list_dates(reading)])


def list_dates(reading: Reading) -> list[tuple[date, int, int]]:
    """Every day named, from left to right; what an exact form covers no vaguer form reads again."""
    today, kept = reading.question.today, []
    if today is None:
        return []
    for pattern, read in _FORMS:
        for hit in pattern.finditer(reading.raw):
            if any(hit.start() < end and start < hit.end() for _, start, end in kept):
                continue
            if (day := read(hit, today, reading.question.slot)) is not None:
                kept.append((day, *hit.span()))
    return sorted(kept, key=lambda one: one[1])


def _make_day(year: int | str | None, month: int, day: int, today: date) -> date | None:
    """The day, the next one to come where no year is named; None where the calendar has none."""
    try:
        if year is None:
            found = date(today.year, month, day)
            return found if found >= today else date(today.year + 1, month, day)
        return date(int(year) + (2000 if int(year) < 100 else 0), month, day)
    except ValueError:
        return None


def _end_month(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _read_iso(hit: re.Match[str], today: date, slot: str | None) -> date | None:
    return _make_day(hit[1], int(hit[2]), int(hit[3]), today)


def _read_numeric(hit: re.Match[str], today: date, slot: str | None) -> date | None:
    """Day before month everywhere; "9.10" against a time of day is an hour."""
    if not hit["year"] and (slot == "callback_time" or hit["hour"]) and hit["sign"] == ".":
        return None
    return _make_day(hit["year"], int(hit["number"]), int(hit["day"]), today)


def _read_named(hit: re.Match[str], today: date, slot: str | None) -> date | None:
    day = int(hit["day"]) if hit["day"].isdigit() else 1  # primo, erster, first
    return _make_day(hit["year"], _month_number(hit), day, today)


def _read_relative(hit: re.Match[str], today: date, slot: str | None) -> date | None:
    said = hit["count"].lower()
    words = (read_word(said, language) for language in ("it", "de", "en"))
    count = int(said) if said.isdigit() else 1 if said in _ONES else next((one for one in words if one), None)
    if not count:
        return None
    unit = next(name for name, words in _UNITS.items() if re.fullmatch(words, hit["unit"], re.IGNORECASE))
    if unit in ("days", "weeks"):
        return today + timedelta(days=count * (7 if unit == "weeks" else 1))
    month = today.month - 1 + count * (12 if unit == "years" else 1)
    last = _end_month(today.year + month // 12, month % 12 + 1)
    return last.replace(day=min(today.day, last.day))


def _read_part(hit: re.Match[str], today: date, slot: str | None) -> date | None:
    """ "fine marzo", "Mitte Januar", "early May"."""
    day = 1 if hit["begin"] else 15 if hit["middle"] else None
    return (
        _read_month(hit, today, "contract_ends_on")
        if day is None
        else _make_day(hit["year"], _month_number(hit), day, today)
    )


def _read_month(hit: re.Match[str], today: date, slot: str | None) -> date | None:
    """A month alone is the end of a contract, but no day to call on."""
    if slot != "contract_ends_on":
        return None
    month = _month_number(hit)
    return _end_month(int(hit["year"] or today.year + (month < today.month)), month)


def _read_weekday(hit: re.Match[str], today: date, slot: str | None) -> date:
    place = next(n for n, names in enumerate(_DAYS) if re.fullmatch(names, hit.group(), re.IGNORECASE))
    return today + timedelta(days=(place - today.weekday() - 1) % 7 + 1)


def _read_day(hit: re.Match[str], today: date, slot: str | None) -> date | None:
    """ "il 30", "the 15th": this month's or the next one's."""
    day = int(hit["day"])
    if 1 <= day <= 31:
        for ahead in range(3):
            year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
            if day <= _end_month(year, month + 1).day and (found := date(year, month + 1, day)) >= today:
                return found
    return None


def _read_both(hit: re.Match[str], today: date, slot: str | None) -> date | None:
    """ "sabato 28"; where day and weekday do not meet, the number is an hour or a slip."""
    found = _read_day(hit, today, slot)
    named = _DAYS[found.weekday()] if found else ""
    return found if named and re.fullmatch(named, hit["weekday"], re.IGNORECASE) else None


def _month_number(hit: re.Match[str]) -> int:
    return next(n for n, names in enumerate(_MONTHS, 1) if re.fullmatch(names, hit["month"], re.IGNORECASE))


def _add(days: int) -> Callable[[re.Match[str], date, str | None], date]:
    return lambda hit, today, slot: today + timedelta(days=days)


def _list_forms() -> Iterator[tuple[str, Callable[[re.Match[str], date, str | None], date | None]]]:
    yield r"\b(20\d\d)-(\d{1,2})-(\d{1,2})\b", _read_iso
    yield (
        r"(?P<hour>\b(?:alle|um|at|ore|le) )?(?<![\d.,/:-])(?P<day>\d{1,2})(?P<sign>[./-])(?P<number>\d{1,2})"
        r"(?:(?P=sign)(?P<year>\d{4}|\d\d))?(?![\d:])(?!\s*(?:€|euro|eur|uhr|am\b|pm))",
        _read_numeric,
    )
    yield (
        rf"\b(?P<day>\d{{1,2}}|primo|erster|ersten|first)(?:st|nd|rd|th|[.°º])?\s*(?:di |of )?{_MONTH}{_YEAR}",
        _read_named,
    )
    yield rf"\b{_MONTH}\s*(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]|\s*(?:€|euro)){_YEAR}", _read_named
    yield rf"\b(?:tra|fra|in|within|binnen|entro)\s+(?:circa |ca\.? |about |etwa )?{_COUNT}\s+{_UNIT}", _read_relative
    yield rf"\b{_COUNT}\s+{_UNIT} (?:from now|from today|time\b)", _read_relative
    yield (
        r"\b(?:(?P<begin>inizio|anfang|start|beginning|early|primi)|(?P<middle>metà|meta|mitte|middle|mid|half)|"
        rf"(?:fine|ende|end|late)){_OF}{_MONTH}{_YEAR}",
        _read_part,
    )
    yield (
        r"\b(?:fine anno|ende des jahres|jahresende|end of (?:the |this )?year)\b",
        lambda hit, today, slot: date(today.year, 12, 31),
    )
    yield (
        r"\b(?:fine (?:del )?mese|ende (?:des |dieses )?monats?|monatsende|end of (?:the |this )?month)\b",
        lambda hit, today, slot: _end_month(today.year, today.month),
    )
    yield r"\b(?:dopodomani|dopo domani|übermorgen|uebermorgen|(?:the )?day after tomorrow)\b", _add(2)
    yield (
        r"\b(?:domani|domattina|tomorrow|tom+or+ow|tmrw|tmr)\b|(?<!guten )(?<!gutn )(?<!jeden )(?<!am )\bmorgen\b",
        _add(1),
    )
    yield r"\b(?:oggi|stasera|stamattina|heut[e]?|today|tonight)\b", _add(0)
    yield (
        r"\b(?:settimana prossima|prossima settimana|(?:nächste|naechste|kommende)n?r? woche|next week)\b",
        lambda hit, today, slot: today + timedelta(days=7 - today.weekday()),
    )
    named = "|".join(_DAYS)
    yield (
        rf"\b(?P<weekday>{named}),?\s+(?:der |den |the |il )?(?P<day>\d{{1,2}})(?:st|nd|rd|th|[.°])?(?![\d:]|\.\d|\s*(?:uhr|h\b|am\b|pm))",
        _read_both,
    )
    yield rf"\b(?:{named})\b", _read_weekday
    yield rf"\b(?:in|a|ad|im|per|entro|until|by|ab|bis)\s+{_MONTH}{_YEAR}(?!\s*\d)", _read_month
    yield rf"^\W*{_MONTH}(?P<year>(?!))?\W*$", _read_month
    yield rf"\b{_MONTH}\s+(?P<year>20\d\d)\b", _read_month
    yield (
        r"\b(?:il|am|den|vom|dal|the|entro il)\s+(?P<day>\d{1,2})(?:\.(?!\d)|°|(?<=\d)(?:th|st|nd|rd)|(?=\s*(?:$|[,;!?])|\s+(?:alle|um|at|mattina|pomeriggio|sera)\b))",
        _read_day,
    )


_FORMS = [(re.compile(pattern, re.IGNORECASE), read) for pattern, read in _list_forms()]
