"""All campaigns: their state, who is in them, and what the next days bring, as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui
from sqlalchemy import Row

from campaigns.journeys.reading import list_files, parse_journey
from campaigns.pages.parts import COLOURS, PAUSE, ROLES, WORDS, all_words, say_title
from campaigns.pages.read import list_campaigns, read_calendar
from campaigns.pages.rows import Cell, Key, Rows, show_or_hide
from campaigns.pages.said import say_why
from core import clock
from core.wording import format_number
from offers.yaml_file import FileError
from pages.page import Here, page
from pages.parts import form, form_choice, form_field, put
from pages.places import Entry
from pages.room import get_room
from scoring.explain import write_date


@page("/campaigns", title="campaigns", words=WORDS, roles=ROLES, entry=Entry("campaign", 35, "c"))
async def show_campaigns(here: Here) -> None:
    await OverviewPage(here).draw()


class OverviewPage:
    """The page in one browser."""

    def __init__(self, here: Here) -> None:
        self.here, self.words = here, all_words(here)
        self.campaigns: Rows
        self.days: Rows
        self.shipped: dict[str, str] = {}

    async def draw(self) -> None:
        words = self.words
        self.shipped = {file.stem: file.read_text(encoding="utf-8") for file in list_files()}
        put("p", words("campaigns_intro"), "quiet")
        with put("section", classes="card"):
            headings = [words(name) for name in ("campaign", "state", "under_way", "entered", "converted", "why")]
            self.campaigns = Rows(headings, words("campaigns"), numbers=(2, 3, 4))
        with put("section", classes="card"):
            put("h2", words("calendar"))
            self.empty = put("p", words("calendar_empty"), "quiet")
            with put("div") as self.calendar:
                self.days = Rows([words(name) for name in ("day", "campaign", "what")], words("calendar"))
        await self.refresh()
        self.draw_new()
        self.here.read_news("campaign", self.hear, pause=PAUSE)

    async def hear(self, names: frozenset[str]) -> None:
        await self.refresh()

    async def refresh(self) -> None:
        room = get_room()
        async with room.sessions() as session:
            rows = {row.name: row for row in await list_campaigns(session)}
            calendar = await read_calendar(session, room.settings.timezone, clock.now())
        names = sorted({*rows, *self.shipped})
        self.campaigns.show({name: self.describe(name, rows.get(name)) for name in names})
        self.days.show(dict(self.list_days(calendar)))
        show_or_hide(self.empty, not calendar)
        show_or_hide(self.calendar, bool(calendar))

    def describe(self, name: str, row: Row[Any] | None) -> Sequence[Cell]:
        state = row.state if row else "draft"
        counts = (row.under_way, row.entered, row.converted) if row else (0, 0, 0)
        return (
            Cell(self.name_campaign(name, row.content if row else None), to=f"/campaigns/{name}"),
            Cell(self.words(f"state_{state}"), tag=f"tag {COLOURS.get(state, '')}"),
            *(Cell(format_number(number, self.here.language), "number") for number in counts),
            Cell(say_why(self.words, row.why, get_room().settings.timezone) if row else "", "quiet"),
        )

    def name_campaign(self, name: str, content: str | None) -> str:
        """Its title; its own name where it cannot be read."""
        try:
            return say_title(parse_journey(name, content or self.shipped[name]), self.here)
        except (FileError, KeyError):
            return name

    def list_days(self, calendar: Sequence[Row[Any]]) -> list[tuple[Key, Sequence[Cell]]]:
        found: list[tuple[Key, Sequence[Cell]]] = []
        for row in calendar:
            people = format_number(int(row.people), self.here.language)
            title = self.name_campaign(row.campaign, row.content)
            cells = (
                Cell(f"{self.words(f'weekday_{row.day.weekday()}')} {write_date(row.day, self.here.language)}"),
                Cell(title, to=f"/campaigns/{row.campaign}"),
                Cell(self.words(row.kind, people=people) if row.people else self.words(row.kind)),
            )
            found.append(((row.day, row.campaign, row.kind), cells))
        return found

    def draw_new(self) -> None:
        """A new campaign begins as a copy of one there is."""
        words = self.words
        names = {name: self.name_campaign(name, None) for name in self.shipped}

        def begin(fields: dict[str, str]) -> None:
            ui.navigate.to(f"/campaigns/{fields['name'].strip()}/edit?copy={fields['copy']}")

        with put("section", classes="card"), put("details"):
            put("summary", words("new_campaign"))
            put("p", words("new_intro"), "quiet")
            with form(begin, "row"):
                form_choice(words("copy_of"), "copy", names, next(iter(names), ""))
                rule = {"pattern": "[a-z][a-z0-9_]*", "maxlength": "40", "title": words("name_rule")}
                form_field(words("short_name"), "name", required=True, autocomplete="off", **rule)
                put("button", words("begin"), "button", type="submit")
