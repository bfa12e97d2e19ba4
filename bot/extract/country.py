"""The country a postcode lies in, as ISO code; asked where several countries have the code."""

from __future__ import annotations

import re

from bot.extract.found import Found, Reading, choose_last

_COUNTRIES = {
    "IT": r"itali[ae]n?|italy|italian[oa]?|italienisch\w*",
    "DE": r"german(?:ia|y)|deutschland|tedesc[oa]|german|deutsch\w*",
    "AT": r"austria[cn]?[ao]?|österreich\w*|oesterreich\w*",
    "CH": r"svizzer[ao]|schweiz\w*|switzerland|swiss",
}
_COMPILED = {code: re.compile(rf"\b(?:{names})\b", re.IGNORECASE) for code, names in _COUNTRIES.items()}
_ASKED = ("country", "postcode")  # elsewhere a language or a country is only talked about


def find_country(reading: Reading) -> list[Found]:
    """IT, DE, AT or CH, while place or country is asked."""
    if reading.question.slot not in _ASKED:
        return []
    found = [
        Found("country", code, *hit.span()) for code, names in _COMPILED.items() for hit in names.finditer(reading.text)
    ]
    return choose_last(reading, sorted(found, key=lambda one: one.start))
