"""What was found in a message, and the words that change which of several values counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.extract.numbers import Number


@dataclass(frozen=True)
class Found:
    """A value in a message. entity is the slot's name; start and end say where it stands."""

    entity: str
    value: str | float
    start: int
    end: int


@dataclass(frozen=True)
class Question:
    """What extraction knows of the conversation: the open question, language, and country where known (IT, DE ...)."""

    slot: str | None = None
    language: str = "it"
    country: str | None = None
    today: date | None = None


@dataclass(frozen=True)
class Reading:
    """A message with its numbers, read once for all extractors. text: without distractors; raw: as it was written."""

    text: str
    question: Question
    numbers: Sequence[Number] = field(default_factory=tuple)
    raw: str = ""

    @property
    def corrects(self) -> bool:
        """Whether the customer takes something back: "no, 20123", "anzi 3500", "I meant ..."."""
        return is_correction(self.text)

    @property
    def asks(self) -> bool:
        """Whether the customer asks something; "grün?" is an answer given with doubt."""
        return is_question(self.text)


INSURANCE = frozenset({"no_claims_class", "km_per_year", "yearly_cost", "contract_ends_on"})  # what it asks


_CORRECTS = re.compile(
    r"\b(?:no+|anzi|scus[ai]|pardon|volevo dire|cioè|ops|intendevo|meglio|aspetta|correggo|sbagliat[oa]|mi correggo"
    r"|nein|nee|quatsch|ich mein\w*|ach|doch|falsch|korrektur|moment|ups|sorry|i mean\w*|i meant|meant|actually|wait"
    r"|correction|wrong|oops|rather|cambia|ändere|change)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^\W*(?:e |ma |und |aber |and |but |so |also )?(?:che |cosa |come |quant\w+ |perch[eé] |quando |chi |dove |qual\w* |in che"
    r"|posso |possiamo |si pu[oò] |avete |siete |accettate |spedite |fate (?:anche|pure) |devo |dovrei |pu[oò] "
    r"|was |wie |wieso |warum |weshalb |wann |wer |wo |woher |welche\w* |inwiefern |wozu |gibt.?s |gibt es |habt ihr |seid ihr |bist du |hast du |macht ihr |nehmt ihr |kann (?:ich|man|mein)|kostet |darf "
    r"|(?:ist|sind|hat|geht|bleibt|muss|werden|wird) (?:das|die|der|den|es|ich|man|da|ihr|mein\w*) "
    r"|what |how |why |when |who |where |which |(?:is|are|was) (?:it|the|that|this|there|they|these|you|u) |(?:do|does|did) (?!it)\w+ "
    r"|(?:can|could|may|will|should) (?:i|you|u|we|they|he|she|it|my|the) |have (?:you|u) |(?:got |is there )?any )",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:non|nicht|not|kein\w*|statt|anziché|invece (?:di|che)|instead of|rather than)\s+(?:è |ist |is |the |i |il |la |lo |l.|die |der |das |den |alle |am |um |at |in )?$",
    re.IGNORECASE,
)


def is_correction(text: str) -> bool:
    """Whether a message takes something back."""
    return bool(_CORRECTS.search(text))


def is_question(text: str) -> bool:
    """Whether a message of more than two words asks something."""
    return len(text.split()) > 2 and ("?" in text or bool(_ASKS.match(text)))


def choose_last(reading: Reading, found: list[Found]) -> list[Found]:
    """Of several values for one slot the last counts, unless it is the one denied: "3500, non 2500"."""
    kept = [one for one in found if not _NEGATED.search(reading.text[: one.start])]
    return (kept or found)[-1:]
