"""What the customer prefers and which offer it shall be."""

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
_UNWANTED = re.compile(
    r"\b(?:non|nicht|no|kein\w*|not|egal|nessun\w*|senza|ohne|without|don.?t care|non mi (?:interessa|importa))"
    r"\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_FIRST = r"prim[ao]|1[ªa°º]|erste[rsn]?|1\.|first|1st|number one|numero uno|nummer eins"
_SECOND = r"second[ao]|2[ªa°º]|zweite[rsn]?|2\.|second|2nd|number two|numero due|nummer zwei|altra|andere|other"
_NOUN = r"offert\w+|opzion\w+|propost\w+|angebot\w*|option\w*|vorschlag\w*|offers?|proposal|choice|scelta|numero|nummer|nr\.?|number|tarif\w*|variante|n\.?"
_ORDINALS = [
    ("1", re.compile(rf"(?<!\w)(?:{_FIRST})(?!\w)", re.I)),
    ("2", re.compile(rf"(?<!\w)(?:{_SECOND})(?!\w)", re.I)),
]
_ARTICLE = r"\b(?:la|quella|das|die|den|the|number|numero|nummer)\s+"
_FIRST_ALONE = re.compile(rf"{_ARTICLE}(?:prima|erste[rsn]?|first|1)\b", re.IGNORECASE)
_SECOND_ALONE = re.compile(rf"{_ARTICLE}(?:seconda|zweite[rsn]?|second|2)\b", re.IGNORECASE)
_NAMED = re.compile(
    rf"\b(?:{_NOUN})\s*#?\s*(?P<after>[12]|uno|due|eins|zwei|one|two)\b"
    rf"|(?<!\w)(?:(?P<first>{_FIRST})|(?P<second>{_SECOND}))\s+(?:{_NOUN})\b",
    re.IGNORECASE,
)
_COUNTS = {"1": "1", "2": "2", "uno": "1", "due": "2", "eins": "1", "zwei": "2", "one": "1", "two": "2"}
_NEITHER = re.compile(
    r"\bn[eé] (?:l.)?un\w.*\bn[eé] \b|\bn[eé] la prima|\bnessun[ao]\b|\bweder\b|\bkein(?:e?s|er)\b|\bneither\b|\bnone\b",
    re.IGNORECASE,
)
_KEYCAP = re.compile("([1-9])\ufe0f?\u20e3")


def find_preference(reading: Reading) -> list[Found]:
    """price, green or fixed. Words that occur in any talk about tariffs count only while the question is open."""
    if reading.asks:  # "is the green one dearer?" chooses nothing
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


def _covers(big: Found, small: Found) -> bool:
    """ "prezzo fisso" is a fixed price, not a price."""
    return (
        big is not small
        and big.start <= small.start
        and small.end <= big.end
        and big.end - big.start > small.end - small.start
    )


def find_offer_choice(reading: Reading) -> list[Found]:
    """ "1" or "2", as text: the position of the offer in the last message."""
    text, found = reading.text, []
    if _NEITHER.search(text):
        return []
    for hit in _NAMED.finditer(text):
        number = "1" if hit["first"] else "2" if hit["second"] else _COUNTS[hit["after"].lower()]
        found.append(Found("offer_choice", number, *hit.span()))
    if reading.question.slot == "offer_confirmed" and not found:  # "no, lieber das erste"; "the other" depends
        for number, pattern in (("1", _FIRST_ALONE), ("2", _SECOND_ALONE)):
            found += [Found("offer_choice", number, *hit.span()) for hit in pattern.finditer(text)]
    if reading.question.slot == "offer_choice" and not found:
        found = [
            Found("offer_choice", hit.group(1), *hit.span()) for hit in _KEYCAP.finditer(text) if hit.group(1) in "12"
        ]
        for number, pattern in _ORDINALS:
            found += [
                Found("offer_choice", number, *hit.span()) for hit in pattern.finditer(text) if _is_choice(reading, hit)
            ]
        found += [
            Found("offer_choice", str(int(number.value)), number.start, number.end)
            for number in reading.numbers
            if not number.unit and number.value in (1, 2) and (not number.article or len(text.split()) <= 2)
        ]
    return choose_last(reading, sorted(set(found), key=lambda one: one.start))


def _is_choice(reading: Reading, hit: re.Match[str]) -> bool:
    """ "prima" alone is "before" in Italian and "great" in German; with an article it is the first."""
    if hit.group().lower() != "prima":
        return True
    article = re.search(r"\b(?:la|quella|(?:a|su|de|da)lla)\s*$", reading.text[: hit.start()], re.IGNORECASE)
    return bool(article) or (reading.question.language == "it" and len(reading.text.split()) <= 2)
