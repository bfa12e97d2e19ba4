"""Whether a customer's words are among those a trigger waits for."""

from __future__ import annotations

from campaigns.journeys.triggers import Keyword
from conversations.stop_words import fold


def find_keyword(trigger: Keyword, said: str, intent: str | None) -> str | None:
    """The word or intent that was met, as the journey writes it; words of every language, for short answers have none.

    Folded, as whole words: Schätzung is met by "schatzung?", OK by "ok, va bene" and not by "okkio".
    """
    if intent in trigger.intents:
        return intent
    clause = f" {fold(said)} "
    words = (word for words in trigger.words.values() for word in words)
    return next((word for word in words if f" {fold(word)} " in clause), None)
