"""All campaigns: their state, who is in them, and what the next days bring."""

from __future__ import annotations

from campaigns.journeys.reading import list_files, parse_journey
from campaigns.pages.parts import ROLES, WORDS, all_words, put_state, say_title
from campaigns.pages.read import list_campaigns, read_calendar
from campaigns.pages.said import say_why
from core import clock
from core.wording import format_number
from pages.page import Here, page
from pages.parts import link, put, table
from pages.places import Entry
from pages.room import get_room
from scoring.explain import write_date


@page("/campaigns", title="campaigns", words=WORDS, roles=ROLES, entry=Entry("campaign", 35, "c"))
async def show_campaigns(here: Here) -> None:
    words, room = all_words(here), get_room()
    async with room.sessions() as session:
        rows = {row.name: row for row in await list_campaigns(session)}
        calendar = await read_calendar(session, room.settings.timezone, clock.now())
    names = sorted({*rows, *(file.stem for file in list_files())})
    with put("section", classes="card"):
        headings = [words(name) for name in ("campaign", "state", "under_way", "entered", "converted", "why")]
        body, _ = table(headings, words("campaigns"))
        for name in names:
            row = rows.get(name)
            with body, put("tr"):
                with put("td"):
                    title = say_title(parse_journey(name, row.content), here) if row and row.content else name
                    link(title, f"/campaigns/{name}")
                with put("td"):
                    put_state(row.state if row else "draft", words)
                for number in (row.under_way, row.entered, row.converted) if row else (0, 0, 0):
                    put("td", format_number(number, here.language), "number")
                put("td", say_why(words, row.why) if row else "", "quiet")
    with put("section", classes="card"):
        put("h2", words("calendar"))
        if not calendar:
            put("p", words("calendar_empty"), "quiet")
            return
        body, _ = table([words(name) for name in ("day", "campaign", "what")], words("calendar"))
        for row in calendar:
            with body, put("tr"):
                put("td", write_date(row.day, here.language))
                with put("td"):
                    link(row.campaign, f"/campaigns/{row.campaign}")
                people = format_number(int(row.people), here.language)
                put("td", words(row.kind, people=people) if row.people else words(row.kind))
