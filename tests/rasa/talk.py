"""Talks to the real conversation engine with the real actions, as the turn does, and remembers the answers."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

from conversations.answer import RasaAnswer, merge_messages
from core.types import Outbound
from tests.e2e.stack import Stack

NEW_CONTACT = "INSERT INTO contact (token, phone, name, language, country) VALUES (%s, %s, 'Ada', %s, %s) RETURNING id"
TURNS = itertools.count(1)


@dataclass
class Talk:
    """One contact's conversation. proposal: what a plain yes means, as after a template."""

    stack: Stack
    language: str
    country: str | None = "IT"
    proposal: str | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(6))
    contact_id: int = 0
    session: int = 1
    last: RasaAnswer | None = None
    shown: Outbound | None = None

    def __post_init__(self) -> None:
        row = (self.token, f"+39{secrets.randbelow(10**10):010}", self.language, self.country)
        self.contact_id = self.stack.query(NEW_CONTACT, *row)[0][0]

    def say(self, text: str, key: str | None = None) -> str:
        """What the customer reads as one message; buttons stand at the end, each in brackets."""
        slots: dict[str, Any] = {"language": self.language}
        if self.proposal:
            slots["proposal"], self.proposal = self.proposal, None
        body = {
            "sender": f"{self.token}.{self.session}",
            "message_id": key or f"t{next(TURNS)}",
            "text": self.read_tap(text),
            "slots": slots,
            "metadata": {},
        }
        key = self.stack.settings.internal_token()
        url = f"{self.stack.settings.rasa_url}/webhooks/pronto/webhook"
        answer = httpx.post(url, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        assert answer.status_code == 200, answer.text
        self.last = RasaAnswer.model_validate(answer.json())
        self.shown = merge_messages(self.last.messages)
        if self.shown is None:
            return ""
        return " ".join([self.shown.text, *(f"[{option.title}]" for option in self.shown.options)]).strip()

    def read_tap(self, text: str) -> str:
        """A title in brackets is a tap on that button."""
        if not text.startswith("[") or self.shown is None:
            return text
        return next(option.id for option in self.shown.options if option.title == text.strip("[]"))

    @property
    def slots(self) -> dict[str, Any]:
        assert self.last is not None
        return self.last.slots
