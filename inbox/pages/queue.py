"""The left column: who waits, in which state, for how long; filters, search, unread counts."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from markupsafe import escape
from nicegui import ui
from nicegui.element import Element

from inbox.pages.board import Board, open_board, sort_view, view_of
from inbox.pages.bubble import TEMPLATES
from inbox.pages.parts import name_reason
from inbox.pages.waiting import VIEWS, Row, read_closed, search_rows
from pages.live import PAUSE
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
    """The list in one browser. drawn: token to HTML of the lines as the browser has them."""

    here: Here
    view: str
    search: str
    language: str = ""
    reason: str = ""
    board: Board = field(init=False)
    drawn: dict[str, str] = field(default_factory=dict, init=False)
    nothing: str = field(default="", init=False)
    unread: int = field(default=0, init=False)
    waking: asyncio.Task[None] | None = field(default=None, init=False)
    tabs: dict[str, tuple[Element, Any]] = field(default_factory=dict, init=False)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    lines: ui.html | None = field(default=None, init=False)

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
        if not self.search and self.view != "closed":
            return self.choose_rows(self.view, filtered=True)
        async with get_room().sessions() as session:
            if self.search:
                return await search_rows(session, self.search)
            return await read_closed(session, self.language, self.reason)

    def choose_rows(self, view: str, filtered: bool = False) -> list[Row]:
        """What is open in a view, as this agent looks at it."""
        by = self.here.visitor.account_id
        chosen = [row for row in self.board.rows.values() if view_of(row, by) == view]
        if filtered:
            chosen = [
                row for row in chosen
                if self.language in ("", row.language) and self.reason in ("", row.reason)
            ]  # fmt: skip
        return sort_view(chosen, view)

    def hear_board(self) -> None:
        """After a change. What is searched or closed is asked for anew at most once a second."""
        if self.waking is None or self.waking.done():
            self.waking = asyncio.create_task(self.wake(1 if self.search or self.view == "closed" else PAUSE))

    async def wake(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        with self.here.client.content:
            await self.refresh()

    def show_counts(self) -> None:
        by = self.here.visitor.account_id
        counts = Counter(view_of(row, by) for row in self.board.rows.values())
        unread = sum(row.unread > 0 for row in self.board.rows.values() if row.account_id == by)
        for view, (made, number) in self.tabs.items():
            text = str(counts[view]) if counts.get(view) else ""
            if number.text != text:
                number.set_text(text)
            pressed = "true" if view == self.view and not self.search else "false"
            if made.props.get("aria-pressed") != pressed:
                made.props["aria-pressed"] = pressed
                made.update()
        if unread != self.unread:
            self.unread = unread
            self.here.client.run_javascript(f"inbox.showUnread({unread})")

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
        if kept and kept[0] == row:
            return kept[1]
        reason = name_reason(row.reason, self.here) if row.reason else ""
        until = close_window_at(row.last_inbound_at) if row.last_inbound_at else None
        macro = TEMPLATES.get_template("rows.html").module
        html = str(macro.draw(row, self.here.words, reason, until, own))  # type: ignore[attr-defined]
        self.board.html[key] = row, html
        return html
