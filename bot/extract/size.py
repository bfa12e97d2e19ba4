"""The size of clothes and shoes: XS to XXL, numbers, EU, UK and US kept apart."""

from __future__ import annotations

import re

from bot.extract.found import Found, Reading, choose_last

_LETTERS = r"xxs|xs|s|m|l|xl|xxl|xxxl|[2-5]xl"
_HALF = r"(?:[.,]5|\s?½|\s1/2|\s?e mezz[oa]|\s?und (?:ein )?halb|\s?einhalb|\sand a half)"
_NUMBER = rf"\d{{1,2}}(?!\d){_HALF}?(?![.,:/]?\d|\s*(?:€|euro|eur|km|kwh|%|giorni|tage|days|anni|jahre|years|uhr))"
_REGION = r"eu|uk|us|it|de|fr"
_WORD = r"(?:sizes?|tagli[ae]|misura|größen?|groessen?|grössen?|gr\.)"
_SHOE = r"(?:numero|nummer|nr\.?|number|schuhgröße|shoe size)"
_BEFORE = rf"\b(?:(?P<word>{_WORD})|(?P<shoe>{_SHOE}))\s*(?:è |is |ist |: ?|la |una |ein |a |the )?"
_EDGE = r"(?<![\w'’.,])"
_NAMED = re.compile(
    rf"{_BEFORE}(?:(?P<region>{_REGION})\s?)?"
    rf"(?:(?<![^\W\d_])(?P<letters>{_LETTERS})(?![\w'’])|(?P<number>{_NUMBER}))(?:\s?(?P<after>{_REGION})\b)?",
    re.IGNORECASE,
)
_REGIONAL = re.compile(
    rf"{_EDGE}(?:(?P<region>{_REGION})\s?(?P<number>{_NUMBER})|(?P<number2>{_NUMBER})\s?(?P<after>{_REGION})\b)",
    re.IGNORECASE,
)
_ALONE = re.compile(
    rf"{_EDGE}(?:(?P<letters>{_LETTERS})(?![\w'’])|(?P<number>{_NUMBER})(?:er)?(?![\w]))", re.IGNORECASE
)
_WORDS = [
    ("XL", re.compile(r"\bextra\s?-?(?:large|grande|groß)\b", re.IGNORECASE)),
    ("XS", re.compile(r"\bextra\s?-?(?:small|piccola|klein)\b", re.IGNORECASE)),
    ("M", re.compile(r"\b(?:medium|media|mittel|mittelgroß)\b", re.IGNORECASE)),
    ("L", re.compile(r"(?<!extra )\b(?:large|grande)\b", re.IGNORECASE)),
    ("S", re.compile(r"(?<!extra )\b(?:small|piccola)\b", re.IGNORECASE)),
]
_HEIGHT = re.compile(r"\d\s*(?:foot|feet|ft|'|cm|metr[io]|meter)(?:\b|\s)", re.IGNORECASE)
_SHORT = 5  # words; in longer messages a single small letter is no size


def find_size(reading: Reading) -> list[Found]:
    """The size as the shop writes it; without the word "size" only while it is asked."""
    text, asked = reading.raw, reading.question.slot == "size"
    hits = [hit for hit in _NAMED.finditer(text) if asked or _is_size(hit)]
    found = [Found("size", _spell(hit), *hit.span()) for hit in hits]
    if asked and not found:
        found = [Found("size", _spell(hit), *hit.span()) for hit in _REGIONAL.finditer(text)]
    if asked and not found and not _HEIGHT.search(text):
        found = [Found("size", _spell(hit), *hit.span()) for hit in _ALONE.finditer(text) if _counts(reading, hit)]
        found += [Found("size", size, *hit.span()) for size, words in _WORDS for hit in words.finditer(text)]
    if "?" in text and len({one.value for one in found}) > 1:  # "xl o xxl?"
        return []
    return choose_last(reading, sorted(found, key=lambda one: one.start))


def _is_size(hit: re.Match[str]) -> bool:
    """ "numero 43" is a shoe, "numero 3" an answer, "Größe 120" nothing of ours."""
    return bool(hit["word"]) or bool(hit["number"] and int(hit["number"][:2]) >= 34)


def _counts(reading: Reading, hit: re.Match[str]) -> bool:
    if hit["letters"]:
        return hit["letters"].isupper() or len(hit["letters"]) > 1 or len(reading.raw.split()) <= _SHORT
    least = 2 if reading.question.language == "en" else 30
    return least <= int(re.match(r"\d+", hit["number"]).group()) <= 60  # type: ignore[union-attr]


def _spell(hit: re.Match[str]) -> str:
    parts = hit.groupdict()
    if parts.get("letters"):
        return str(parts["letters"]).upper()
    number = str(parts.get("number") or parts["number2"])
    whole = re.match(r"\d+", number).group() + (".5" if re.search(_HALF, number, re.IGNORECASE) else "")  # type: ignore[union-attr]
    region = parts.get("region") or parts.get("after")
    return f"{region.upper()} {whole}" if region else whole
