"""The no-claims class of a motor insurance: "BM 1" (Italy, Austria), "SF 12" (Germany), "NCD 9" (Britain, Ireland)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.extract.found import INSURANCE, Found, Reading, choose_last
from bot.extract.number_words import read_word
from bot.extract.ordinals import find_ordinals

_HIGHEST = {"BM": 18, "SF": 50, "NCD": 40}
_COUNTRIES = {"IT": "BM", "AT": "BM", "DE": "SF", "GB": "NCD", "UK": "NCD", "IE": "NCD"}
_LANGUAGES = {"it": "BM", "de": "SF", "en": "NCD"}
_IS = r"\s*(?:è|e'|ist|is|of|for|di|in|von|:|=|-)?\s*(?:la |the )?"
_VALUE = r"(?P<value>\d{1,2}(?!\d)|[^\W\d_]{3,})"
_YEARS = r"\s*\+?\s*(?:full\s+)?(?:years?|yrs?|y)?\W*(?:of |full |protected |driving )*"
_NAMED = [  # (system, pattern): says which class it is wherever it stands
    (
        "SF",
        r"\b(?:sf|schadenfreiheits)[\s-]*(?:klasse|rabatt|stufe)?[\s:-]*(?:ist\s*)?(?P<value>1/2|½|\d{1,2}(?!\d)|[ms]\b)",
    ),
    ("SF", r"\bklasse\s*(?P<value>1/2|½|[ms]\b)"),
    (
        "BM",
        r"(?:\bcu|\bc\.\s?u\.|\bbonus[\s/-]*malus(?:[\s-]*stufe| classe)?|\bb/?m|\bclasse (?:di merito|cu|bonus[\s/-]*malus|universale)"
        rf"|\b(?:bonus|malus)?stufe){_IS}{_VALUE}",
    ),
    ("NCD", rf"(?:\bncb|\bncd|\bno[\s-]claims?(?: bonus| discount)?){_IS}{_VALUE}(?!\s*(?:km|k\b|euro|%))"),
    ("NCD", rf"\b(?P<value>\d{{1,2}}|[a-z]+){_YEARS}(?:no[\s-]claims?|ncb|ncd|claims?[\s-]free)\b"),
]
_COMPILED = [(system, re.compile(pattern, re.IGNORECASE)) for system, pattern in _NAMED]
_CLASS_BEFORE = re.compile(r"\b(?:class[ei]?|klasse)\s*(?:è |ist |is |la |:\s*)?$", re.IGNORECASE)
_CLASS_AFTER = re.compile(r"\W*\s?(?:class[ei]?|klasse)\b", re.IGNORECASE)
_CLAIM_FREE = re.compile(
    r"\b(?:unfallfrei|schadenfrei|ohne (?:unfall|schaden)|claims?|claimed|accidents?)\b", re.IGNORECASE
)
_LATER = INSURANCE | {"offer_choice", "contact_way", "callback_time"}  # where it may still be corrected
_CAR = re.compile(r"\b(?:assicura\w*|polizz[ae]|rca|rc auto)\b", re.IGNORECASE)
_LETTER = re.compile(r"\W*([ms])\W*", re.IGNORECASE)
_NONE = re.compile(r"\W*(?:none|nil|no ncb|no ncd)\b", re.IGNORECASE)
_AGE = re.compile(r"\b(?:i.?m|aged?|ho|bin)\s*$", re.IGNORECASE)
_IDIOM = re.compile(
    r"(?:null|zero|0) (?:ahnung|plan|schimmer|bock|peil|dunst|interesse|ide[ae]|clue|voglia)\b", re.IGNORECASE
)
_DRIVES = re.compile(r"\bdriv(?:ing|en)\b(?!.*\bclaim)|\blicen[cs]ed?\b", re.IGNORECASE)
_YEARS_AFTER = re.compile(r"\s*(?:years?|yrs?|jahre?n?)\b", re.IGNORECASE)


def find_no_claims_class(reading: Reading) -> list[Found]:
    """The class with its system; a bare number only while it is asked, then country or language tell the system."""
    for find in (_find_named, _find_classes, _find_bare):
        if found := list(find(reading)):
            return choose_last(reading, sorted(found, key=lambda one: one.start))
    return []


def name_system(reading: Reading) -> str:
    """The system of the customer's country; where it is unknown, that of the language."""
    question = reading.question
    return _COUNTRIES.get(question.country or "", _LANGUAGES.get(question.language, "BM"))


def _find_named(reading: Reading) -> Iterator[Found]:
    for system, pattern in _COMPILED:
        for hit in pattern.finditer(reading.raw):
            if value := _read_value(hit["value"], system, reading.question.language):
                yield Found("no_claims_class", value, *hit.span())


def _find_classes(reading: Reading) -> Iterator[Found]:
    """ "classe 1", "prima classe", "Klasse 4", while an insurance is talked about."""
    if not (reading.question.slot in _LATER or _talks_of_cars(reading)):
        return
    for value, start, end in _list_spots(reading):
        if _CLASS_BEFORE.search(reading.text[:start]) or _CLASS_AFTER.match(reading.text, end):
            yield from _make(reading, value, start, end)


def _talks_of_cars(reading: Reading) -> bool:
    """Whether the message is about an insurance; in Italian only, where "classe 4" means but one thing."""
    return reading.question.slot is None and reading.question.language == "it" and bool(_CAR.search(reading.text))


def _find_bare(reading: Reading) -> Iterator[Found]:
    if reading.question.slot != "no_claims_class":
        return
    system = name_system(reading)
    if system == "SF" and (letter := _LETTER.fullmatch(reading.raw)):
        yield Found("no_claims_class", f"SF {letter[1].upper()}", *letter.span(1))
    if system == "NCD" and (none := _NONE.match(reading.raw)):
        yield Found("no_claims_class", "NCD 0", *none.span())
    for value, start, end in _list_spots(reading, years=system == "NCD" or bool(_CLAIM_FREE.search(reading.text))):
        yield from _make(reading, value, start, end)


def _list_spots(reading: Reading, years: bool = False) -> Iterator[tuple[int, int, int]]:
    """Whole numbers and ordinals that count nothing else; years too where they say how long without a claim."""
    ordinals = find_ordinals(reading.text, reading.question.language)
    for number in reading.numbers:
        counts = (
            years
            and not _DRIVES.search(reading.text)
            and number.unit in ("duration", "year")
            and _YEARS_AFTER.match(reading.text, number.end)
        )
        if (
            (number.unit and not counts)
            or number.value != int(number.value)
            or _AGE.search(reading.text[: number.start])
            or _IDIOM.match(reading.text, number.start)
        ):
            continue
        if (counts or not number.article) and not any(start <= number.start < end for _, start, end in ordinals):
            yield int(number.value), number.start, number.end
    if reading.question.language != "en" or name_system(reading) == "BM":
        yield from ordinals
    else:
        yield from (one for one in ordinals if _CLASS_AFTER.match(reading.text, one[2]))


def _make(reading: Reading, value: int, start: int, end: int) -> Iterator[Found]:
    system = name_system(reading)
    if 0 <= value <= _HIGHEST[system]:
        yield Found("no_claims_class", f"{system} {value}", start, end)


def _read_value(said: str, system: str, language: str) -> str | None:
    """The class in its one spelling; None where the word is no number."""
    if said.lower() in ("1/2", "½"):
        return "SF 1/2"
    if said.lower() in ("m", "s"):
        return f"SF {said.upper()}" if system == "SF" else None  # "my dad's no claims"
    number = int(said) if said.isdigit() else read_word(said, language)
    if number is None and (ordinals := find_ordinals(f"la {said}", language)):
        number = ordinals[0][0]
    return f"{system} {number}" if number is not None and number <= _HIGHEST[system] else None
