"""How many people live in the household: digits, words, and "io e mia moglie"."""

from __future__ import annotations

import re

from bot.extract.found import Found, Reading, choose_last
from bot.extract.number_words import find_words
from bot.extract.numbers import Number

LARGEST = 15
_ENERGY = {
    *(None, "household_size", "yearly_kwh", "postcode", "country"),
    *("preference", "offer_choice", "offer_confirmed"),
}  # elsewhere "ho 3 figli" counts no household
_ASKED = ("household_size", "yearly_kwh")  # one answers the other

_ALONE = re.compile(
    r"\b(?:da sol[oa]|solo io|sola? io|soltanto io|io sol[oa]|sono sol[oa]|vivo sol[oa]|abito sol[oa]|single|nur ich|allein\w*"
    r"|nur für mich|just me|only me|me only|just myself|on my own|by myself|alone|i live alone|eine person|una persona"
    r"|one person|ich selbst|solo(?= *[.!]*$)|sola(?= *[.!]*$)|just one|nur eine?r?)\b",
    re.IGNORECASE,
)
_TALKS = re.compile(r"\b(?:parl\w+|sprech\w*|red\w+|talk\w*|speak\w*|robot|bot)\b", re.IGNORECASE)
_PAIR = re.compile(
    r"\b(?:in coppia|siamo una coppia|coppia|(?:als |ein )?paar(?= *[.!]*$)|als paar|a couple(?! of)|we are a couple|both of us"
    r"|the two of us|entrambi|wir beide|noi due|us two)\b",
    re.IGNORECASE,
)
_ZU = re.compile(r"\bzu\s?(zwei|dritt|viert|fünf|fuenf|sechs|sieb|acht|neun)(?:t|en)?\b", re.IGNORECASE)
_ZU_COUNTS = {"zwei": 2, "dritt": 3, "viert": 4, "fünf": 5, "fuenf": 5, "sechs": 6, "sieb": 7, "acht": 8, "neun": 9}
_KOPF = re.compile(r"\b(zwei|drei|vier|fünf|sechs|sieben|\d)[- ]?(?:köpfig|koepfig|personen|pers)\w*", re.IGNORECASE)
_BEFORE = re.compile(
    r"(?:\bs(?:iamo|ono(?= in))\s+(?:in\s+|circa\s+|solo\s+)?|\bviviamo\s+in\s+|\babitiamo\s+in\s+|\bstiamo\s+in\s+|\bin casa\s+(?:siamo\s+)?(?:in\s+)?"
    r"|\bfamiglia\s+(?:di|da|con)\s+|\bnucleo\w*\s+(?:di|da)\s+|\bwir sind\s+(?:zu\s+)?|\bsind wir\s+|\bsind\s+(?=\w+$)|\bhaushalt\s+(?:mit|von)\s+"
    r"|\bfamilie\s+(?:mit|von)\s+|\bwe(?:'|’)?\s?(?:are|re)\s+|\bthere(?:'|’)?\s?(?:are|s|is)\s+|\bfamily of\s+|\bhousehold of\s+"
    r"|\bparty of\s+|\bsaremo\s+(?:in\s+)?|\beravamo\s+(?:in\s+)?|\bsomos\s+)$",
    re.IGNORECASE,
)
_KIN = (
    r"mi[ao] (?:moglie|marito|compagn[ao]|ragazz[ao]|fidanzat[ao]|madre|padre|mamma|papà|sorella|fratello|nonn[ao]|figli[ao])"
    r"|(?:meine?r?|meinem|meinen) (?:frau|mann|freundin|freund|partnerin|partner|mutter|vater|schwester|bruder|tochter|sohn"
    r"|mama|papa|oma|opa)"
    r"|(?:my|the) (?:wife|husband|missus|partner|girlfriend|boyfriend|mother|father|mum|mom|dad|sister|brother|son|daughter"
    r"|flatmate|roommate)"
)
_ONE = r"(?:un[ao]?|eine?|one|a)\s+(?:figli[ao]|bambin[ao]|kind|tochter|sohn|baby|child|kid|son|daughter)"
_SELF = r"io|ich|me|i|myself|noi due|wir zwei|wir beide"
_LINK = r"(?:\s*[,+&]\s*|\s+)(?:(?:e|und|and|con|mit|with|plus|più|ed|sowie|poi)\s+)?(?:i |le |die |the |unsere |i nostri |our )?"
_GROUP = re.compile(
    r"(adult|erwachs|bambin|kind|kids?\b|child|figli|ragazz|genitor|eltern|parents?\b|coinquilin|mitbewohn|flatmate|roommate"
    r"|housemate|töchter|söhne|daughters|sons)",
    re.IGNORECASE,
)

_KIN_WORDS, _SELF_WORDS = (re.compile(words, re.IGNORECASE) for words in (_KIN, _SELF))
_PERSON = re.compile(rf"\b(?:{_KIN}|{_ONE}|{_SELF})\b", re.IGNORECASE)
_LINK_WORDS = re.compile(_LINK, re.IGNORECASE)
_WITH = re.compile(r"\W*(?:(?:solo|nur|just|e|und|and|con|mit|with|noch|anche|also)\W*)*", re.IGNORECASE)
_WORD_END = re.compile(r"\w*")
_HOME = re.compile(
    r"\b(?:siamo|viviamo|abitiamo|vivo|abito|stiamo|in casa|in famiglia|famiglia|nucleo|coinquilin\w+|wir (?:sind|wohnen|leben)|wohne\w*"
    r"|lebe\w*|haushalt|familie|we(?:.?re| are| live)|i live|household|family of|at home|there(?:.?s| are| is))\b",
    re.IGNORECASE,
)


def find_household_size(reading: Reading) -> list[Found]:
    """The number of people, as a whole number in a float."""
    if reading.question.slot not in _ENERGY:
        return []
    for read in (_read_sum, _read_fixed, _read_count):
        if found := read(reading):
            return [one for one in found if 1 <= float(one.value) <= LARGEST]
    return []


def _read_sum(reading: Reading) -> list[Found]:
    """ "due adulti e due bambini", "io, mia moglie e due figli": a list of people, not "mia moglie non sa"."""
    text, asked = reading.text, reading.question.slot == "household_size"
    counts = [one for one in reading.numbers if not one.article and one.value <= LARGEST]
    groups = [number for number in counts if _GROUP.match(text, number.end + 1)]
    if any(number not in groups and (not number.unit or _BEFORE.search(text[: number.start])) for number in counts):
        return []  # "siamo in 4: io, mia moglie e due figli" says it itself
    spots = [(hit.start(), hit.end(), 1.0) for hit in _PERSON.finditer(text)]
    spots += [(one.start, _WORD_END.match(text, one.end + 1).end(), one.value) for one in groups]  # type: ignore[union-attr]
    run = max(_list_runs(text, sorted(spots)), key=len, default=[])
    kin = any(_KIN_WORDS.fullmatch(text[start:end]) for start, end, _ in run)
    named = any(_SELF_WORDS.fullmatch(text[start:end]) for start, end, _ in run)
    if not kin and len(run) < 2:
        return []
    if len(run) < 2 and not (asked and _WITH.fullmatch(text[: run[0][0]] + text[run[0][1] :])):
        return []
    if not (
        asked
        or (reading.question.slot == "yearly_kwh" and _SELF_WORDS.fullmatch(text[run[0][0] : run[0][1]]))
        or _HOME.search(text)
    ):
        return []
    total = sum(value for *_, value in run) + (1 if kin and not named else 0)
    return [Found("household_size", float(total), run[0][0], run[-1][1])]


def _list_runs(text: str, spots: list[tuple[int, int, float]]) -> list[list[tuple[int, int, float]]]:
    """The people named one after the other, with hardly a word between them."""
    runs: list[list[tuple[int, int, float]]] = []
    for spot in spots:
        if runs and spot[0] >= runs[-1][-1][1] and _LINK_WORDS.fullmatch(text[runs[-1][-1][1] : spot[0]]):
            runs[-1].append(spot)
        else:
            runs.append([spot])
    return runs


def _read_fixed(reading: Reading) -> list[Found]:
    found = [Found("household_size", 2.0, *hit.span()) for hit in _PAIR.finditer(reading.text)]
    for hit in _ZU.finditer(reading.text):
        found.append(Found("household_size", float(_ZU_COUNTS[hit.group(1).lower()]), *hit.span()))
    for hit in _KOPF.finditer(reading.text):
        words = find_words(hit.group(1), "de")
        value = float(words[0][0]) if words else float(hit.group(1))
        found.append(Found("household_size", value, *hit.span()))
    found += [
        Found("household_size", 1.0, *hit.span()) for hit in _ALONE.finditer(reading.text) if _alone_counts(reading)
    ]
    return choose_last(reading, sorted(found, key=lambda one: one.start))


def _alone_counts(reading: Reading) -> bool:
    """Words like "single" or "solo" say something about people only when no other number does."""
    if _TALKS.search(reading.text) or reading.asks:
        return False
    return (
        reading.question.slot in ("household_size", "yearly_kwh")
        and not any(
            number.unit in ("people", "") and not number.article and number.value <= LARGEST
            for number in reading.numbers
        )
    ) or bool(re.search(r"\b(?:vivo|abito|wohne|lebe|live)\b", reading.text, re.IGNORECASE))


def _read_count(reading: Reading) -> list[Found]:
    found = [
        Found("household_size", number.value, number.start, number.end)
        for number in reading.numbers
        if number.value == int(number.value) and 1 <= number.value <= LARGEST and _counts_people(reading, number)
    ]
    return choose_last(reading, found)


def _counts_people(reading: Reading, number: Number) -> bool:
    if number.unit == "people":
        said = bool(_BEFORE.search(reading.text[: number.start]))
        if reading.question.slot != "household_size" and _GROUP.match(reading.text, number.end + 1):
            return said  # "ho tre figli" is not all of them
        at_home = said or reading.question.slot in _ASKED or bool(_HOME.search(reading.text))
        return at_home and not number.article  # "con una persona" asks for a human
    if number.unit:
        return False
    if _BEFORE.search(reading.text[: number.start]):
        return not number.article
    lone = len(reading.text.split()) <= 6 and len(reading.numbers) == 1
    if reading.question.slot == "household_size":
        return not number.article or len(reading.text.split()) == 1
    # "4" is nobody's kWh; as a word it must stand alone, "sei gentile" says "you are kind"
    return reading.question.slot == "yearly_kwh" and lone and (not number.in_words or len(reading.text.split()) == 1)
