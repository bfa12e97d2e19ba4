"""What the customer wants most of a tariff: price, green or fixed."""

from __future__ import annotations

import re

from bot.extract.found import Found, Reading, choose_last

# (preference, said anywhere, said only while the question is open)
_PREFERENCES = [
    (
        "fixed",
        r"(?:prezz\w+|tariff\w+|costo|rata)\s+(?:\w+\s+)?(?:fiss\w+|bloccat\w+|stabil\w+)|festpreis\w*|fixpreis\w*|preisgarantie"
        r"|feste?[rn]?\s+(?:preis|tarif)\w*|fixed[\s-]*(?:price|rate|tariff)\w*|price (?:lock|guarantee)|locked[\s-]in"
        r"|fest(?:er|en)? arbeitspreis",
        r"fiss[oaie]|bloccat\w+|stabil\w*|stable|fest\b|feste[rsn]?\b|fix\b|fixed?|locked|sicher\w*|sicurezza|senza sorprese"
        r"|keine überraschung\w*|no surprises|planbar\w*|prevedibil\w*|predictable|garantie\w*|garanzia|guaranteed?",
    ),
    (
        "green",
        r"energia (?:verde|pulita|rinnovabile)|(?:più|solo|100\s?%) (?:verde|green|rinnovabil\w+)|fonti rinnovabili|öko\w*|oeko\w*"
        r"|grün\w*|gruen\w*|erneuerbar\w*|green (?:energy|power|electricity)|renewables?|sostenibil\w+",
        r"verde|green|ecologic\w+|ambient\w*|rinnovabil\w+|pulita|nachhaltig\w*|umwelt\w*|klima\w*|sustainab\w+|eco\b|clean"
        r"|environment\w*|planet|pianeta|natur\w*|bio\b|sauber\w*",
    ),
    (
        "price",
        r"(?:la |il |quella |die |das |the )?(?:più|piu) (?:economic\w+|convenient\w+|bass\w+)|meno car[ao]|(?:am |die |der |das )?(?:günstigste\w*"
        r"|guenstigste\w*|billigste\w*)|cheapest|lowest (?:price|cost)|best price|(?:prezzo|costo) (?:più )?basso|miglior prezzo|möglichst (?:günstig|billig)",
        r"prezz\w+|economic\w+|costo|cost[ai]\b|convenien\w+|rispar\w+|soldi|sparen|spar\b|preis\w*|günstig\w*|guenstig\w*|billig\w*|geld"
        r"|cheap\w*|prices?|cost|costs|sav(?:e|ings?)|money|pagare (?:di )?meno|spendere (?:di )?meno|weniger zahlen|pay less",
    ),
]
_COMPILED = [(n, re.compile(rf"\b(?:{a})\b", re.I), re.compile(rf"\b(?:{o})\b", re.I)) for n, a, o in _PREFERENCES]
_ENERGY = ("preference", "postcode", "country", "yearly_kwh", "household_size", "offer_choice", "offer_confirmed")
_SHORT = 3  # words
_CAR = re.compile(r"assicura|polizza|versicher|insur|\bauto\b|\bcar\b|macchina", re.IGNORECASE)
_POWER = re.compile(
    r"strom|energ|elettric|electric|tarif|\b(?:luce|corrente|power|fiss[oa]|fixed|feste[rn]?|bollett\w+)\b",
    re.IGNORECASE,
)
_UNWANTED = re.compile(
    r"\b(?:non|nicht|no|kein\w*|not|egal|nessun\w*|senza|ohne|without|don.?t care|non mi (?:interessa|importa))"
    r"\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def find_preference(reading: Reading) -> list[Found]:
    """price, green or fixed. Words that occur in any talk about tariffs count only while the question is open."""
    if reading.asks or not _is_about_energy(reading):  # "is the green one dearer?" chooses nothing
        return []
    spots: list[Found] = []
    for name, anywhere, while_open in _COMPILED:
        hits = list(anywhere.finditer(reading.text))
        if reading.question.slot == "preference":
            hits += list(while_open.finditer(reading.text))
        spots += [
            Found("preference", name, *hit.span()) for hit in hits if not _UNWANTED.search(reading.text[: hit.start()])
        ]
    whole = [one for one in spots if not any(_covers(other, one) for other in spots)]
    names = {one.value for one in whole}
    if len(names) > 1 and not reading.corrects:
        return sorted(whole, key=lambda one: one.start)[:1]
    return choose_last(reading, sorted(whole, key=lambda one: one.start))


def _is_about_energy(reading: Reading) -> bool:
    """Green shoes and cheap insurances are no wish for a tariff."""
    slot = reading.question.slot
    if slot is not None:
        return slot in _ENERGY
    return bool(_POWER.search(reading.text)) or (len(reading.text.split()) <= _SHORT and not _CAR.search(reading.text))


def _covers(big: Found, small: Found) -> bool:
    """ "prezzo fisso" is a fixed price, not a price."""
    return (
        big is not small
        and big.start <= small.start
        and small.end <= big.end
        and big.end - big.start > small.end - small.start
    )
