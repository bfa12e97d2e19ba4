"""A message that answers the comparison's questions: who tells what, and what is known by now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions.message import read_language, read_sentence, read_turn_key
from core.tables import Contact


@dataclass
class Telling:
    """slots holds what is known, including what the checks of this message have settled so far."""

    session: AsyncSession
    contact: Contact
    dispatcher: Any
    tracker: Any
    slots: dict[str, Any]
    told: dict[str, Any]
    now: datetime

    @property
    def language(self) -> str:
        return read_language(self.tracker)

    @property
    def turn_key(self) -> str:
        return read_turn_key(self.tracker)

    @property
    def sentence(self) -> str:
        return read_sentence(self.tracker)

    def say(self, response: str, **values: Any) -> None:
        """Queues a text of domain.yml for the answer."""
        self.dispatcher.utter_message(response=response, **values)
