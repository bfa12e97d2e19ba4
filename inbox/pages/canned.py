"""Choosing and keeping canned replies: one click puts a text into the box, filled with the customer's values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row

from accounts.sessions import require_role
from core import clock
from core.tables import CannedReply
from core.types import Language
from inbox.canned import choose_text, drop_canned, fill_text, list_canned, save_canned
from inbox.pages.ask import Ask
from inbox.words import RefusedError
from pages.page import Here
from pages.parts import form, form_choice, form_field, icon, put, say
from pages.room import get_room


@dataclass
class CannedReplies:
    """The list in front of the page."""

    here: Here

    async def ask(self, row: Row[Any] | None) -> None:
        if row is None:
            return
        async with get_room().sessions() as session:
            canned = await list_canned(session)
        first = (row.name or "").split()[:1]
        values = {
            "name": first[0] if first else "",
            "agent": self.here.visitor.name,
            "company": get_room().settings.company,
        }
        with Ask(self.here, "canned") as dialog:
            if not canned:
                put("p", self.here.words("no_canned"), "quiet")
            for one in canned:
                self.draw_one(dialog, one, row, values)
            self.draw_form(dialog, row)
            dialog.put_end()
        dialog.open()

    def draw_one(self, dialog: Ask, one: CannedReply, row: Row[Any], values: dict[str, str]) -> None:
        words, own = choose_text(one.texts, row.language)
        with put("div", classes="canned-line"):
            with put("button", classes="suggestion", type="button", data_insert=fill_text(words, values)):
                put("b", one.name if own else f"{one.name} · {self.here.words('other_language')}")
                put("span", fill_text(words, values))
            drop = self.here.words("drop_canned", name=one.name)
            with put("button", classes="plain", type="button", aria_label=drop, title=drop) as made:
                icon("delete")
            made.on("click", lambda _, canned_id=one.id: self.drop(dialog, canned_id, row), args=[])

    def draw_form(self, dialog: Ask, row: Row[Any]) -> None:
        """A new one, or another text for one that exists."""
        words = self.here.words
        with put("details"):
            put("summary", words("new_canned"))
            with form(partial(self.save, dialog, row)):
                form_field(words("canned_name"), "name", required=True, maxlength="40")
                languages = {one.value: words(f"language_{one}") for one in Language}
                form_choice(words("language"), "language", languages, row.language or self.here.language)
                with put("label", classes="field"):
                    put("span", words("canned_text"))
                    put("textarea", name="words", rows="3", required=True, maxlength="4000")
                put("button", words("save"), "button", type="submit")

    async def save(self, dialog: Ask, row: Row[Any], fields: dict[str, str]) -> None:
        try:
            async with get_room().sessions.begin() as session:
                await require_role(session, self.here.visitor)
                by, language = self.here.visitor.account_id, Language(fields["language"])
                await save_canned(session, fields["name"], language, fields["words"], by, clock.now())
        except RefusedError as error:
            with self.here.client.content:
                say(error.say(self.here.language), "warning")
            return
        dialog.close()
        await self.ask(row)

    async def drop(self, dialog: Ask, canned_id: int, row: Row[Any]) -> None:
        async with get_room().sessions.begin() as session:
            await require_role(session, self.here.visitor)
            await drop_canned(session, canned_id)
        dialog.close()
        await self.ask(row)
