"""People put into a campaign from its page: pasted or chosen by band, counted first, the refused told with reasons."""

from __future__ import annotations

import re
from functools import partial
from itertools import islice

from nicegui.element import Element
from sqlalchemy import text

from accounts.sessions import require_role
from campaigns.pages.foreseen import draw_reasons
from campaigns.pages.parts import ROLES
from campaigns.pages.said import say_error, say_refusal
from campaigns.release.adding import (
    MOST,
    Adding,
    add_people,
    count_segment,
    find_segment,
    foresee_adding,
    foresee_ids,
)
from campaigns.release.states import ReleaseError
from core import clock
from core.types import Language
from core.wording import format_number
from pages.page import Here
from pages.parts import button, form, form_choice, form_field, put, say, table
from pages.room import get_room
from pages.words import Words
from scoring.rules import BANDS

NAMED = 50  # of those refused
APART = re.compile(r"[\n,;]+")
GAPS = re.compile(r"(?<=[\d)])[ ./()-]+(?=[\d(])")  # in +39 333 123-4567
NAMES = text("SELECT id, coalesce(name, phone, user_id) AS name FROM contact WHERE id = ANY(:ids)")


def split_names(written: str) -> list[str]:
    """The phones and ids somebody pasted, one in a line or with commas between, as the store writes them."""
    words = [one.strip() for one in APART.split(written)]
    return [GAPS.sub("", one) if one[:1] in "+0123456789" else one for one in words if one]


class AddingPart:
    """The section in one browser."""

    def __init__(self, here: Here, words: Words, name: str, pack: str) -> None:
        self.here, self.words, self.name, self.pack = here, words, name, pack
        self.told: Element

    def draw(self) -> None:
        words = self.words
        today = f"{clock.now():%Y-%m-%d}"
        with put("section", classes="card"), put("details"):
            put("summary", words("add_people"))
            put("p", words("add_intro"), "quiet")
            with put("div", classes="cards"):
                with form(self.foresee_pasted):
                    with put("label", classes="field"):
                        put("span", words("pasted"))
                        put("textarea", name="names", rows="4", required=True, placeholder="+39 333 1234567")
                    self.end_form(today)
                with form(self.foresee_group):
                    bands = {"": words("any_band")} | {band: words(f"band_{band}") for band in reversed(BANDS)}
                    form_choice(words("segment"), "band", bands, "")
                    languages = {"": words("any_language")} | {one.value: words(f"in_{one}") for one in Language}
                    form_choice(words("language"), "language", languages, "")
                    self.end_form(today)
            self.told = put("div", aria_live="polite")

    def end_form(self, today: str) -> None:
        """What both forms end with: a name for the lot, and the button that counts."""
        form_field(self.words("batch"), "batch", value=today, required=True, maxlength="80", autocomplete="off")
        put("button", self.words("count_first"), "button main", type="submit")

    async def foresee_pasted(self, fields: dict[str, str]) -> None:
        names, batch = split_names(fields["names"]), fields["batch"].strip()
        room = get_room()
        try:
            async with room.sessions() as session:
                found = await foresee_adding(session, room.settings, self.name, names, batch, clock.now())
        except ReleaseError as error:
            say(say_error(self.words, error), "negative")
            return
        self.show(found, batch)

    async def foresee_group(self, fields: dict[str, str]) -> None:
        band, language, batch = fields["band"], fields["language"], fields["batch"].strip()
        room = get_room()
        group = (self.name, self.pack, band, language)
        try:
            async with room.sessions() as session:
                whole = await count_segment(session, *group)
                ids = await find_segment(session, *group)
                found = await foresee_ids(session, room.settings, self.name, ids, batch, clock.now())
                shown = list(islice(found.refused, NAMED))
                rows = await session.execute(NAMES, {"ids": shown})
                found.names = {row.id: row.name or self.words("no_name") for row in rows}
        except ReleaseError as error:
            say(say_error(self.words, error), "negative")
            return
        self.show(found, batch, whole)

    def show(self, found: Adding, batch: str, whole: int = 0) -> None:
        """What adding would do, and the button that does it."""
        words = self.words
        self.told.clear()
        with self.told:
            with put("ul", classes="facts"):
                for line in self.say_lines(found, whole):
                    put("li", line)
            draw_reasons(words, found.dry.refused, found.dry.held)
            self.draw_refused(found)
            if found.entering:
                people = format_number(len(found.entering), words.language)
                button(words("add_now", people=people), partial(self.add, found.entering, batch), "main", "group_add")

    def say_lines(self, found: Adding, whole: int) -> list[str]:
        words, dry = self.words, found.dry

        def count(number: int) -> str:
            return format_number(number, words.language)

        lines = [words("add_count", people=count(len(found.entering)), refused=count(len(found.refused)))]
        if whole > MOST:
            lines.insert(0, words("add_whole", people=count(whole), most=count(MOST)))
        if found.entering:
            held = count(sum(dry.held.values()))
            lines.append(words("add_messages", sent=count(dry.sent), held=held, control=count(dry.control)))
        if found.before:
            lines.append(words("add_before", people=count(found.before)))
        if found.unknown:
            lines.append(words("unknown", names=", ".join(found.unknown)))
        return lines

    def draw_refused(self, found: Adding) -> None:
        """Who may not enter, by name."""
        words = self.words
        if not found.refused:
            return
        with put("details"):
            put("summary", words("refused_people"))
            body, _ = table([words("people"), words("why")], words("refused_people"))
            for one, why in islice(found.refused.items(), NAMED):
                with body, put("tr"):
                    put("td", found.names.get(one, words("no_name")))
                    put("td", say_refusal(words, why))

    async def add(self, ids: list[int], batch: str) -> None:
        words, visitor = self.words, self.here.visitor
        try:
            async with get_room().sessions.begin() as session:
                await require_role(session, visitor, *ROLES)
                added = await add_people(session, self.name, ids, batch, visitor.actor, clock.now())
        except ReleaseError as error:
            say(say_error(words, error), "negative")
            return
        self.told.clear()
        told = words("added", people=format_number(len(added), words.language), before=len(ids) - len(added))
        with self.told:
            put("p", told, "good")
