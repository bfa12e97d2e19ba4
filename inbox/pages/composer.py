"""The box agents write in: replies, notes, canned replies, and templates where the window is closed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from nicegui.element import Element
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.sessions import require_role
from campaigns.approved import list_sendable
from core import clock
from core.tables import Contact
from core.types import HandoffState
from inbox.agents import note_writing
from inbox.notes import add_note, list_people
from inbox.pages.acts import Acts
from inbox.pages.ask import Ask
from inbox.pages.canned import CannedReplies
from inbox.reply import WindowClosedError, reply, send_template
from inbox.words import RefusedError
from pages.page import Here
from pages.parts import form, icon, put, say
from pages.room import get_room

FILES = "image/jpeg,image/png,video/mp4,audio/*,application/pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.txt"


@dataclass
class Composer:
    """Drawn once and never again, so that nothing written is lost; only what stands around it changes."""

    here: Here
    acts: Acts
    after: Callable[[], Awaitable[None]]
    row: Row[Any] | None = None
    shows: tuple[Any, ...] = field(default=(), init=False)
    box: Element = field(init=False)
    notice: Element = field(init=False)
    collision: Element = field(init=False)
    writers: list[str] = field(default_factory=list, init=False)

    def place(self) -> None:
        words = self.here.words
        self.collision = put("div", classes="notices", role="status")
        self.notice = put("div", classes="notices", role="status")
        self.box = put("form", classes="composer", data_mode="reply", hidden=True, data_contact="")
        with self.box:
            with put("div", classes="modes", role="group", aria_label=words("write_what")):
                for mode in ("reply", "note"):
                    pressed = "true" if mode == "reply" else "false"
                    with put("button", classes="mode", type="button", data_mode=mode, aria_pressed=pressed):
                        icon("reply" if mode == "reply" else "lock")
                        put("span", words(f"mode_{mode}"))
                with put("button", classes="mode templates", type="button") as templates:
                    icon("description")
                    put("span", words("templates"))
                templates.on("click", lambda _: self.ask_template(), args=[])
                with put("button", classes="mode canned", type="button") as canned:
                    icon("bolt")
                    put("span", words("canned"))
                canned.on("click", lambda _: CannedReplies(self.here).ask(self.row), args=[])
            put("ul", classes="files", id="files", aria_label=words("files"))
            put("ul", classes="people", id="people", role="listbox", aria_label=words("whom_to_call"), hidden=True)
            with put("div", classes="write"):
                with put("button", classes="plain attach", type="button", aria_label=words("attach")) as pick:
                    icon("attach_file")
                pick.props["title"] = words("attach")
                told = {"data_remove": words("remove_file"), "data_failed": words("upload_failed")}
                put("input", type="file", id="pick", accept=FILES, multiple=True, hidden=True, **told)
                put("label", words("write_reply"), "hidden", for_="reply")
                put("textarea", id="reply", rows="2", maxlength="4096", placeholder=words("write_hint"),
                    data_reply=words("write_hint"), data_note=words("note_hint"))  # fmt: skip
                with put("button", classes="button main send", type="submit", aria_label=words("send")):
                    icon("send")

    async def tell_people(self) -> None:
        """Whom a note may call, for the list that opens at an @."""
        async with get_room().sessions() as session:
            names = [one.name for one in await list_people(session) if one.id != self.here.visitor.account_id]
        self.here.client.run_javascript(f"inbox.knowPeople({json.dumps(names)})")

    async def show(self, row: Row[Any], opened: bool) -> None:
        """What can be written now: nothing where somebody else has it, notes always."""
        self.row = row
        own = row.account_id in (None, self.here.visitor.account_id)
        may_reply = row.handoff_id is not None and row.state != HandoffState.CLOSED and own
        shows = (row.token, may_reply, opened, row.owner)
        if shows == self.shows:
            return
        self.shows = shows
        self.box.props.pop("hidden", None)
        self.box.props["data-contact"] = row.token
        self.box.props["data-may"] = "reply" if may_reply and opened else "template" if may_reply else "note"
        self.box.update()
        self.notice.clear()
        self.acts.begin("notice")
        with self.notice:
            if row.handoff_id is None or row.state == HandoffState.CLOSED:
                put("p", self.here.words("assistant_answers"), "notice")
            elif not own:
                put("p", self.here.words("has_it", name=row.owner), "notice")
            elif not opened:
                with put("p", classes="notice warn"):
                    put("span", self.here.words("window_is_closed") + " ")
                    self.acts.put_button(
                        "notice", row.token, "templates", self.ask_template, "button small",
                        text=self.here.words("choose_template"),
                    )  # fmt: skip
        self.here.client.run_javascript("inbox.fit()")

    def hide(self) -> None:
        self.row, self.shows = None, ()
        self.notice.clear()
        self.box.props["hidden"] = ""
        self.box.update()

    async def hear(self, given: dict[str, str]) -> None:
        """Sends what was written; whatever goes wrong, the text goes back into the box."""
        row, room, words = self.row, get_room(), self.here.words
        if row is None or row.token != given.get("token"):
            self.give_back(given, words("chat_changed"))
            return
        by, now, text, key = self.here.visitor.account_id, clock.now(), given.get("text", ""), given.get("key", "")[:60]
        try:
            async with room.sessions.begin() as session:
                await require_role(session, self.here.visitor)
                if given.get("mode") == "note":
                    await self.add_note(session, row, text)
                elif row.handoff_id is not None:
                    await reply(session, room.settings, row.handoff_id, by, text, key, now)
        except WindowClosedError as error:
            self.give_back(given, error.say(self.here.language, room.settings.timezone))
            await self.ask_template()
        except RefusedError as error:
            self.give_back(given, error.say(self.here.language, room.settings.timezone))
        else:
            self.here.client.run_javascript(f"inbox.sent({json.dumps(given.get('token'))}, {json.dumps(key)})")
        await self.after()

    async def add_note(self, session: AsyncSession, row: Row[Any], text: str) -> None:
        """A note, which calls everybody whose name stands in it after an @."""
        people = await list_people(session)
        by = self.here.visitor.account_id
        called = find_called(text, {one.id: one.name for one in people})
        await add_note(session, row.contact_id, row.handoff_id, by, text, clock.now(), called)

    def give_back(self, given: dict[str, str], why: str) -> None:
        self.here.client.run_javascript(
            f"inbox.giveBack({json.dumps(given.get('token', ''))}, {json.dumps(given.get('text', ''))})"
        )
        with self.here.client.content:
            say(why, "warning")

    async def note_typing(self) -> None:
        """Tells colleagues who look at the same conversation."""
        if self.row is not None and self.row.handoff_id is not None and self.row.closed_at is None:
            async with get_room().sessions.begin() as session:
                await note_writing(session, self.row.handoff_id, self.here.visitor.account_id, clock.now())

    def show_writers(self, names: list[str]) -> None:
        """Warns that colleagues write to the same customer; the browser takes it away after a few seconds."""
        if names == self.writers:
            return
        self.writers = names
        self.collision.clear()
        if names:
            with self.collision:
                put("p", self.here.words("writes_too", names=", ".join(names)), "notice warn")
            self.here.client.run_javascript("inbox.lookSoon()")

    async def ask_template(self) -> None:
        """The approved messages that may go to this contact now, as the contact would read them."""
        row, room = self.row, get_room()
        if row is None or row.handoff_id is None:
            return
        async with room.sessions() as session:
            contact = await session.get_one(Contact, row.contact_id)
            sendable = await list_sendable(session, room.settings, contact, clock.now())
        with Ask(self.here, "choose_template") as dialog:
            if not sendable:
                put("p", self.here.words("no_template"))
            for name, text in sendable.items():
                self.draw_template(dialog, name, text)
            dialog.put_end()
        dialog.open()

    def draw_template(self, dialog: Ask, name: str, text: str) -> None:
        async def send(fields: dict[str, str]) -> None:
            dialog.close()
            await self.send_template(name, fields["key"])

        with form(send, "template"):
            put("p", text, "template-text")
            put("input", type="hidden", name="key", value=f"{clock.now().timestamp():.6f}")
            put("button", self.here.words("send_this"), "button small", type="submit")

    async def send_template(self, name: str, key: str) -> None:
        row, room, by = self.row, get_room(), self.here.visitor.account_id
        if row is None or row.handoff_id is None:
            return
        try:
            async with room.sessions.begin() as session:
                await require_role(session, self.here.visitor)
                await send_template(session, room.settings, row.handoff_id, by, name, {}, key, clock.now())
        except RefusedError as error:
            with self.here.client.content:
                say(error.say(self.here.language, room.settings.timezone), "warning")
        await self.after()


def find_called(text: str, people: dict[int, str]) -> list[int]:
    """The accounts whose name stands in a text after an @; of two that fit the longer name."""
    called, rest = [], text.lower()
    for account_id, name in sorted(people.items(), key=lambda one: -len(one[1])):
        if (sign := f"@{name.lower()}") in rest:
            called.append(account_id)
            rest = rest.replace(sign, "")
    return called
