"""All values in a message, with the open question as context: what the Rasa component and the tests call.

A new kind of value is one file with a `find_...(reading) -> list[Found]` and one line in EXTRACTORS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.extract.choice import find_offer_choice, find_preference
from bot.extract.country import find_country
from bot.extract.found import Found, Question, Reading
from bot.extract.household_size import find_household_size
from bot.extract.numbers import find_numbers, mask_distractors
from bot.extract.postcode import find_postcode
from bot.extract.yearly_kwh import find_yearly_kwh


@dataclass(frozen=True)
class Extractor:
    """One kind of value. takes_number: a number typed against its question is the answer, not the n-th option."""

    slot: str
    find: Callable[[Reading], list[Found]]
    takes_number: bool = False


EXTRACTORS = (
    Extractor("postcode", find_postcode, takes_number=True),
    Extractor("country", find_country),
    Extractor("yearly_kwh", find_yearly_kwh, takes_number=True),
    Extractor("household_size", find_household_size, takes_number=True),
    Extractor("preference", find_preference),
    Extractor("offer_choice", find_offer_choice),
)
TAKES_NUMBER = frozenset(one.slot for one in EXTRACTORS if one.takes_number)


def find_values(text: str, question: Question) -> list[Found]:
    """Every value in the message, at most one per slot; where two claim the same place, the open question wins."""
    if text.lstrip().startswith("/"):  # Rasa's own payload syntax
        return []
    masked = mask_distractors(text)
    reading = Reading(masked, question, tuple(find_numbers(masked, question.language)))
    kept: list[Found] = []
    for extractor in sorted(EXTRACTORS, key=lambda one: one.slot != question.slot):
        for found in extractor.find(reading):
            if not any(found.start < other.end and other.start < found.end for other in kept):
                kept.append(found)
    return sorted(kept, key=lambda one: one.start)
