"""The review list of marketers: sentences agents marked, accepted as training data or not, taken along as a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from nicegui import ui
from nicegui.element import Element
from sqlalchemy import select

from accounts.sessions import require_role
from core import clock
from core.tables import Account, Teaching
from core.types import Language, Role
from inbox.pages.intents import name_intents, read_intents
from inbox.pages.parts import WORDS, write_time
from inbox.teaching import export_teachings, list_teachings, mark_misunderstood, review_teaching
from pages.look import look_url
from pages.page import Here, page
from pages.parts import button, choice, put
from pages.places import Entry
from pages.room import get_room

ROLES = (Role.MARKETER, Role.ADMIN)
LISTS: dict[str, bool | None] = {"waiting": None, "accepted": True, "refused": False}


@page("/teaching", title="teaching", words=WORDS, roles=ROLES, entry=Entry("school", 45, "t"))
async def show_review(here: Here, list: str = "waiting") -> None:
    ui.add_head_html(f'<link rel="stylesheet" href="{look_url("inbox.css")}">')
    await Review(here, list if list in LISTS else "waiting").draw()


@dataclass
class Review:
    """The list in one browser."""

    here: Here
    shown: str
    names: dict[int, str] = field(default_factory=dict, init=False)
    place: Element = field(init=False)

    async def draw(self) -> None:
        words = self.here.words
        put("p", words("review_explained"), "quiet")
        with put("nav", classes="row", aria_label=words("views")):
            for name in LISTS:
                current = "page" if name == self.shown else None
                put("a", words(f"review_{name}"), "button small", href=f"/teaching?list={name}", aria_current=current)
        if self.shown == "accepted":
            with put("div", classes="row"):
                for language in Language:
                    name = words(f"language_{language}")
                    button(words("take_along", language=name), partial(self.export, language), symbol="download")
        self.place = put("div", classes="reviews")
        await self.refresh()

    async def refresh(self) -> None:
        async with get_room().sessions() as session:
            teachings = await list_teachings(session, LISTS[self.shown])
            people = await session.execute(select(Account.id, Account.name))
            self.names = {row.id: row.name for row in people}
        self.place.clear()
        with self.place:
            if not teachings:
                put("p", self.here.words(f"review_none_{self.shown}"), "quiet")
            for one in teachings:
                self.draw_one(one)

    def draw_one(self, one: Teaching) -> None:
        words, names = self.here.words, name_intents(self.here.language)
        with put("section", classes="card review"):
            put("q", one.sentence, lang=one.language)
            who = self.names.get(one.account_id, "?")
            told = (one.language.upper(), who, write_time(one.at, clock.now(), self.here))
            put("p", " · ".join(told), "quiet")
            if one.heard:
                put("p", words("heard_as", intent=names.get(one.heard, one.heard)), "quiet")
            with put("div", classes="row"):
                choice(words("meant"), names, one.intent, partial(self.change, one.message_id))
                if one.accepted is not True:
                    button(words("accept"), partial(self.judge, one.id, True), "main", "check")
                if one.accepted is not False:
                    button(words("refuse"), partial(self.judge, one.id, False), symbol="close")

    async def change(self, message_id: int, intent: str) -> None:
        """Another intent than the agent's; the sentence waits again."""
        async with get_room().sessions.begin() as session:
            await require_role(session, self.here.visitor, *ROLES)
            by = self.here.visitor.account_id
            await mark_misunderstood(session, message_id, intent, by, clock.now(), read_intents())
        await self.refresh()

    async def judge(self, teaching_id: int, accepted: bool) -> None:
        async with get_room().sessions.begin() as session:
            await require_role(session, self.here.visitor, *ROLES)
            await review_teaching(session, teaching_id, accepted, self.here.visitor.account_id, clock.now())
        await self.refresh()

    async def export(self, language: Language) -> None:
        async with get_room().sessions() as session:
            await require_role(session, self.here.visitor, *ROLES)
            content = await export_teachings(session, language)
        ui.download.content(content, f"taught_{language}.yml", "application/yaml")
