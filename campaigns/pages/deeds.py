"""The buttons of a campaign: what may be done with it in its state, by whoever is logged in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from nicegui import ui
from nicegui.element import Element
from sqlalchemy import Row

from accounts.sessions import NotAllowedError, require_role
from campaigns.journeys.journey import Journey
from campaigns.pages.parts import ROLES
from campaigns.pages.rows import show_or_hide
from campaigns.pages.said import say_error
from campaigns.release import release
from campaigns.release.states import Deed, ReleaseError, list_deeds
from core import clock
from core.types import CampaignState as State
from core.wording import format_number
from offers.yaml_file import FileError
from pages.page import Here
from pages.parts import button, form, form_field, link, put, say
from pages.room import get_room
from pages.words import Words

BACK = ""  # instead of an arm: no winner any more
STYLES = {Deed.START: "main", Deed.APPROVE: "main", Deed.RESUME: "main", Deed.PAUSE: "danger", Deed.FINISH: "danger"}

type Refresh = Callable[[], Awaitable[None]]


class Release:
    """One button per deed that fits the state, and a form for a schedule. They stay while the state changes."""

    def __init__(self, here: Here, words: Words, name: str, refresh: Refresh) -> None:
        self.here, self.words, self.name, self.refresh = here, words, name, refresh
        self.buttons: dict[Deed, Element] = {}
        self.arms: dict[str, Element] = {}
        with put("div", classes="row", role="group", aria_label=words("release")) as self.row:
            for deed in (one for one in Deed if one not in (Deed.SCHEDULE, Deed.PROMOTE)):
                self.buttons[deed] = self.draw_button(deed)
            link(words("edit"), f"/campaigns/{name}/edit", "button", "edit")
        with form(self.plan, "row") as self.schedule:
            form_field(words("starts_at"), "starts", "datetime-local", required=True)
            form_field(words("ends_at"), "ends", "datetime-local")
            put("button", words("deed_schedule"), "button", type="submit")

    def draw_button(self, deed: Deed, arm: str | None = None, text: str = "") -> Element:
        made = button(text or self.words(f"deed_{deed}"), None, STYLES.get(deed, ""))
        ask = orjson.dumps(self.words("sure_finish")).decode()
        handler = f"() => {{ if (confirm({ask})) emit() }}" if deed is Deed.FINISH else "() => emit()"
        made.on("click", lambda _: self.do(deed, arm), js_handler=handler)
        return made

    def show(self, row: Row[Any] | None, journey: Journey, waiting: bool) -> None:
        """Hides what does not fit the state. waiting: there is a newer text than the one that runs."""
        deeds = list_deeds(State(row.state) if row else State.DRAFT)
        if Deed.PROMOTE in deeds and not waiting:  # under way, with nothing new to release
            deeds = [deed for deed in deeds if deed not in (Deed.CHECK, Deed.APPROVE)]
        for deed, made in self.buttons.items():
            show_or_hide(made, deed in deeds)
        show_or_hide(self.schedule, Deed.SCHEDULE in deeds)
        promoted = row.promoted_arm if row else None
        wished = [arm for arm in journey.arms if arm != promoted] if len(journey.arms) > 1 else []
        wished += [BACK] if promoted else []
        with self.row:
            for arm in wished:
                if arm not in self.arms:
                    told = self.words("deed_promote", arm=arm) if arm else self.words("unpromote")
                    self.arms[arm] = self.draw_button(Deed.PROMOTE, arm or None, told)
        for arm, made in self.arms.items():
            show_or_hide(made, Deed.PROMOTE in deeds and arm in wished)

    async def plan(self, fields: dict[str, str]) -> None:
        await self.do(Deed.SCHEDULE, times=fields)

    async def do(self, deed: Deed, arm: str | None = None, times: dict[str, str] | None = None) -> None:
        await do(self.here, self.words, self.name, deed, arm, times)
        await self.refresh()


async def do(
    here: Here, words: Words, name: str, deed: Deed, arm: str | None = None, times: dict[str, str] | None = None
) -> None:
    """Does it and says what came of it; what cannot be done is said and changes nothing."""
    room, visitor, now = get_room(), here.visitor, clock.now()
    told = words("done")
    try:
        async with room.sessions.begin() as session:
            await require_role(session, visitor, *ROLES)
            match deed:
                case Deed.SCHEDULE:
                    starts_at, ends_at = read_times(times or {}, room.settings.timezone)
                    await release.schedule(session, name, visitor.actor, now, starts_at, ends_at)
                case Deed.PROMOTE:
                    await release.promote(session, name, arm, visitor.actor, now)
                case _:
                    told = say_done(
                        words, deed, await release.do(session, room.settings, name, deed, visitor.actor, "", now)
                    )
    except (ReleaseError, FileError) as error:
        say(say_error(words, error), "negative")
        return
    except NotAllowedError:
        ui.navigate.to("/campaigns")
        return
    say(told)


def say_done(words: Words, deed: Deed, done: release.Done) -> str:
    """What came of a deed, where it is more than the deed itself."""
    moved = format_number(done.moved, words.language)
    match deed:
        case Deed.PAUSE:
            return words("withdrawn", messages=format_number(done.cancelled, words.language))
        case Deed.RESUME:
            return words("taken_back", people=moved)
        case Deed.FINISH:
            return words("ended", people=moved)
    return words("done")


def read_times(fields: dict[str, str], zone: str) -> tuple[datetime, datetime | None]:
    """Start and end on the company's clock. ReleaseError: not written as times."""
    try:
        found = [
            datetime.fromisoformat(fields[one]).replace(tzinfo=ZoneInfo(zone)) if fields.get(one) else None
            for one in ("starts", "ends")
        ]
    except ValueError as error:
        raise ReleaseError("wrong_times") from error
    if found[0] is None:
        raise ReleaseError("wrong_times")
    return found[0], found[1]
