"""Help from a language model where one is set up, on demand: a summary, and replies one click puts into the box."""

from __future__ import annotations

from dataclasses import dataclass

from inbox.card import Card
from inbox.language_model import ModelError, draft_help
from inbox.pages.ask import Ask
from inbox.pages.read import read_entries
from pages.page import Here
from pages.parts import put, say
from pages.room import get_room


@dataclass
class Drafting:
    """What was drafted is shown in front of the page and kept nowhere."""

    here: Here

    async def ask(self, card: Card, contact_id: int) -> None:
        settings, words = get_room().settings, self.here.words
        async with get_room().sessions() as session:
            entries = await read_entries(session, contact_id)
        sides = {"in": "customer", "out": "us"}
        talk = [(sides[one.kind], str(one.data["text"] or "")) for one in entries if one.kind in sides]
        try:
            draft = await draft_help(settings, talk, card, self.here.language)
        except ModelError as error:
            with self.here.client.content:
                say(error.say(self.here.language, settings.timezone), "warning")
            return
        with Ask(self.here, "drafted") as dialog:
            put("p", draft.summary or words("nothing_kept"))
            with put("div", classes="suggested"):
                for text in draft.replies:
                    put("button", text, "suggestion", type="button", data_insert=text)
            put("p", words("drafted_explained"), "quiet")
            dialog.put_end()
        dialog.open()
