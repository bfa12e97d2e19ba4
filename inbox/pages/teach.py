"""Marking a message the assistant misunderstood: what it heard, and what it should have heard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, text

from accounts.sessions import require_role
from core import clock
from inbox.pages.ask import Ask
from inbox.pages.intents import name_intents, read_intents
from inbox.teaching import mark_misunderstood
from inbox.words import RefusedError
from pages.page import Here
from pages.parts import form, form_choice, put, say
from pages.room import get_room

HEARD = text("""
    SELECT m.id, m.text, t.intent AS heard, g.intent AS taught FROM message m
    LEFT JOIN turn t ON t.id = m.turn_id LEFT JOIN teaching g ON g.message_id = m.id
    WHERE m.id = :id AND m.contact_id = :contact
""")


@dataclass
class Teach:
    """The question in one browser. after: called when a message was marked."""

    here: Here
    after: Callable[[], Awaitable[None]]

    async def ask(self, row: Row[Any] | None, message_id: int) -> None:
        if row is None:
            return
        async with get_room().sessions() as session:
            found = await session.execute(HEARD, {"id": message_id, "contact": row.contact_id})
            message = found.one_or_none()
        if message is None or not (message.text or "").strip():
            return
        words, names = self.here.words, name_intents(self.here.language)
        with Ask(self.here, "misunderstood") as dialog, form(partial(self.mark, dialog, message_id)):
            put("q", message.text)
            if message.heard:
                put("p", words("heard_as", intent=names.get(message.heard, message.heard)), "quiet")
            choices = {"": words("choose_intent")} | names
            form_choice(words("meant"), "intent", choices, message.taught or "").props["required"] = ""
            put("p", words("taught_explained"), "quiet")
            dialog.put_end("mark")
        dialog.open()

    async def mark(self, dialog: Ask, message_id: int, fields: dict[str, str]) -> None:
        dialog.close()
        try:
            async with get_room().sessions.begin() as session:
                await require_role(session, self.here.visitor)
                by, now = self.here.visitor.account_id, clock.now()
                await mark_misunderstood(session, message_id, fields["intent"], by, now, read_intents())
        except RefusedError as error:
            told, kind = error.say(self.here.language, get_room().settings.timezone), "warning"
        else:
            told, kind = self.here.words("marked"), "positive"
        with self.here.client.content:
            say(told, kind)
        await self.after()
