"""The dry run on the page of a campaign: what it would do today, to whom, and why not to others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from nicegui.element import Element
from sqlalchemy import Row, text

from campaigns.gate.explain import name_reason
from campaigns.journeys.reading import parse_journey
from campaigns.pages.names import name_arm
from campaigns.pages.read import read_current
from campaigns.pages.said import (
    say_dry_run,
    say_error,
    say_follow_ups,
    say_held,
    say_refusals,
    say_replay,
    say_sample,
)
from campaigns.release.dry_run import DryRun, foresee_day, replay_month
from campaigns.release.following import foresee_follow_ups
from campaigns.release.states import ReleaseError
from core import clock
from core.wording import format_number
from offers.yaml_file import FileError
from pages.page import Here
from pages.parts import button, link, put, say, table
from pages.room import get_room
from pages.words import Words
from scoring.explain import write_date

SHOWN = 20  # people with their message
NAMES = text("SELECT id, token, coalesce(name, phone, user_id) AS name FROM contact WHERE id = ANY(:ids)")


def draw_dry_run(here: Here, words: Words, name: str) -> None:
    """What it would do, when asked."""

    async def foresee(month: bool) -> None:
        told.clear()
        with told:
            put("p", words("computing"), "quiet")
        room, now = get_room(), clock.now()
        try:
            async with room.sessions() as session:
                journey = parse_journey(name, await read_current(session, name))
                dry = await foresee_day(session, room.settings, name, journey, now)
                follow_ups = await foresee_follow_ups(session, name, room.settings.timezone, now)
                replay = await replay_month(session, room.settings, name, journey, now) if month else None
                people = {row.id: row for row in await session.execute(NAMES, {"ids": list_shown(dry)})}
        except (ReleaseError, FileError) as error:
            told.clear()
            say(say_error(words, error), "negative")
            return
        lines = [*say_dry_run(words, dry, write_date(dry.day, here.language)), *say_follow_ups(words, follow_ups)]
        if replay:
            lines += [*say_replay(words, replay), *say_sample(words, room.settings, journey, replay)]
        told.clear()
        with told:
            draw_lines(lines)
            draw_reasons(words, dry.refused, dry.held)
            draw_people(words, dry, people)

    with put("section", classes="card"):
        put("h2", words("dry_run"))
        put("p", words("dry_intro"), "quiet")
        with put("div", classes="row"):
            button(words("dry_today"), partial(foresee, False), "main", "play_circle")
            button(words("dry_month"), partial(foresee, True), "", "history")
        told: Element = put("div", aria_live="polite")


def draw_lines(lines: Iterable[str]) -> None:
    with put("ul", classes="facts"):
        for line in lines:
            put("li", line)


def draw_reasons(words: Words, refused: Counter[str], held: Counter[str]) -> None:
    """Why people do not enter, and why messages do not go."""
    for title, reasons in (("not_entering", say_refusals(words, refused)), ("not_going", say_held(words, held))):
        known = list(reasons)
        if known:
            put("h3", words(title))
            with put("ul", classes="short-list"):
                for reason, count in known:
                    with put("li"):
                        put("span", reason)
                        put("span", format_number(count, words.language), "number")


def list_shown(dry: DryRun) -> list[int]:
    return [one.contact_id for one in dry.people[:SHOWN]]


def draw_people(words: Words, dry: DryRun, people: Mapping[int, Row[Any]]) -> None:
    """The first of them, with what they would read."""
    if not dry.people:
        return
    put("h3", words("first_people"))
    put("p", words("first_people_note"), "quiet")
    body, _ = table([words(one) for one in ("people", "arm", "message", "state")], words("first_people"))
    for one in dry.people[:SHOWN]:
        row = people[one.contact_id]
        with body, put("tr"):
            with put("td", classes="person"):
                link(row.name or words("no_name"), f"/score/{row.token}")
            put("td", name_arm(one.arm, words))
            put("td", one.text or one.template)
            put("td", name_reason(one.reason, words.language) if one.reason else words("goes"))
