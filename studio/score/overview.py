"""The score at a glance: distribution, bands, who moved, whose contract ends, open tasks, and everybody in a list."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from nicegui.element import Element

from accounts.audit import Deed, note_deed
from accounts.sessions import require_role
from core import clock
from pages.page import Here, page
from pages.parts import button, choice, field, put, table
from pages.places import Entry
from pages.room import get_room, read_time
from scoring.rules import BANDS
from studio.score.chart import Bar, make_bars
from studio.score.read import ENOUGH, PER_PAGE, SORTS, Filter, Overview, count_found, finish_task, list_contacts
from studio.score.read import read_overview as read
from studio.score.said import WORDS, day, name_pack, number, put_band, put_person, signed, today_of


@page("/score", title="score", words=WORDS, entry=Entry("insights", 30, "s"))
async def show_overview(
    here: Here, pack: str = "", band: str = "", search: str = "", sort: str = "", page: int = 0
) -> None:
    wish = Filter(pack, band if band in BANDS else "", search[:200], sort if sort in SORTS else "points", max(page, 0))
    await OverviewPage(here, wish).draw()


class OverviewPage:
    """The page in one browser. wish: what the list shows; the address of the page says the same."""

    def __init__(self, here: Here, wish: Filter) -> None:
        self.here, self.words, self.wish = here, here.words, wish
        self.overview: Overview
        self.lists: Element
        self.found: Element

    async def draw(self) -> None:
        await self.load()
        if not self.overview.counts:
            put("p", self.words("empty"), "card")
        else:
            with put("div", classes="cards"):
                self.draw_distribution()
                self.draw_bands()
        self.lists = put("div", classes="cards")
        self.draw_lists()
        if self.overview.counts:
            await self.draw_contacts()

    async def load(self) -> None:
        now = clock.now()
        async with get_room().sessions() as session:
            self.overview = await read(session, now, today_of(now))

    def draw_distribution(self) -> None:
        bars = make_bars((row.points, row.band, row.contacts) for row in self.overview.counts)
        greatest = max(bar.contacts for bar in bars)
        with put("section", classes="card wide"):
            put("h2", self.words("distribution"))
            with put("ul", classes="bars"):
                for bar in bars:
                    self.draw_bar(bar, greatest)
            with put("div", classes="scale", aria_hidden="true"):
                for points in range(0, 101, 20):
                    put("span", str(points))

    def draw_bar(self, bar: Bar, greatest: int) -> None:
        told = self.words("bar", lowest=bar.lowest, highest=bar.highest, contacts=number(bar.contacts, self.here))
        with put("li", title=told):
            put("span", told, "hidden")
            for name in reversed(BANDS):
                if contacts := bar.bands.get(name, 0):
                    height = max(100 * contacts / greatest, 1)
                    put("i", classes=f"fill-{name}", style=f"height:{height:.2f}%", aria_hidden="true")

    def draw_bands(self) -> None:
        words = self.words
        sums = {name: sum(row.contacts for row in self.overview.counts if row.band == name) for name in BANDS}
        with put("section", classes="card"):
            put("h2", words("bands"))
            put("p", words("scored", contacts=number(sum(sums.values()), self.here)), "quiet")
            with put("dl", classes="band-list"):
                for name in reversed(BANDS):
                    with put("div"):
                        with put("dt"):
                            put_band(name, self.here)
                        put("dd", number(sums[name], self.here), "big")
                        put("dd", words(f"purpose_{name}"), "quiet")

    def draw_lists(self) -> None:
        self.lists.clear()
        with self.lists:
            self.draw_tasks()
            self.draw_movers()
            self.draw_due()

    def draw_tasks(self) -> None:
        words, rows = self.words, self.overview.tasks
        with put("section", classes="card"):
            put("h2", words("tasks", tasks=number(self.overview.task_count, self.here)) if rows else words("no_tasks"))
            with put("ul", classes="short-list"):
                for row in rows:
                    with put("li"):
                        with put("div"):
                            put_person(row, self.here)
                            put(
                                "p",
                                f"{self.name_task(row)} · {words('task_due', on=day(row.due_on, self.here))}",
                                "quiet",
                            )
                        button(words("task_done"), partial(self.finish, row), "small")

    def name_task(self, row: Any) -> str:
        """What is to be done, in words: this page's, or those the task brings; else its own name stays."""
        name = f"task_{row.kind}"
        facts = row.facts | {"band": self.words(f"band_{row.facts['band']}")} if "band" in row.facts else row.facts
        return self.words(name, **facts) if name in self.words else str(facts.get(self.here.language) or row.kind)

    async def finish(self, row: Any) -> None:
        async with get_room().sessions.begin() as session:
            await require_role(session, self.here.visitor)
            if await finish_task(session, row.id, clock.now()):
                actor = self.here.visitor.actor
                await note_deed(session, actor, Deed.TASK_DONE, read_time(), row.token, task=row.kind)
        await self.load()
        self.draw_lists()

    def draw_movers(self) -> None:
        words, rows = self.words, self.overview.movers
        with put("section", classes="card"):
            put("h2", words("movers"))
            if not rows:
                put("p", words("no_movers"), "quiet")
            with put("ul", classes="short-list"):
                for row in rows:
                    with put("li"):
                        put_person(row, self.here)
                        kind = "up" if row.after > row.before else "down"
                        put("span", signed(row.after - row.before), f"change {kind}")
                        put("span", f"{row.before} → {row.after}", "quiet number")

    def draw_due(self) -> None:
        words, rows = self.words, self.overview.due
        with put("section", classes="card"):
            told = words("due", contacts=number(self.overview.due_count, self.here)) if rows else words("nobody_due")
            put("h2", told)
            with put("ul", classes="short-list"):
                for row in rows:
                    with put("li"):
                        put_person(row, self.here)
                        put("span", day(row.expires_on, self.here), "number")
                        if row.band:
                            put("span", f"{row.points}", f"tag band-{row.band}")

    async def draw_contacts(self) -> None:
        words, wish = self.words, self.wish
        packs = sorted({row.pack for row in self.overview.counts})
        with put("section", classes="card", id="contacts"):
            put("h2", words("contacts"))
            with put("div", classes="row filters"):
                field(
                    words("search_contact"),
                    lambda text: self.look(search=text, page=0),
                    wish.search,
                    "search",
                    at_once=True,
                )
                names = {"": words("pack_all")} | {pack: name_pack(pack, self.here) for pack in packs}
                choice(words("pack"), names, wish.pack, lambda value: self.look(pack=value, page=0))
                bands = {"": words("band_all")} | {name: words(f"band_{name}") for name in reversed(BANDS)}
                choice(words("band"), bands, wish.band, lambda value: self.look(band=value, page=0))
                sorts = {name: words(f"sort_{name}") for name in SORTS}
                choice(words("sort"), sorts, wish.sort, lambda value: self.look(sort=value, page=0))
            self.found = put("div", aria_live="polite")
        await self.draw_found()

    async def look(self, **changes: Any) -> None:
        """Shows another part of the list, and writes it into the address so that it can be kept or sent."""
        wish = replace(self.wish, **changes)
        self.wish = replace(wish, sort=wish.sort if wish.sort in SORTS else "points")
        query = urlencode({name: value for name, value in asdict(self.wish).items() if value not in ("", 0, "points")})
        self.here.client.run_javascript(f"history.replaceState(null, '', {('/score?' + query).rstrip('?')!r})")
        await self.draw_found()

    async def draw_found(self) -> None:
        wish, words, here = self.wish, self.words, self.here
        async with get_room().sessions() as session:
            rows = await list_contacts(session, wish)
            counted = await count_found(session, wish) if wish.search or wish.sort == "expires" else self.count_listed()
        if wish != self.wish:
            return  # something else was wished meanwhile
        self.found.clear()
        with self.found:
            if not rows:
                put("p", words("nobody"))
                return
            headings = [words(name) for name in ("contact", "points", "band", "pack", "expires", "gate")]
            body, _ = table(headings, words("contacts"), "contacts")
            for row in rows[:PER_PAGE]:
                with body, put("tr"):
                    with put("td"):
                        put_person(row, here)
                    put("td", str(row.points), "number")
                    with put("td"):
                        put_band(row.band, here)
                    put("td", name_pack(row.pack, here))
                    put("td", day(row.expires_on, here))
                    put("td", words("gate_closed" if row.closed else "gate_open"), "quiet")
            self.draw_pager(len(rows), counted)

    def count_listed(self) -> int:
        """Contacts in the list, from the counts the page has anyway."""
        wish = self.wish
        fitting = (r for r in self.overview.counts if wish.pack in ("", r.pack) and wish.band in ("", r.band))
        return sum(row.contacts for row in fitting)

    def draw_pager(self, rows: int, counted: int) -> None:
        words, wish, here = self.words, self.wish, self.here
        first, more = wish.page * PER_PAGE + 1, rows > PER_PAGE
        enough = wish.search and counted >= ENOUGH
        told = number(counted, here) + ("+" if enough else "")
        last = number(first + min(rows, PER_PAGE) - 1, here)
        with put("div", classes="row middle pager"):
            put("span", words("page_of", first=number(first, here), last=last, all=told), "quiet")
            button(words("previous"), lambda: self.look(page=wish.page - 1), "small", disabled=wish.page == 0)
            button(words("next"), lambda: self.look(page=wish.page + 1), "small", disabled=not more)
