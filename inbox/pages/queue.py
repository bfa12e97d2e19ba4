"""The left column: who waits, in which state, for how long; filters, search, unread counts."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from markupsafe import escape
from nicegui import ui
from nicegui.element import Element

from core.types import HandoffState
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
    """The list in one browser. drawn: token to HTML of the lines as the browser has them; limit: how many at most."""

    here: Here
    view: str
    search: str
    language: str = ""
    reason: str = ""
    board: Board = field(init=False)
    drawn: dict[str, str] = field(default_factory=dict, init=False)
    nothing: str = field(default="", init=False)
    more: bool = field(default=False, init=False)
    limit: int = field(default=PER_READ, init=False)
    rows: list[Row] | None = field(default=None, init=False)
    counts: dict[str, int] = field(default_factory=dict, init=False)
    unread: int = field(default=0, init=False)
    changed: bool = field(default=False, init=False)
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
        self.here.client.layout.on("inbox-more", self.show_more, args=[])
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
        self.view, self.search, self.limit = view, "", PER_READ
        self.here.client.run_javascript("inbox.clearSearch()")
        await self.refresh()

    async def hear_search(self, words: str) -> None:
        self.search, self.limit = words.strip()[:200], PER_READ
        await self.refresh()

    async def hear_language(self, language: str) -> None:
        self.language, self.limit = language, PER_READ
        await self.refresh()

    async def hear_reason(self, reason: str) -> None:
        self.reason, self.limit = reason, PER_READ
        await self.refresh()

    async def show_more(self) -> None:
        if self.rows is not None and len(self.rows) > self.limit:
            self.limit += PER_READ
            await self.refresh()

    async def refresh(self) -> None:
        """Sends the browser what is new in the list. What is open stands on the board, the rest is asked for."""
        async with self.one_at_a_time:
            rows = await self.find_rows()
            if not self.here.client.is_deleted:
                self.rows = rows
                self.show_counts()
                self.show_lines(rows[: self.limit], len(rows) > self.limit)

    async def find_rows(self) -> list[Row]:
        """What is in the list, one more than is shown if there are more."""
        if not self.search and self.view not in ASKED:
            return self.choose_rows(self.view)
        by, limit = self.here.visitor.account_id, self.limit + 1
        async with get_room().sessions() as session:
            if self.search:
                return await search_rows(session, self.search, limit)
            if self.view == "called":
                return await read_rows(session, [one for one, who in self.board.called.items() if by in who], limit)
            return await read_closed(session, self.language, self.reason, limit)

    def choose_rows(self, view: str) -> list[Row]:
        """What is open in a view, filtered."""
        rows = self.board.find_rows(view, self.here.visitor.account_id)
        if self.language or self.reason:
            rows = [row for row in rows if self.language in ("", row.language) and self.reason in ("", row.reason)]
        return rows[: self.limit + 1]

    def hear_board(self, news: list[Row]) -> None:
        """After a change: at once, then after a rest; what is searched or closed is asked for anew, more seldom.

        Most changes are none for this page, which then does nothing: fifty pages hear of each.
        """
        self.ring(news)
        if not self.search and self.view not in ASKED and self.choose_rows(self.view) == self.rows:
            self.show_counts()
            return
        self.changed = True
        if self.waking is None or self.waking.done():
            self.waking = asyncio.create_task(self.wake())

    async def wake(self) -> None:
        while self.changed and not self.here.client.is_deleted:
            self.changed = False
            with self.here.client.content:
                await self.refresh()
            await asyncio.sleep(SLOW if self.search or self.view in ASKED else PAUSE)

    def show_counts(self) -> None:
        by = self.here.visitor.account_id
        self.show_unread(len(self.board.find_unread(by)))
        counts = self.board.count_rows(by) | {f"pressed:{self.view}": not self.search}
        if counts == self.counts:
            return
        self.counts = counts
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

    def show_unread(self, count: int) -> None:
        """How many of one's own wait unread stands in the title."""
        if count != self.unread:
            self.unread = count
            self.here.client.run_javascript(f"inbox.showUnread({count})")

    def ring(self, news: list[Row]) -> None:
        """A new message in one's own conversations, or in one that is nobody's yet, is heard or shown as a notice."""
        by = self.here.visitor.account_id
        for row in [one for one in news if one.account_id == by or one.state == HandoffState.OPEN][-1:]:
            told = json.dumps([row.token, row.name or row.address or "", row.last or ""])
            self.here.client.run_javascript(f"inbox.tellNews({told})")

    def show_lines(self, rows: list[Row], more: bool) -> None:
        """Only lines that look other than before, and their order, go to the browser."""
        drawn = {row.token: self.draw_line(row) for row in rows}
        words = self.here.words
        nothing = "" if rows else words("found_nothing") if self.search else words(f"empty_{self.view}")
        if self.lines is None:
            lines = "".join(f'<li data-line="{escape(token)}">{html}</li>' for token, html in drawn.items())
            hidden, last = ("" if one else " hidden" for one in (nothing, more))
            end = f'<button type="button" class="button small more"{last}>{escape(words("show_more"))}</button>'
            self.lines = ui.html(
                f'<p class="nothing quiet"{hidden}>{escape(nothing)}</p><ul>{lines}</ul>{end}', sanitize=False
            ).classes("queue-list")
            self.lines.props(f'tabindex=-1 role=region aria-label="{escape(words("queue"))}"')
        elif (drawn, list(drawn), nothing, more) != (self.drawn, list(self.drawn), self.nothing, self.more):
            changed = {token: html for token, html in drawn.items() if self.drawn.get(token) != html}
            told = ", ".join(json.dumps(one) for one in (list(drawn), changed, nothing, more))
            self.here.client.run_javascript(f"inbox.showLines({told})")
        self.drawn, self.nothing, self.more = drawn, nothing, more

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
