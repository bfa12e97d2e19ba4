"""The left column: who waits, in which state, for how long; filters, search, unread counts."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from markupsafe import escape
from nicegui import ui
from nicegui.element import Element

from inbox.pages.bell import Bell
from inbox.pages.board import Board, open_board
from inbox.pages.bubble import TEMPLATES
from inbox.pages.parts import name_reason
from inbox.pages.waiting import PER_READ, VIEWS, Row, read_closed, read_rows, search_rows
from pages.live import PAUSE
from pages.page import Here
from pages.parts import choice, put
from pages.parts import field as text_field
from pages.room import get_room
from whatsapp.window import close_window_at

ASKED = ("closed", "called")  # views that do not stand on the board
SLOW = 1.0  # seconds
LANGUAGES = ("it", "de", "en")
REASONS = ("wish", "frustration", "misunderstanding", "value", "callback", "assistant_down", "agent")


def choose_view(wish: str) -> str:
    return wish if wish in VIEWS else ""


@dataclass
class QueueList:
    """The list in one browser. drawn: token to HTML of the lines as the browser has them."""

    here: Here
    view: str
    search: str
    language: str = ""
    reason: str = ""
    board: Board = field(init=False)
    drawn: dict[str, str] = field(default_factory=dict, init=False)
    nothing: str = field(default="", init=False)
    told: dict[int, int] | None = field(default=None, init=False)
    news: bool = field(default=False, init=False)
    waking: asyncio.Task[None] | None = field(default=None, init=False)
    tabs: dict[str, tuple[Element, Any]] = field(default_factory=dict, init=False)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    lines: ui.html | None = field(default=None, init=False)

    async def draw(self) -> None:
        words = self.here.words
        with put("div", classes="queue-head"):
            await Bell(self.here).draw()
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
        self.board = await open_board()
        self.here.client.on_delete(self.board.watch(self.hear_board))
        if not self.view:
            self.view = "mine" if self.choose_rows("mine") or not self.choose_rows("open") else "open"
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

    async def refresh(self) -> None:
        """Sends the browser what is new in the list. What is open stands on the board, the rest is asked for."""
        async with self.one_at_a_time:
            rows = await self.find_rows()
            if not self.here.client.is_deleted:
                self.show_counts()
                self.show_lines(rows)

    async def find_rows(self) -> list[Row]:
        if not self.search and self.view not in ASKED:
            return self.choose_rows(self.view)
        by = self.here.visitor.account_id
        async with get_room().sessions() as session:
            if self.search:
                return await search_rows(session, self.search)
            if self.view == "called":
                return await read_rows(session, [one for one, who in self.board.called.items() if by in who])
            return await read_closed(session, self.language, self.reason)

    def choose_rows(self, view: str) -> list[Row]:
        """What is open in a view, filtered."""
        rows = self.board.find_rows(view, self.here.visitor.account_id)
        if self.language or self.reason:
            rows = [row for row in rows if self.language in ("", row.language) and self.reason in ("", row.reason)]
        return rows[:PER_READ]

    def hear_board(self) -> None:
        """After a change: at once, then after a rest; what is searched or closed is asked for anew, more seldom."""
        self.news = True
        if self.waking is None or self.waking.done():
            self.waking = asyncio.create_task(self.wake())

    async def wake(self) -> None:
        while self.news and not self.here.client.is_deleted:
            self.news = False
            with self.here.client.content:
                await self.refresh()
            await asyncio.sleep(SLOW if self.search or self.view in ASKED else PAUSE)

    def show_counts(self) -> None:
        counts = self.board.count_rows(self.here.visitor.account_id)
        self.show_unread()
        for view, (made, number) in self.tabs.items():
            text = str(counts[view]) if counts.get(view) else ""
            if number.text != text:
                number.set_text(text)
            pressed = "true" if view == self.view and not self.search else "false"
            if made.props.get("aria-pressed") != pressed:
                made.props["aria-pressed"] = pressed
                made.update()
            if view == "called":
                shown = None if text or pressed == "true" else ""
                if made.props.get("hidden") != shown:
                    made.props.pop("hidden", None) if shown is None else made.props.update(hidden="")
                    made.update()

    def show_unread(self) -> None:
        """How many of one's own wait unread goes into the title; a new message of theirs, or a new free one, rings."""
        by = self.here.visitor.account_id
        own = self.board.find_unread(by)
        told = {row.contact_id: row.unread for row in [*own, *self.board.find_rows("open", by)]}
        if told == self.told:
            return
        news = [row for row in [*self.board.find_rows("open", by), *own] if self.grew(row)]
        self.told = told
        what = [news[-1].name or news[-1].address or "", news[-1].last or ""] if news else None
        self.here.client.run_javascript(f"inbox.showUnread({len(own)}, {json.dumps(what)})")

    def grew(self, row: Row) -> bool:
        """Whether there is more to read than when this was told last; nothing is new to who just came."""
        return self.told is not None and row.unread > self.told.get(row.contact_id, 0)

    def show_lines(self, rows: list[Row]) -> None:
        """Only lines that look other than before, and their order, go to the browser."""
        drawn = {row.token: self.draw_line(row) for row in rows}
        words = self.here.words
        nothing = "" if rows else words("found_nothing") if self.search else words(f"empty_{self.view}")
        if self.lines is None:
            lines = "".join(f'<li data-line="{escape(token)}">{html}</li>' for token, html in drawn.items())
            hidden = "" if nothing else " hidden"
            self.lines = ui.html(
                f'<p class="nothing quiet"{hidden}>{escape(nothing)}</p><ul>{lines}</ul>', sanitize=False
            ).classes("queue-list")
            self.lines.props(f'tabindex=-1 role=region aria-label="{escape(words("queue"))}"')
        elif (drawn, list(drawn), nothing) != (self.drawn, list(self.drawn), self.nothing):
            changed = {token: html for token, html in drawn.items() if self.drawn.get(token) != html}
            told = ", ".join(json.dumps(one) for one in (list(drawn), changed, nothing))
            self.here.client.run_javascript(f"inbox.showLines({told})")
        self.drawn, self.nothing = drawn, nothing

    def draw_line(self, row: Row) -> str:
        """The line as HTML; every page that would draw the same takes what another drew."""
        own = row.account_id == self.here.visitor.account_id
        key = (row.token, self.here.language, own)
        kept = self.board.html.get(key)
        if kept and kept[0] is row:
            return kept[1]
        reason = name_reason(row.reason, self.here) if row.reason else ""
        until = close_window_at(row.last_inbound_at) if row.last_inbound_at else None
        macro = TEMPLATES.get_template("rows.html").module
        html = str(macro.draw(row, self.here.words, reason, until, own))  # type: ignore[attr-defined]
        self.board.html[key] = row, html
        return html
