"""The buttons of a campaign: what may be done with it in its state, by whoever is logged in."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui
from sqlalchemy import Row

from accounts.sessions import require_role
from campaigns.journeys.journey import Journey
from campaigns.pages.parts import ROLES
from campaigns.pages.said import say_error
from campaigns.release import release
from campaigns.release.states import Deed, ReleaseError, list_deeds
from core import clock
from core.types import CampaignState as State
from offers.yaml_file import FileError
from pages.page import Here
from pages.parts import button, form, form_field, put, say
from pages.room import get_room
from pages.words import Words

STYLES = {Deed.START: "main", Deed.APPROVE: "main", Deed.PAUSE: "danger", Deed.FINISH: "danger"}


def draw_release(here: Here, words: Words, name: str, row: Row[Any] | None, journey: Journey) -> None:
    """One button per deed that fits the state; a schedule asks for its times."""
    deeds = list_deeds(State(row.state) if row else State.DRAFT)
    with put("div", classes="row", role="group", aria_label=words("release")):
        for deed in deeds:
            if deed not in (Deed.SCHEDULE, Deed.PROMOTE):
                button(words(f"deed_{deed}"), partial(do, here, words, name, deed), STYLES.get(deed, ""))
        if Deed.PROMOTE in deeds and len(journey.arms) > 1:
            for arm in journey.arms:
                if row is None or arm != row.promoted_arm:
                    act = partial(do, here, words, name, Deed.PROMOTE, arm=arm)
                    button(words("deed_promote", arm=arm), act)
        if Deed.PROMOTE in deeds and row is not None and row.promoted_arm:
            button(words("unpromote"), partial(do, here, words, name, Deed.PROMOTE))
    if Deed.SCHEDULE in deeds:

        async def plan(fields: dict[str, str]) -> None:
            await do(here, words, name, Deed.SCHEDULE, times=fields)

        with form(plan, "row"):
            form_field(words("starts_at"), "starts", "datetime-local", required=True)
            form_field(words("ends_at"), "ends", "datetime-local")
            put("button", words("deed_schedule"), "button", type="submit")


async def do(
    here: Here, words: Words, name: str, deed: Deed, arm: str | None = None, times: dict[str, str] | None = None
) -> None:
    """Does it, says what came of it, and shows the campaign anew; what cannot be done is said and changes nothing."""
    room, visitor, now = get_room(), here.visitor, clock.now()
    told = words("done")
    try:
        async with room.sessions.begin() as session:
            await require_role(session, visitor, *ROLES)
            match deed:
                case Deed.CHECK:
                    await release.check(session, name, visitor.actor, now)
                case Deed.APPROVE:
                    await release.approve(session, room.settings, name, visitor.actor, "", now)
                case Deed.SCHEDULE:
                    starts_at, ends_at = read_times(times or {}, room.settings.timezone)
                    await release.schedule(session, name, visitor.actor, now, starts_at, ends_at)
                case Deed.START:
                    await release.start(session, name, visitor.actor, "", now)
                case Deed.PAUSE:
                    done = await release.pause(session, name, visitor.actor, "", now)
                    told = words("withdrawn", messages=done.cancelled)
                case Deed.RESUME:
                    done = await release.resume(session, name, visitor.actor, "", now)
                    told = words("taken_back", people=done.moved)
                case Deed.FINISH:
                    done = await release.finish(session, name, visitor.actor, "", now)
                    told = words("ended", people=done.moved)
                case Deed.PROMOTE:
                    await release.promote(session, name, arm, visitor.actor, now)
    except ReleaseError as error:
        say(say_error(words, error), "negative")
        return
    except FileError as error:
        say(str(error), "negative")
        return
    say(told)
    ui.navigate.to(f"/campaigns/{name}")


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
