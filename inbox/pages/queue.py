"""The left column: who waits, in which state, for how long; filters, search, unread counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from nicegui import ui
from nicegui.element import Element

from core import clock
from inbox.pages.bubble import TEMPLATES
from inbox.pages.parts import name_reason
from inbox.pages.waiting import VIEWS, Row, read_counts, read_rows, search_rows
from pages.page import Here
from pages.parts import choice, put
from pages.parts import field as text_field
from pages.room import get_room
from whatsapp.window import close_window_at

LANGUAGES = ("it", "de", "en")
REASONS = ("wish", "frustration", "misunderstanding", "value", "callback", "assistant_down", "agent")


def choose_view(wish: str) -> str:
    return wish if wish in VIEWS else ""


@dataclass
class QueueList:
    """The list in one browser. chosen: the token of the open conversation."""

    here: Here
    view: str
    search: str
    language: str = ""
    reason: str = ""
    chosen: str = ""
    shown: str = field(default="", init=False)
    tabs: dict[str, tuple[Element, Any]] = field(default_factory=dict, init=False)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    lines: ui.html = field(init=False)

    async def draw(self) -> None:
        words = self.here.words
        with put("div", classes="queue-head"):
            text_field(words("search_messages"), self.hear_search, self.search, kind="search", at_once=True,
                       placeholder=words("search_hint"))  # fmt: skip
            with put("div", classes="views", role="group", aria_label=words("views")):
                for view in VIEWS:
                    self.draw_view(view)
            with put("details", classes="queue-filters"):
                put("summary", words("filters"))
                with put("div", classes="row"):
                    languages = {"": words("any_language")} | {one: words(f"language_{one}") for one in LANGUAGES}
                    choice(words("language"), languages, self.language, self.hear_language)
                    reasons = {"": words("any_reason")} | {one: name_reason(one, self.here) for one in REASONS}
                    choice(words("reason"), reasons, self.reason, self.hear_reason)
        self.lines = ui.html("", sanitize=False).classes("queue-list")
        self.lines.props(f'tabindex=-1 role=region aria-label="{words("queue")}"')
        if not self.view:
            counts = await self.count()
            self.view = "mine" if counts["mine"] or not counts["open"] else "open"
        await self.refresh()

    def draw_view(self, view: str) -> None:
        with put("button", classes="view", type="button") as made:
            put("span", self.here.words(f"view_{view}"))
            number = put("b", "", "count")
        made.on("click", lambda _, view=view: self.choose(view), args=[])
        self.tabs[view] = made, number

    async def choose(self, view: str) -> None:
        self.view, self.search = view, ""
        self.here.client.run_javascript("inbox.clearSearch()")
        await self.refresh()

    async def hear_search(self, words: str) -> None:
        self.search = words.strip()[:200]
        await self.refresh()

    async def hear_language(self, language: str) -> None:
        self.language = language
        await self.refresh()

    async def hear_reason(self, reason: str) -> None:
        self.reason = reason
        await self.refresh()

    async def count(self) -> dict[str, int]:
        async with get_room().sessions() as session:
            return await read_counts(session, self.here.visitor.account_id)

    async def refresh(self) -> None:
        """Reads the list again and sends the browser what is new in it."""
        async with self.one_at_a_time:
            await self.read()

    async def read(self) -> None:
        account_id = self.here.visitor.account_id
        async with get_room().sessions() as session:
            counts = await read_counts(session, account_id)
            if self.search:
                rows = await search_rows(session, self.search)
            else:
                rows = await read_rows(session, self.view, account_id, self.language, self.reason)
        if self.here.client.is_deleted:
            return
        self.show_counts(counts)
        html = self.render(rows)
        if html != self.shown:
            self.shown = html
            self.lines.set_content(html)

    def show_counts(self, counts: dict[str, int]) -> None:
        for view, (made, number) in self.tabs.items():
            text = str(counts[view]) if counts.get(view) else ""
            if number.text != text:
                number.set_text(text)
            pressed = "true" if view == self.view and not self.search else "false"
            if made.props.get("aria-pressed") != pressed:
                made.props["aria-pressed"] = pressed
                made.update()

    def render(self, rows: list[Row]) -> str:
        words, now = self.here.words, clock.now()
        lines = [
            {"row": row, "until": close_window_at(row.last_inbound_at) if row.last_inbound_at else None,
             "reason": name_reason(row.reason, self.here) if row.reason else "",
             "own": row.account_id == self.here.visitor.account_id}
            for row in rows
        ]  # fmt: skip
        macro = TEMPLATES.get_template("rows.html").module
        nothing = words("found_nothing") if self.search else words(f"empty_{self.view}")
        return str(macro.draw(lines, words, self.chosen, now, nothing))  # type: ignore[attr-defined]
