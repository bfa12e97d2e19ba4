"""The middle column: whom it is with, what was said, and the box an agent answers in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from nicegui import ui
from nicegui.element import Element
from sqlalchemy import Row

from core import clock
from core.db import RING_CONTACTS
from core.types import HandoffState
from inbox.agents import find_writing
from inbox.attachments import find_attachments
from inbox.language_model import Translated, has_model, translate
from inbox.notes import mark_mentions_read
from inbox.pages.acts import Act, Acts
from inbox.pages.bubble import MEDIA, Entry, draw_entry
from inbox.pages.composer import Composer
from inbox.pages.deeds import Deeds
from inbox.pages.parts import name_reason, put_left, write_time
from inbox.pages.read import PER_READ, read_chat, read_entries, read_said
from inbox.pages.told import tell_change
from inbox.states import mark_read
from inbox.words import RefusedError
from pages.page import Here
from pages.parts import icon, put, say
from pages.room import get_room
from whatsapp.window import close_window_at, is_window_open


@dataclass
class Chat:
    """The conversation that is open in one browser; without one it says so. redraw: after a deed of an agent.

    visible: whether the browser shows the page at all; what comes meanwhile is not read.
    """

    here: Here
    acts: Acts
    redraw: Callable[[], Awaitable[None]]
    row: Row[Any] | None = None
    limit: int = PER_READ
    visible: bool = True
    drawn: dict[str, tuple[tuple[str, Any], ui.html]] = field(default_factory=dict, init=False)
    order: list[str] = field(default_factory=list, init=False)
    head_shows: tuple[Any, ...] = field(default=(), init=False)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    head: Element = field(init=False)
    log: Element = field(init=False)
    older: Element = field(init=False)
    composer: Composer = field(init=False)
    deeds: Deeds = field(init=False)
    translations: dict[int, Translated] = field(default_factory=dict, init=False)

    @property
    def token(self) -> str:
        return self.row.token if self.row else ""

    def place(self) -> None:
        self.deeds = Deeds(self.here, self.acts, self.redraw)
        with put("div", classes="chat-head"):
            self.head = put("div", classes="whom")
            self.deeds.place()
        self.older = put("div", classes="older")
        self.log = put("div", classes="log", id="log", tabindex="0", role="log", aria_label=self.here.words("messages"))
        self.older.move(self.log)
        self.composer = Composer(self.here, self.acts, self.refresh)  # the bell tells the other columns
        self.composer.place()

    async def open(self, token: str) -> None:
        """Shows another conversation; an unknown or empty token shows none."""
        async with self.one_at_a_time:
            async with get_room().sessions() as session:
                self.row = await read_chat(session, token) if token else None
            self.limit, self.drawn, self.order, self.head_shows = PER_READ, {}, [], ()
            self.log.clear()
            with self.log:
                self.older = put("div", classes="older")
            await self.read()
        self.here.client.run_javascript(f"inbox.opened({self.token!r})")

    async def refresh(self) -> None:
        """Reads the conversation again; one after the other, so that what was read earlier is never drawn later."""
        async with self.one_at_a_time:
            await self.read()

    async def read(self) -> None:
        """Sends the browser what is new in the conversation, and marks it as read."""
        if self.row is None:
            self.show_nothing()
            return
        async with get_room().sessions() as session:
            row = await read_chat(session, self.row.token)
            if row is None:
                self.row = None
                self.show_nothing()
                return
            self.row = row
            entries = await read_entries(session, row.contact_id, self.limit)
            if any(entry.data.get("message_kind") in MEDIA for entry in entries):
                files = await find_attachments(session, row.contact_id)
                for entry in entries:
                    if entry.kind == "in" and entry.id in files:
                        entry.data["file"] = asdict(files[entry.id])
            by = self.here.visitor.account_id
            writers = await find_writing(session, row.handoff_id, by, clock.now()) if row.handoff_id else []
        if self.here.client.is_deleted:
            return
        now = clock.now()
        self.show_entries(entries, now)
        self.show_head(now)
        await self.composer.show(row, is_window_open(row.last_inbound_at, now))
        self.composer.show_writers(writers)
        await self.note_read(entries, now)

    def show_nothing(self) -> None:
        self.head.clear()
        self.deeds.hide()
        self.log.clear()
        self.drawn, self.order, self.head_shows = {}, [], ()
        self.composer.hide()
        with self.log, put("div", classes="no-chat"):
            icon("forum")
            put("p", self.here.words("choose_chat"))
            put("p", self.here.words("choose_hint"), "quiet")

    def show_entries(self, entries: list[Entry], now: datetime) -> None:
        """Adds what is new at its place and changes what changed, such as a tick."""
        wanted = [entry for entry in entries if self.tell_change(entry)]
        keys = [entry.key for entry in wanted]
        for gone in set(self.drawn) - set(keys):
            self.drawn.pop(gone)[1].delete()
            self.order.remove(gone)
        translates = has_model(get_room().settings)
        for position, entry in enumerate(wanted):
            self.add_translation(entry)
            says = write_time(entry.at, now, self.here), entry.data
            if entry.key in self.drawn:
                old, element = self.drawn[entry.key]
                if old != says:
                    element.set_content(draw_entry(entry, self.here.words, says[0], translates))
                    self.drawn[entry.key] = says, element
                continue
            html = draw_entry(entry, self.here.words, says[0], translates)
            with self.log:
                element = ui.html(html, sanitize=False).classes(f"entry-line {entry.kind}-line")
            if position < len(self.order):
                element.move(self.log, position + 1)  # the button for older ones stands first
            self.order.insert(position, entry.key)
            self.drawn[entry.key] = says, element
        self.show_older(len(entries) >= self.limit)

    def add_translation(self, entry: Entry) -> None:
        if entry.kind == "in" and (found := self.translations.get(entry.id)):
            entry.data.update(translation=found.text, figures_differ=found.figures_differ)

    async def translate(self, message_id: int) -> None:
        """Shows a customer's message in the agent's language, below it; asked again it goes away."""
        if self.row is None:
            return
        if self.translations.pop(message_id, None) is None:
            async with get_room().sessions() as session:
                said = await read_said(session, self.row.contact_id, message_id)
            try:
                self.translations[message_id] = await translate(get_room().settings, said, self.here.language)
            except RefusedError as error:
                with self.here.client.content:
                    say(error.say(self.here.language), "warning")
        await self.refresh()

    def show_older(self, more: bool) -> None:
        if bool(self.older.default_slot.children) == more:
            return
        self.older.clear()
        if more:
            self.acts.begin("older")
            with self.older:
                text = self.here.words("older")
                self.acts.put_button("older", self.token, "older", self.read_older, "button small", text=text)

    async def find_act(self, token: str, name: str) -> Act | str:
        """What was clicked, or why it cannot be done; a conversation that is being opened is waited for."""
        async with self.one_at_a_time:
            if token != self.token:
                return "deed_elsewhere"
            return self.acts.find(name) or "deed_gone"

    async def turn(self, visible: bool) -> None:
        """The browser shows the page, or another one in front of it."""
        self.visible = visible
        if visible:
            await self.refresh()

    async def read_older(self) -> None:
        self.limit += PER_READ
        await self.refresh()

    def tell_change(self, entry: Entry) -> bool:
        """Puts a change of the handoff into words; False: it tells agents nothing that the messages do not."""
        if entry.kind == "change":
            told = tell_change(entry.data, self.here)
            entry.data["told"] = told
            return bool(told)
        return True

    def show_head(self, now: datetime) -> None:
        """The head stays as it is as long as it would say the same: what has the focus keeps it."""
        row, words = self.row, self.here.words
        assert row is not None  # noqa: S101  (refresh looked)
        self.deeds.show(row)
        opened = is_window_open(row.last_inbound_at, now)
        shows = (row.name, row.state, row.reason, row.account_id, row.snoozed_until, row.last_inbound_at, opened)
        if shows == self.head_shows:
            return
        self.head_shows = shows
        self.head.clear()
        with self.head:
            back = put("button", classes="plain only-narrow", type="button", aria_label=words("back_to_list"))
            back.props["data-back"] = "list"
            with back:
                icon("arrow_back")
            with put("div"):
                put("h2", row.name or row.address or words("no_name"))
                with put("p", classes="quiet about"):
                    self.draw_about(row, opened)
            card = put("button", classes="plain only-small", type="button", aria_label=words("panel"))
            card.props["data-back"] = "card"
            with card:
                icon("badge")

    def draw_about(self, row: Row[Any], opened: bool) -> None:
        words = self.here.words
        if row.handoff_id is not None:
            owner = row.owner or words("nobody")
            told = words(f"state_of_{row.state}")
            parts = [told, owner] if row.state != HandoffState.OPEN else [told]
            put("span", " · ".join([*parts, name_reason(row.reason, self.here)]))
        else:
            put("span", words("with_assistant"))
        if opened:
            with put("span", classes="window"):
                icon("timer")
                put("span", words("window_left"), "hidden")
                put_left(close_window_at(row.last_inbound_at))
        else:
            put("span", words("window_closed"), "window over")

    async def note_read(self, entries: list[Entry], now: datetime) -> None:
        """Whose it is has seen it, if there is anything new: otherwise reading would ring the bell for ever."""
        row = self.row
        by = self.here.visitor.account_id
        if not self.visible:
            return
        if row is not None and any(by in entry.data["unread_by"] for entry in entries if entry.kind == "note"):
            async with get_room().sessions.begin() as session:
                await mark_mentions_read(session, by, row.contact_id)
                await session.execute(RING_CONTACTS, {"ids": [row.contact_id]})
        if row is None or row.account_id != self.here.visitor.account_id or row.closed_at is not None:
            return
        newest = max((entry.at for entry in entries if entry.kind == "in"), default=None)
        if newest is None or (row.read_at is not None and row.read_at >= newest):
            return
        async with get_room().sessions.begin() as session:
            await mark_read(session, row.handoff_id, row.account_id, max(now, newest))

    async def note_typing(self) -> None:
        if self.row is not None:
            await self.composer.note_typing()

    async def hear_reply(self, given: dict[str, str]) -> None:
        """What the box sent: a message or a note for the conversation it was written in."""
        await self.composer.hear(given)
