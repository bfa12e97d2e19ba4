"""What the tracker says about the open question: the components' window on the conversation."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa.shared.core.trackers import DialogueStateTracker

from bot.extract.found import Question

LANGUAGES = ("it", "de", "en")
INSURANCE = "insurance_comparison"  # where a car is insured may be another country than where its owner lives


def read_question(tracker: DialogueStateTracker | None) -> Question:
    """The open question, the language, the day and, where the assistant knows it, the country."""
    language = _read_slot(tracker, "language")
    return Question(
        slot=_read_slot(tracker, "requested_slot"),
        language=language if language in LANGUAGES else "it",
        country=_read_slot(tracker, "insured_in" if _read_slot(tracker, "conversation") == INSURANCE else "country"),
        today=datetime.now(ZoneInfo(os.environ.get("PRONTO_TIMEZONE") or "Europe/Rome")).date(),
    )


def read_proposal(tracker: DialogueStateTracker | None) -> str | None:
    """What a plain yes means just now, None if nothing was proposed."""
    return _read_slot(tracker, "proposal")


def _read_slot(tracker: DialogueStateTracker | None, name: str) -> Any:
    slot = tracker.slots.get(name) if tracker is not None else None
    return slot.value if slot is not None else None
