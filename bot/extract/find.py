"""All values in a message, with the open question as context: what the Rasa component and the tests call.

A new kind of value is one file with a `find_...(reading) -> list[Found]` and one line in EXTRACTORS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bot.extract.callback_time import find_callback_time
from bot.extract.choice import CHOICES, find_choice
from bot.extract.country import find_country
from bot.extract.date import DATES, find_date
from bot.extract.found import Found, Question, Reading
from bot.extract.household_size import find_household_size
from bot.extract.km_per_year import find_km_per_year
from bot.extract.no_claims import find_no_claims_class
from bot.extract.numbers import find_numbers, mask_distractors
from bot.extract.postcode import find_postcode
from bot.extract.preference import find_preference
from bot.extract.size import find_size
from bot.extract.yearly_cost import find_yearly_cost
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
    Extractor("km_per_year", find_km_per_year, takes_number=True),
    Extractor("no_claims_class", find_no_claims_class, takes_number=True),
    Extractor("yearly_cost", find_yearly_cost, takes_number=True),
    *(Extractor(slot, partial(find_date, entity=slot)) for slot in DATES),
    Extractor("callback_time", find_callback_time, takes_number=True),
    Extractor("size", find_size, takes_number=True),
    *(Extractor(slot, partial(find_choice, entity=slot)) for slot in CHOICES),
)
LONGEST, MOST_NUMBERS = 1000, 40  # beyond that nobody answers a question
TAKES_NUMBER = frozenset(one.slot for one in EXTRACTORS if one.takes_number)


def find_values(text: str, question: Question) -> list[Found]:
    """Every value in the message, at most one per slot; where two claim the same place, the open question wins."""
    if text.lstrip().startswith("/"):  # Rasa's own payload syntax
        return []
    text = text[:LONGEST]
    masked = mask_distractors(text)
    reading = Reading(masked, question, tuple(find_numbers(masked, question.language))[:MOST_NUMBERS], text)
    kept: list[Found] = []
    for extractor in sorted(EXTRACTORS, key=lambda one: one.slot != question.slot):
        for found in extractor.find(reading):
            if not any(_collide(found, other) for other in kept):
                kept.append(found)
    return sorted(kept, key=lambda one: one.start)


def _collide(one: Found, other: Found) -> bool:
    """Whether two values claim the same place; "stasera" is a day and a time."""
    return (
        one.start < other.end
        and other.start < one.end
        and {one.entity, other.entity} != {"callback_on", "callback_time"}
    )
