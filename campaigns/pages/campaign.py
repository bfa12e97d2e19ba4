"""One campaign: state and release, its journey as a picture with who stands where, dry run, results."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.element import Element
from sqlalchemy import Row

from campaigns.gate.limits import find_limits
from campaigns.journeys.journey import Journey
from campaigns.journeys.reading import parse_journey
from campaigns.pages.deeds import draw_release
from campaigns.pages.drawing import draw_journey, say_step
from campaigns.pages.parts import ROLES, WORDS, all_words, moment, put_state, say_title
from campaigns.pages.read import list_campaigns, list_changes
from campaigns.pages.results import draw_effects, draw_results
from campaigns.pages.said import say_dry_run, say_held, say_refusals, say_replay, say_sample, say_why
from campaigns.release.dry_run import DryRun, foresee_day, replay_month
from campaigns.release.states import ReleaseError
from campaigns.release.texts import read_content
from campaigns.results.effect import read_effects
from campaigns.results.read import count_held, count_steps, read_groups
from core import clock
from core.wording import format_number
from offers.yaml_file import FileError
from pages.page import Here, page
from pages.parts import button, link, put, table
from pages.room import get_room
from pages.words import Words
from scoring.explain import write_date


@page("/campaigns/{name}", title="campaign", words=WORDS, roles=ROLES)
async def show_campaign(here: Here, name: str) -> None:
    words, room = all_words(here), get_room()
    link(words("all_campaigns"), "/campaigns", "back", "arrow_back")
    async with room.sessions() as session:
        row = next((one for one in await list_campaigns(session) if one.name == name), None)
        try:
            content = row.content if row and row.content else await read_content(session, name)
            journey = parse_journey(name, content)
        except ReleaseError:
            here.client.status_code = 404
            put("p", words("no_campaign"), "card")
            return
        except FileError as error:
            put("p", str(error), "problem", role="alert")
            return
        changes = await list_changes(session, name)
        people = await count_steps(session, name)
        groups = await read_groups(session, name)
        effects = await read_effects(session, room.settings, name, clock.now())
        held = await count_held(session, name)
    with put("section", classes="card summary"):
        with put("div", classes="row middle"):
            put("h2", say_title(journey, here))
            put_state(row.state if row else "draft", words)
        put("p", say_why(words, row.why) if row else "", "quiet")
        draw_release(here, words, name, row, journey)
    draw_steps(words, name, journey, people)
    draw_effects(words, room.settings, effects, journey.conversion.within_days)
    draw_results(here, words, name, groups, effects, held, find_limits(room.settings).budget.currency)
    draw_dry_run(here, words, name, journey)
    draw_changes(here, words, changes)


def draw_steps(words: Words, name: str, journey: Journey, people: dict[str, int]) -> None:
    """The picture, and the same as a table that leads to the people."""
    with put("section", classes="card"):
        put("h2", words("journey"))
        with put("div", classes="journey", role="img", aria_label=words("journey_picture")):
            ui.mermaid(draw_journey(journey, words, people), {"theme": "neutral", "flowchart": {"useMaxWidth": True}})
        body, _ = table([words(one) for one in ("step", "does", "people_here")], words("journey"))
        for step, known in journey.steps.items():
            with body, put("tr"):
                put("td", step)
                put("td", say_step(known, words))
                with put("td", classes="number"):
                    count = format_number(people.get(step, 0), words.language)
                    told = words("show_people", step=step, people=count)
                    link(count, f"/campaigns/{name}/people?step={step}", aria_label=told)


def draw_dry_run(here: Here, words: Words, name: str, journey: Journey) -> None:
    """What it would do, when asked."""

    async def foresee(month: bool) -> None:
        room = get_room()
        async with room.sessions() as session:
            dry = await foresee_day(session, room.settings, name, journey, clock.now())
            lines = list(say_dry_run(words, dry, write_date(dry.day, here.language)))
            if month:
                replay = await replay_month(session, room.settings, name, journey, clock.now())
                lines += [*say_replay(words, replay), *say_sample(words, room.settings, journey, replay)]
        told.clear()
        with told:
            draw_foreseen(words, dry, lines)

    with put("section", classes="card"):
        put("h2", words("dry_run"))
        put("p", words("dry_intro"), "quiet")
        with put("div", classes="row"):
            button(words("dry_today"), partial(foresee, False), "main", "play_circle")
            button(words("dry_month"), partial(foresee, True), "", "history")
        told: Element = put("div", aria_live="polite")


def draw_foreseen(words: Words, dry: DryRun, lines: list[str]) -> None:
    """Sentences, reasons, and the first messages."""
    with put("ul", classes="facts"):
        for line in lines:
            put("li", line)
    for title, reasons in (
        ("not_entering", say_refusals(words, dry.refused)),
        ("not_going", say_held(words, dry.held)),
    ):
        known = list(reasons)
        if known:
            put("h3", words(title))
            with put("ul", classes="short-list"):
                for reason, count in known:
                    with put("li"):
                        put("span", reason)
                        put("span", format_number(count, words.language), "number")
    if dry.people:
        reasons_by_code = dict(zip(dry.held, [told for told, _ in say_held(words, dict(dry.held))], strict=False))
        put("h3", words("first_people"))
        body, _ = table([words("arm"), words("message"), words("state")], words("first_people"))
        for one in dry.people[:20]:
            with body, put("tr"):
                put("td", one.arm)
                put("td", one.text or one.template)
                put("td", reasons_by_code.get(one.reason, one.reason) if one.reason else words("goes"))


def draw_changes(here: Here, words: Words, changes: Sequence[Row[Any]]) -> None:
    """Who did what and why."""
    if not changes:
        return
    with put("section", classes="card"):
        put("h2", words("history"))
        body, _ = table([words(one) for one in ("when", "who", "state", "why")], words("history"))
        for row in changes:
            with body, put("tr"):
                put("td", moment(row.at, here))
                put("td", row.who or words("by_itself"))
                with put("td"):
                    put_state(row.state, words)
                put("td", say_why(words, row.why))
