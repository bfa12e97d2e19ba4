"""When in the day to call: an hour as "HH:MM", or morning, afternoon, evening."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.extract.call_wish import wishes_call
from bot.extract.date import list_dates
from bot.extract.found import Found, Reading, choose_last
from bot.extract.number_words import ARTICLES, read_word

SLOTS = ("callback_on", "callback_time")
EARLIEST = 8  # nobody asks to be called before that: "alle 5" is 17:00
_HOUR = r"(?P<hour>\d{1,2}|[^\W\d_]{3,})"
_BEFORE = (
    r"(?:alle(?: ore)?|ore|(?:dopo|verso|tra|fra|per|prima del)\s?le|dalle|le|um|so um|gegen|ab|nach|zwischen|von|at|after"
    r"|around|about|from|between|before|by)\s+(?:le |circa )?"
)
_AFTER = r"(?P<half>(?:a\.?m\.?|p\.?m\.?)(?!\w)|uhr\b|h\b|o.?clock\b)"
_ARTICLES = ARTICLES - {"one"}
_MINUTES = r"(?:[:.](?P<minutes>[0-5]\d))?(?P<quarter> e (?:mezz[ao]|un quarto|trenta|30|15)\b)?"
_CLOCKS = [
    (re.compile(rf"\b(?:halb|half)\s+(?P<past>past\s+)?{_HOUR}\b", re.I), 30),
    (re.compile(rf"\b(?:viertel nach|quarter past)\s+{_HOUR}\b", re.I), 15),
    (
        re.compile(
            rf"(?<![\w.,/]){_BEFORE}{_HOUR}{_MINUTES}(?:\s*{_AFTER})?(?![\d/]|[.,:]\d|\s*\.?\s*(?:€|euro|giorn|tage|days|woche|week))",
            re.I,
        ),
        0,
    ),
    (re.compile(rf"(?<![\w.,/:]){_HOUR}{_MINUTES}\s*{_AFTER}", re.I), 0),
    (re.compile(r"(?<![\w.,/:])(?P<hour>\d{1,2}):(?P<minutes>[0-5]\d)(?!\d)", re.I), 0),
]
_BARE = re.compile(r"(?<![\w.,/:])(?P<hour>\d{1,2})(?:\.(?P<minutes>[0-5]\d))?(?![\d/:%€]|\s*(?:euro|giorn|tage|days))")
_PARTS = [
    ("12:00", r"mezzogiorno|(?<!dopo )(?:pausa )?pranzo|mittags?|mittagspause|noon|midday|(?<!after )lunch\w*"),
    (
        "morning",
        r"mattin\w*|stamattina|domattina|vormittags?|(?:früh)?morgens|am morgen|(?:morgen|in der) früh|(?<!good )mornings?",
    ),
    (
        "afternoon",
        r"(?<!buon )pomeriggio|nachmittags?|dopo pranzo|nach dem mittag\w*|after lunch|(?<!good )afternoons?",
    ),
    (
        "evening",
        r"(?<!buona )sera|serata|stasera|(?<!guten )abends?|(?<!good )evenings?|tonight|dopo (?:il )?lavoro|after work|nach (?:der arbeit|feierabend)",
    ),
]
_ANY = re.compile(
    r"\b(?:subito|adesso|quando (?:vuoi|volete|puoi|potete|capita|vi pare)|appena (?:puoi|potete|possibile)|a qualsiasi ora"
    r"|sofort|gleich|jetzt|jederzeit|egal|wann ihr (?:wollt|könnt)|so (?:bald|schnell) wie möglich"
    r"|now|any ?time|whenever|asap|as soon as)\b",
    re.IGNORECASE,
)
_PART = [(name, re.compile(rf"(?:\b|(?<=tag))(?:{words})\b", re.IGNORECASE)) for name, words in _PARTS]


def find_callback_time(reading: Reading) -> list[Found]:
    """The hour, else the part of the day, while it is asked when to call; of a span its beginning."""
    if reading.question.slot not in SLOTS and not wishes_call(reading.raw):
        return []
    parts = [Found("callback_time", name, *hit.span()) for name, words in _PART for hit in words.finditer(reading.raw)]
    dates = [(start, end) for _, start, end in list_dates(reading)]
    late = any(one.value in ("afternoon", "evening") for one in parts)
    clocks: list[Found] = []
    for one in _list_clocks(reading, late):
        if not any(one.start < end and start < one.end for start, end in [*dates, *((c.start, c.end) for c in clocks)]):
            clocks.append(one)
    found = sorted(clocks or parts or _list_any(reading), key=lambda one: one.start)
    return choose_last(reading, found if reading.corrects else found[:1])


def _list_any(reading: Reading) -> list[Found]:
    """ "quando volete", "sofort": the time is left to us."""
    if reading.question.slot != "callback_time":
        return []
    return [Found("callback_time", "any", *hit.span()) for hit in _ANY.finditer(reading.raw)]


def _list_clocks(reading: Reading, late: bool) -> Iterator[Found]:
    patterns = [*_CLOCKS, (_BARE, 0)] if reading.question.slot == "callback_time" else _CLOCKS
    for pattern, minutes in patterns:
        for hit in pattern.finditer(reading.raw):
            if time := _read_clock(hit, minutes, reading.question.language, late):
                yield Found("callback_time", time, *hit.span())


def _read_clock(hit: re.Match[str], minutes: int, language: str, late: bool) -> str | None:
    said = hit.groupdict()
    if said["hour"].lower() in _ARTICLES and not said.get("half"):
        return None  # "um einen Anruf"
    hour = int(said["hour"]) if said["hour"].isdigit() else read_word(said["hour"], language)
    if hour is None or hour > 24:
        return None
    if said.get("minutes"):
        minutes = int(said["minutes"])
    elif said.get("quarter"):
        minutes = 15 if re.search("quarto|15", said["quarter"]) else 30
    elif minutes == 30 and language == "de" and not said.get("past"):
        hour -= 1  # "halb sechs" is half past five
    mark = (said.get("half") or "").lower().replace(".", "")
    mark = "" if mark == "am" and language != "en" else mark  # "um 3 am Montag"
    if hour < 12 and (mark == "pm" or (mark != "am" and (late or hour < EARLIEST))):
        hour += 12
    return f"{hour % 24:02d}:{minutes:02d}"
