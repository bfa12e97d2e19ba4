"""What an agent does with a handoff: take, pass on, wait, snooze, close, reopen; each with its key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from nicegui.element import Element
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.sessions import require_role
from core import clock
from core.types import HandoffReason, HandoffState
from inbox import states
from inbox.handoff import open_handoff
from inbox.notes import list_people
from inbox.pages.acts import Act, Acts
from inbox.pages.ask import Ask
from inbox.words import RefusedError
from pages.page import Here
from pages.parts import button, form, form_choice, put, say
from pages.room import get_room

type Step = Callable[[AsyncSession, int, datetime], Awaitable[object]]


@dataclass
class Deeds:
    """The buttons above a conversation. after: what is called when something was done."""

    here: Here
    acts: Acts
    after: Callable[[], Awaitable[None]]
    shows: tuple[Any, ...] = field(default=(), init=False)
    group: Element = field(init=False)

    def place(self) -> None:
        self.group = put("div", classes="deeds", role="group", aria_label=self.here.words("deeds"))

    def hide(self) -> None:
        self.shows = ()
        self.acts.begin("deeds")
        self.group.clear()

    def show(self, row: Row[Any]) -> None:
        """The buttons that make sense for this state, drawn anew only when there are others."""
        shows = (row.token, row.handoff_id, row.state, row.account_id)
        if shows != self.shows:
            self.hide()
            self.shows = shows
            self.draw(row)

    def draw(self, row: Row[Any]) -> None:
        words, by = self.here.words, self.here.visitor.account_id
        mine = row.account_id == by
        with self.group:
            if row.handoff_id is None:
                self.put_deed(row, "step_in", "pan_tool", "t", partial(self.step_in, row), main=True)
                return
            if row.state == HandoffState.CLOSED:
                self.put_deed(row, "reopen", "undo", "t", self.doing(row, lambda s, h, n: states.reopen(s, h, by, n)))
                return
            if not mine:
                if row.account_id is None:
                    step = self.doing(row, lambda s, h, n: states.take(s, h, by, n))
                    self.put_deed(row, "take", "pan_tool", "t", step, main=True)
                else:
                    why = words("took_over")
                    step = self.doing(row, lambda s, h, n: states.assign(s, h, by, by, n, why))
                    self.put_deed(row, "take_over", "pan_tool", "t", step)
            if mine or row.account_id is None:
                self.put_deed(row, "pass_on", "forward", "p", partial(self.ask_whom, row))
            if mine:
                if row.state != HandoffState.WAITING:
                    step = self.doing(row, lambda s, h, n: states.wait(s, h, by, n))
                    self.put_deed(row, "wait", "hourglass_empty", "w", step)
                self.put_deed(row, "snooze", "snooze", "z", partial(self.ask_until, row))
                self.put_deed(row, "close_chat", "check", "c", partial(self.ask_close, row))

    def put_deed(self, row: Row[Any], name: str, symbol: str, key: str, act: Act, main: bool = False) -> None:
        classes = "button small main" if main else "button small"
        self.acts.put_button("deeds", row.token, name, act, classes, symbol, self.here.words(name), key=key)

    def doing(self, row: Row[Any], step: Step) -> Callable[[], Awaitable[None]]:
        return partial(self.do, row, step)

    async def do(self, row: Row[Any], step: Step) -> None:
        """Does it in a transaction of its own, unless it makes no sense any more; then says why."""
        room = get_room()
        try:
            async with room.sessions.begin() as session:
                await require_role(session, self.here.visitor)
                await step(session, row.handoff_id, clock.now())
        except RefusedError as error:
            with self.here.client.content:
                say(error.say(self.here.language, room.settings.timezone), "warning")
        await self.after()

    async def step_in(self, row: Row[Any]) -> None:
        """Takes a contact from the assistant without being asked to."""
        by, now = self.here.visitor.account_id, clock.now()
        async with get_room().sessions.begin() as session:
            await require_role(session, self.here.visitor)
            key = f"page:{row.contact_id}:{now.timestamp():.3f}"
            handoff_id = await open_handoff(session, row.contact_id, HandoffReason.AGENT, key, {}, now)
            await states.take(session, handoff_id, by, now)
        await self.after()

    async def ask_whom(self, row: Row[Any]) -> None:
        async with get_room().sessions() as session:
            people = {str(one.id): one.name for one in await list_people(session)}
        people.pop(str(self.here.visitor.account_id), None)
        if not people:
            say(self.here.words("nobody_else"), "warning")
            return

        async def give(fields: dict[str, str]) -> None:
            dialog.close()
            by, to, why = self.here.visitor.account_id, int(fields["to"]), fields["why"]
            await self.do(row, lambda s, h, n: states.pass_on(s, h, to, by, n, why))

        with Ask(self.here, "pass_on") as dialog, form(give):
            form_choice(self.here.words("to_whom"), "to", people, next(iter(people)))
            dialog.put_why("why_pass", required=True)
            dialog.put_end("pass_on")
        dialog.open()

    async def ask_until(self, row: Row[Any]) -> None:
        """Until when: three usual moments, or one of one's own."""
        words, zone = self.here.words, ZoneInfo(get_room().settings.timezone)
        here_now = clock.now().astimezone(zone)
        morning = (here_now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
        monday = morning + timedelta(days=(7 - morning.weekday()) % 7)
        moments = {"in_an_hour": here_now + timedelta(hours=1), "tomorrow": morning, "monday": monday}
        by = self.here.visitor.account_id

        async def snooze(until: datetime) -> None:
            dialog.close()
            await self.do(row, lambda s, h, n: states.snooze(s, h, by, until.astimezone(UTC), n))

        async def snooze_until(fields: dict[str, str]) -> None:
            await snooze(datetime.fromisoformat(fields["until"]).replace(tzinfo=zone))

        with Ask(self.here, "snooze") as dialog:
            with put("div", classes="row"):
                for name, moment in moments.items():
                    button(words(name), partial(snooze, moment), "small")
            with form(snooze_until, "row"):
                with put("label", classes="field"):
                    put("span", words("until"))
                    put("input", type="datetime-local", name="until", required=True, value=f"{morning:%Y-%m-%dT%H:%M}")
                put("button", words("snooze"), "button main", type="submit")
            dialog.put_end()
        dialog.open()

    async def ask_close(self, row: Row[Any]) -> None:
        words, by = self.here.words, self.here.visitor.account_id
        settings = get_room().settings

        async def close(fields: dict[str, str]) -> None:
            dialog.close()
            tell, why = "tell" in fields, fields["why"]
            await self.do(row, lambda s, h, n: states.close(s, settings, h, by, n, why, tell))

        with Ask(self.here, "close_chat") as dialog, form(close):
            put("p", words("close_explained"), "quiet")
            dialog.put_why("why_close")
            with put("label", classes="tick-line"):
                put("input", type="checkbox", name="tell", checked=True)
                put("span", words("tell_customer"))
            dialog.put_end("close_chat")
        dialog.open()
