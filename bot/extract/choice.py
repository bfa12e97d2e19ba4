"""Which of several things on offer the customer takes: "1", "la terza", "Option 2", a keycap."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.extract.found import Found, Reading, choose_last, is_question
from bot.extract.number_words import read_word
from bot.extract.ordinals import find_ordinals

CHOICES = {"offer_choice": 2, "option": 9}  # question -> how many there are at most
CONFIRMS = frozenset({"offer_confirmed", "contact_way"})  # questions about one of them: "no, lieber das erste"
NAMED = "offer_choice"  # what "Angebot 2" means while nothing is asked

_NOUN = r"offert\w+|opzion\w+|propost\w+|angebot\w*|option\w*|vorschlag\w*|offers?|proposal|choice|scelta|numero|nummer|nr\.?|number|tarif\w*|variante|n\.?"
_NOUN_BEFORE = re.compile(rf"\b(?:{_NOUN})(?:\s*#?\s*(?P<number>[1-9])(?!\d)|\s+(?P<word>[^\W\d_]+))\b", re.IGNORECASE)
_NOUN_AFTER = re.compile(rf"\s+(?:{_NOUN})\b", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(?:la|quella|das|die|den|the|number|numero|nummer)\s+$", re.IGNORECASE)
_CLASS_BEFORE = re.compile(r"\b(?:classe|klasse|stufe|class)\s+$", re.IGNORECASE)
_UNIT_AFTER = re.compile(
    r"\W*\b(?:classe|klasse|stufe|class|mes[ei]|monate?|months?|ann[oi]|jahre?|years?|euro|km|kwh)\b", re.IGNORECASE
)
_OTHER = re.compile(r"\b(?:altra|andere|other)\b", re.IGNORECASE)
_NEITHER = re.compile(
    r"\bn[eé] (?:l.)?un\w.*\bn[eé] \b|\bn[eé] la prima|\bnessun[ao]\b|\bweder\b|\bkein(?:e?s|er)\b|\bneither\b|\bnone\b"
    r"|\b(?:[tf]ra|di|delle|dei) (?:quell[ei] |l[ei] |i )?due\b|\b(?:of|between) (?:the|these|those) two\b|\bvon (?:den )?(?:zwei|beiden)\b"
    r"|\btutt[ei] e due\b|\bentramb[ei]\b|\bbeide\b|\bboth\b",
    re.IGNORECASE,
)
_KEYCAP = re.compile("([1-9])\ufe0f?\u20e3")


def find_choice(reading: Reading, entity: str) -> list[Found]:
    """The place in the list as text, if the open question (or, while none of CHOICES is open, NAMED) is this one."""
    slot = reading.question.slot or ""
    if entity != (slot if slot in CHOICES else NAMED) or _NEITHER.search(reading.text):
        return []
    spots = list(_list_named(reading))
    if not spots and slot in CONFIRMS:
        spots = list(_list_pointed(reading))
    elif not spots and slot in CHOICES:
        spots = list(_list_asked(reading))
    spots = [
        one
        for one in spots
        if not _has_unit(reading.text, one[1], one[2]) and not _is_asked_about(reading.text, one[1], one[2])
    ]
    found = [Found(entity, str(number), start, end) for number, start, end in spots if 1 <= number <= CHOICES[entity]]
    return choose_last(reading, sorted(set(found), key=lambda one: one.start))


def _has_unit(text: str, start: int, end: int) -> bool:
    """ "no, classe 2", "l'offerta 2 mesi": a class or a time, not the second offer."""
    return bool(_CLASS_BEFORE.search(text[:start]) or _UNIT_AFTER.match(text, end))


def _is_asked_about(text: str, start: int, end: int) -> bool:
    """ "does the second come with breakdown cover?" chooses nothing; "the second, when does it start?" does."""
    clause = re.split(r"[,.;!?\n]", text[:start])[-1] + re.split(r"[,.;!\n]", text[start:])[0]
    return len(clause.split()) > 3 and is_question(clause)


def _list_named(reading: Reading) -> Iterator[tuple[int, int, int]]:
    """ "offerta 2", "the second offer": wherever it is said."""
    for hit in _NOUN_BEFORE.finditer(reading.text):
        number = int(hit["number"]) if hit["number"] else read_word(hit["word"], reading.question.language)
        if number is not None:
            yield number, *hit.span()
    for number, start, end in find_ordinals(reading.text, reading.question.language):
        if _NOUN_AFTER.match(reading.text, end):
            yield number, start, end


def _list_pointed(reading: Reading) -> Iterator[tuple[int, int, int]]:
    """With an article only: without one "first" and "1" say something else while a yes is awaited."""
    text = reading.text
    for number, start, end in find_ordinals(text, reading.question.language):
        if _ARTICLE.search(text[:start]):
            yield number, start, end
    for one in reading.numbers:
        if not one.unit and not one.in_words and _ARTICLE.search(text[: one.start]):
            yield int(one.value), one.start, one.end


def _list_asked(reading: Reading) -> Iterator[tuple[int, int, int]]:
    text = reading.text
    for hit in _KEYCAP.finditer(text):
        yield int(hit[1]), *hit.span()
    yield from find_ordinals(text, reading.question.language)
    if reading.question.slot == "offer_choice":
        for hit in _OTHER.finditer(text):
            yield 2, *hit.span()
    for one in reading.numbers:
        if not one.unit and one.value == int(one.value) and (not one.article or len(text.split()) <= 2):
            yield int(one.value), one.start, one.end
