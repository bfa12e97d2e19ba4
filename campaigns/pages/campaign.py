"""One campaign: state and release, its journey as a picture with who stands where, people put in, dry run, results.

What happens meanwhile is shown at once. Nothing a person may click or write in is drawn anew for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from sqlalchemy import Row

from campaigns.journeys.journey import Journey
from campaigns.journeys.reading import parse_journey
from campaigns.journeys.steps import Send
from campaigns.pages.adding import AddingPart
from campaigns.pages.deeds import Release
from campaigns.pages.drawing import draw_journey, say_next, say_step
from campaigns.pages.foreseen import draw_dry_run
from campaigns.pages.parts import COLOURS, PAUSE, ROLES, THEME, WORDS, all_words, moment, say_title
from campaigns.pages.read import find_campaign, list_changes
from campaigns.pages.refused import Refused, draw_refused, list_refused
from campaigns.pages.results import Results
from campaigns.pages.rows import Cell, Rows, set_text, show_or_hide
from campaigns.pages.said import say_error, say_fault, say_why
from campaigns.pages.texts import draw_texts
from campaigns.release.states import ReleaseError
from campaigns.release.texts import read_content, read_standing
from campaigns.results.effect import read_effects
from campaigns.results.read import count_held, count_steps, read_groups
from core import clock
from core.wording import format_number
from offers.yaml_file import FileError
from pages.page import Here, page
from pages.parts import link, put
from pages.room import get_room

SETTLE = 15.0  # seconds between two looks at results, which are counted anew each time


@page("/campaigns/{name}", title="campaign", words=WORDS, roles=ROLES)
async def show_campaign(here: Here, name: str) -> None:
    words = all_words(here)
    link(words("all_campaigns"), "/campaigns", "back", "arrow_back")
    try:
        await CampaignPage(here, name).draw()
    except ReleaseError as error:
        if error.code == "no_file":
            here.client.status_code = 404
        put("p", words("no_campaign") if error.code == "no_file" else say_error(words, error), "card")
    except FileError as error:
        put("p", say_fault(words, error), "problem", role="alert")
        link(words("edit"), f"/campaigns/{name}/edit", "button", "edit")


@dataclass(frozen=True)
class State:
    """What the page shows that changes from moment to moment. row None: nobody checked it yet."""

    row: Row[Any] | None
    content: str
    journey: Journey
    waiting: bool  # a newer text waits to be checked or approved
    people: Mapping[str, int]
    changes: Sequence[Row[Any]]
    refused: Sequence[Refused]


async def read_state(name: str) -> State:
    """ReleaseError: there is no such campaign."""
    room = get_room()
    async with room.sessions() as session:
        row = await find_campaign(session, name)
        standing = await read_standing(session, name)
        content = row.content if row and row.content else await read_content(session, name)
        people, changes = await count_steps(session, name), await list_changes(session, name)
        journey = parse_journey(name, content)
        refused = await list_refused(session, room.settings, journey)
        return State(row, content, journey, standing.content != content, people, changes, refused)


class CampaignPage:
    """The page in one browser."""

    def __init__(self, here: Here, name: str) -> None:
        self.here, self.name, self.words = here, name, all_words(here)
        self.turn = asyncio.Lock()
        self.state: State
        self.picture: ui.mermaid
        self.steps: Rows

    async def draw(self) -> None:
        words, name, here = self.words, self.name, self.here
        self.state = await read_state(name)
        with put("section", classes="card summary"):
            with put("div", classes="row middle"):
                self.title = put("h2", "")
                self.tag = put("span", "")
            self.why = put("p", "", "quiet")
            self.next = put("p", "")
            self.waiting = put("p", words("waiting"), "held")
            self.refused = put("div")
            self.release = Release(here, words, name, self.refresh)
        with put("section", classes="card"):
            put("h2", words("journey"))
            with put("div", classes="journey", role="img", aria_label=words("journey_picture"), tabindex="0"):
                self.picture = ui.mermaid("", THEME)
            headings = [words(one) for one in ("step", "people_here", "does", "goes_on")]
            self.steps = Rows(headings, words("journey"), numbers=(1,))
            self.texts = put("div")
        AddingPart(here, words, name, self.state.journey.pack).draw()
        draw_dry_run(here, words, name)
        self.results = Results(here, words, name)
        with put("section", classes="card"):
            put("h2", words("history"))
            headings = [words(one) for one in ("when", "who", "state", "why")]
            self.changes = Rows(headings, words("history"))
        self.draw_texts()
        draw_refused(self.refused, words, self.state.refused)
        self.show()
        ui.timer(0, self.refresh_results, once=True)  # with very many people counting takes longer than anybody waits
        here.read_news("campaign", self.hear, lambda told: told == name, PAUSE)
        here.read_news("campaign", self.hear_results, lambda told: told == name, SETTLE)

    async def hear(self, names: frozenset[str]) -> None:
        await self.refresh()

    async def hear_results(self, names: frozenset[str]) -> None:
        await self.refresh_results()

    async def refresh(self) -> None:
        """Shows how it is now."""
        async with self.turn:  # an older look never overtakes a newer one
            before, self.state = self.state, await read_state(self.name)
            if before.content != self.state.content:
                self.draw_texts()
            if before.refused != self.state.refused:
                draw_refused(self.refused, self.words, self.state.refused)
            self.show()

    def show(self) -> None:
        words, row, journey = self.words, self.state.row, self.state.journey
        state = row.state if row else "draft"
        set_text(self.title, say_title(journey, self.here))
        set_text(self.tag, words(f"state_{state}"))
        self.tag.classes(replace=f"tag {COLOURS.get(state, '')}")
        set_text(self.why, say_why(words, row.why, get_room().settings.timezone) if row else "")
        set_text(self.next, words(f"next_{state}") if f"next_{state}" in words else "")
        show_or_hide(self.waiting, self.state.waiting)
        self.release.show(row, journey, self.state.waiting)
        drawing = draw_journey(journey, words, self.state.people)
        if self.picture.content != drawing:
            self.picture.set_content(drawing)
        self.steps.show({step: self.describe_step(step) for step in journey.steps})
        self.changes.show({(one.id,): self.describe_change(one) for one in self.state.changes})

    def describe_step(self, step: str) -> Sequence[Cell]:
        count = format_number(self.state.people.get(step, 0), self.words.language)
        told = self.words("show_people", step=step, people=count)
        where = f"/campaigns/{self.name}/people?step={step}"
        doing = self.state.journey.steps[step]
        people = Cell(count, "number", to=where, label=told)
        return Cell(step), people, Cell(say_step(doing, self.words)), Cell(say_next(doing, self.words), "lines")

    def describe_change(self, one: Row[Any]) -> Sequence[Cell]:
        words = self.words
        state = Cell(words(f"state_{one.state}"), tag=f"tag {COLOURS.get(one.state, '')}")
        who = Cell(one.who or words("by_itself"))
        return Cell(moment(one.at, self.here)), who, state, Cell(say_why(words, one.why, get_room().settings.timezone))

    def draw_texts(self) -> None:
        """What the messages say, for whoever does not know the templates by their names."""
        sends = {step: one for step, one in self.state.journey.steps.items() if isinstance(one, Send)}
        self.texts.clear()
        with self.texts:
            draw_texts(self.words, sends)

    async def refresh_results(self) -> None:
        room, name = get_room(), self.name
        async with room.sessions() as session:
            groups = await read_groups(session, name)
            effects = await read_effects(session, room.settings, name, clock.now())
            held = await count_held(session, name)
        self.results.show(groups, effects, held, self.state.journey.conversion.within_days)
