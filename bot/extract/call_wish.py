"""Whether a message asks to be called: then it may say when, whatever is asked just now."""

from __future__ import annotations

import re

_CALLS = re.compile(
    r"\b(?:ri)?chiam(?:ami|atemi|armi|ate|ata|ato)\b|\b(?:ri)?contatt(?:ami|atemi|armi)\b|\btelefon(?:ami|atemi|armi|ata)\b"
    r"|\bruft?\b.*\ban\b|\b(?:zurück|an)(?:zu)?rufen\b|\b(?:rück)?anruf\w*|\brückruf\w*"
    r"|\bcall (?:me|back)\b|\b(?:ring|phone) me\b|\ba (?:call|ring)\b|\bcallback\b",
    re.IGNORECASE,
)


def wishes_call(text: str) -> bool:
    """ "chiamatemi", "ruft mich an", "call me"; not "I'll call you"."""
    return bool(_CALLS.search(text))
