"""The rule editor: checked while writing, with a preview of what would change, published with a note, taken back."""

from __future__ import annotations

import asyncio
from functools import partial

from nicegui import ui
from nicegui.element import Element
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from accounts.sessions import NotAllowedError
from core import clock
from pages.editor import Editor
from pages.page import Here, page
from pages.parts import form, form_field, put, say, table
from pages.places import Entry
from pages.room import get_room, read_time
from pages.times import write_moment
from scoring.editions import read_content
from scoring.nodes import RulesError
from scoring.preview import Preview, preview
from scoring.reading import RULES
from scoring.rules import BANDS
from studio.score.publish import (
    MAY_PUBLISH,
    Counting,
    OvertakenError,
    UnchangedError,
    list_editions,
    publish_rules,
    read_counting,
)
from studio.score.said import WORDS, name_pack, number, put_band, put_person, signed

PATIENCE = text("SET LOCAL statement_timeout = '20s'")


@page("/rules", title="rules", words=WORDS, roles=MAY_PUBLISH, entry=Entry("rule", 40, "r"))
async def show_rules(here: Here) -> None:
    async with get_room().sessions() as session:
        counting = await read_counting(session)
    await RulesPage(here, counting).draw()


class RulesPage:
    """The page in one browser. counting: the edition it was opened with."""

    def __init__(self, here: Here, counting: Counting) -> None:
        self.here, self.words, self.counting = here, here.words, counting
        self.editor: Editor
        self.effect: Element
        self.editions: Element

    async def draw(self) -> None:
        words = self.words
        put("p", words("rules_intro"), "quiet")
        with put("div", classes="workshop"):
            with put("section", classes="card"):
                put("h2", words("editor"))
                self.editor = Editor(self.here, self.counting.content, words("editor"), self.check)
                with form(self.publish, "row publish"):
                    form_field(words("note"), "note", required=True, maxlength="500", autocomplete="off")
                    put("button", words("publish"), "button main", type="submit")
            with put("div"):
                with put("section", classes="card"):
                    put("h2", words("effect"))
                    self.effect = put("div", aria_live="polite")
                self.editor.draw_difference(words("difference"))
        self.editions = put("section", classes="card")
        await self.draw_editions()
        await self.editor.start()

    async def check(self) -> None:
        """Says whether the text is right and, if it is, what it would change. An older check gives way to a newer."""
        mine, content = self.editor.begin(), self.editor.content
        self.editor.show_difference(self.counting.content)
        try:
            await asyncio.to_thread(read_content, content)
        except RulesError as error:
            if mine == self.editor.round:
                self.draw_problem(error)
            return
        if mine != self.editor.round:
            return
        self.editor.show_good(self.words("check_good"))
        self.tell_effect(self.words("computing"))
        seen = await self.look_ahead(content)
        if mine == self.editor.round:
            self.draw_effect(seen) if seen else self.tell_effect(self.words("too_slow"))

    async def look_ahead(self, content: str) -> Preview | None:
        """The preview; None if it takes too long."""
        room = get_room()
        try:
            async with room.sessions() as session:
                await session.execute(PATIENCE)
                return await preview(session, content, clock.now(), room.settings.timezone)
        except OperationalError:
            return None

    def draw_problem(self, error: RulesError) -> None:
        self.editor.show_problem(error.line, error.tell(self.here.language))
        self.tell_effect(self.words("effect_wrong"))

    def tell_effect(self, told: str) -> None:
        self.effect.clear()
        with self.effect:
            put("p", told, "quiet")

    def draw_effect(self, seen: Preview) -> None:
        words, here = self.words, self.here
        self.effect.clear()
        contacts = number(seen.contacts, here)
        with self.effect:
            if not seen.changed:
                put("p", words("effect_none", contacts=contacts))
                return
            put("p", words("effect_changed", changed=number(seen.changed, here), contacts=contacts))
            with put("ul", classes="facts"):
                for band in reversed(BANDS):
                    into, out = (number(count, here) for count in (seen.count_into(band), seen.count_out_of(band)))
                    put("li", words("effect_band", band=words(f"band_{band}"), into=into, out=out))
            if seen.movers:
                self.draw_movers(seen)

    def draw_movers(self, seen: Preview) -> None:
        here = self.here
        put("h3", self.words("biggest_movers"))
        with put("ul", classes="short-list"):
            for mover in seen.movers:
                with put("li"):
                    put_person(mover, here)
                    put("span", name_pack(mover.pack, here), "quiet")
                    change = mover.points - mover.points_before
                    put("span", signed(change), f"change {'up' if change > 0 else 'down'}")
                    put_band(mover.band, here)

    async def publish(self, fields: dict[str, str]) -> None:
        words, room, content = self.words, get_room(), self.editor.content
        try:
            async with room.sessions.begin() as session:
                await publish_rules(
                    session, self.here.visitor, content, fields["note"], self.counting.edition_id,
                    clock.now(), read_time(), room.settings.timezone,
                )  # fmt: skip
        except RulesError as error:
            self.draw_problem(error)
            return
        except UnchangedError:
            say(words("unchanged"), "info")
            return
        except NotAllowedError:
            ui.navigate.to("/rules")
            return
        except OvertakenError as error:
            say(words("overtaken", who=error), "warning")
        else:
            say(words("published"))
        async with room.sessions() as session:
            self.counting = await read_counting(session)
        await self.draw_editions()
        self.editor.show_difference(self.counting.content)

    async def draw_editions(self) -> None:
        words, room = self.words, get_room()
        async with room.sessions() as session:
            editions = await list_editions(session)
        self.editions.clear()
        with self.editions:
            put("h2", words("editions"))
            headings = [words(name) for name in ("edition_number", "computed_when", "who", "note", "actions")]
            body, _ = table(headings, words("editions"))
            draw = partial(self.editor.draw_version, take=words("take_back"), taken=words("taken"))
            for edition in editions:
                at = write_moment(edition.published_at, self.here.language, room.settings.timezone)
                cells = (str(edition.id), at, edition.published_by, edition.note)
                tag = words("edition_counts") if edition.id == self.counting.edition_id else None
                draw(body, cells, edition.content, tag)
            draw(body, ("–", "", "", words("edition_shipped")), RULES.read_text(encoding="utf-8"), None)
