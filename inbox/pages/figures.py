"""The inbox's numbers as pictures and files: how fast people answer, why they are needed, how content customers are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.element import Element

from core import clock
from core.types import Role
from inbox.numbers import Line, Numbers, read_numbers, write_csv
from inbox.pages.parts import WORDS, name_reason
from inbox.satisfaction import Stars, read_satisfaction, write_satisfaction_csv
from pages.look import look_url
from pages.page import Here, page
from pages.parts import button, put, table
from pages.places import Entry
from pages.room import get_room

SPANS = (7, 30, 90)  # days
GREEN, GREY = "#12a37a", "#7d8a83"  # seen on light and on dark
STAR_NAMES = ("ones", "twos", "threes", "fours", "fives")
COLUMNS = ("handoffs", "response_median", "response_p90", "close_median", "stars")


@page("/inbox/numbers", title="numbers", words=WORDS, entry=Entry("bar_chart", 20, "n"))
async def show_numbers(here: Here, days: int = 30) -> None:
    ui.add_head_html(f'<link rel="stylesheet" href="{look_url("inbox.css")}">')
    await Figures(here, days if days in SPANS else 30).draw()


@dataclass
class Figures:
    """The page in one browser. days: how far it looks back."""

    here: Here
    days: int
    place: Element = field(init=False)

    async def draw(self) -> None:
        words, zone = self.here.words, get_room().settings.timezone
        until = clock.now()
        since = until - timedelta(days=self.days)
        async with get_room().sessions() as session:
            numbers = await read_numbers(session, since, until)
            stars = await read_satisfaction(session, since, until, zone)
        if self.here.visitor.role is not Role.ADMIN:  # how single people work is nobody else's business
            numbers = replace(numbers, lines=tuple(line for line in numbers.lines if line.group != "agent"))
            stars = [one for one in stars if one.group != "agent"]
        with put("nav", classes="row", aria_label=words("span")):
            for days in SPANS:
                current = "page" if days == self.days else None
                put("a", words("last_days", days=days), "button small", href=f"/inbox/numbers?days={days}",
                    aria_current=current)  # fmt: skip
        whole = next((line for line in numbers.lines if line.group == "all"), None)
        self.draw_whole(numbers, whole)
        if whole is None:
            put("p", words("no_numbers"), "quiet")
            return
        with put("div", classes="cards"):
            self.draw_reasons(numbers)
            self.draw_stars(stars)
            if self.here.visitor.role is Role.ADMIN:
                self.draw_response(numbers)
        if self.here.visitor.role is Role.ADMIN:
            self.draw_table(numbers, "agent")
        self.draw_table(numbers, "language")
        with put("div", classes="row"):
            save = ui.download.content
            made = write_csv(numbers), "handoffs.csv", "text/csv"
            button(words("save_numbers"), partial(save, *made), symbol="download")
            rated = write_satisfaction_csv(stars), "satisfaction.csv", "text/csv"
            button(words("save_stars"), partial(save, *rated), symbol="download")

    def draw_whole(self, numbers: Numbers, whole: Line | None) -> None:
        """The few numbers one looks for first."""
        words = self.here.words
        contained = f"{100 * numbers.contained / numbers.talks:.0f} %" if numbers.talks else "–"
        told = [("talks", str(numbers.talks)), ("containment", contained)]
        if whole is not None:
            told += [(name, self.write(name, getattr(whole, name))) for name in COLUMNS]
        with put("dl", classes="key-numbers"):
            for name, value in told:
                with put("div"):
                    put("dt", words(f"n_{name}"))
                    put("dd", value)

    def write(self, name: str, value: float | None) -> str:
        """A number with its unit; minutes above two hours as hours."""
        if value is None:
            return "–"
        if name == "handoffs":
            return f"{value:.0f}"
        if name == "stars":
            return f"{value:.1f}"
        return f"{value:.0f} min" if value < 120 else f"{value / 60:.1f} h"

    def draw_reasons(self, numbers: Numbers) -> None:
        names = [name_reason(rate.reason, self.here) for rate in numbers.rates]
        counts = [rate.handoffs for rate in numbers.rates]
        if not names:
            lines = [line for line in numbers.lines if line.group == "reason"]
            names, counts = [name_reason(line.key, self.here) for line in lines], [line.handoffs for line in lines]
        self.draw_bars("by_reason", names, counts)

    def draw_stars(self, stars: Sequence[Stars]) -> None:
        whole = next((one for one in stars if one.group == "all"), None)
        counts = [getattr(whole, name) if whole else 0 for name in STAR_NAMES]
        self.draw_bars("by_stars", ["★" * number for number in range(1, 6)], counts)
        weeks = [one for one in stars if one.group == "week" and one.average is not None]
        if len(weeks) > 1:
            self.draw_bars("by_week", [one.key for one in weeks], [one.average or 0 for one in weeks])

    def draw_response(self, numbers: Numbers) -> None:
        lines = [line for line in numbers.lines if line.group == "agent" and line.response_median is not None]
        self.draw_bars(
            "by_agent", [line.key for line in lines], [round(line.response_median or 0, 1) for line in lines]
        )

    def draw_bars(self, title: str, names: Sequence[str], values: Sequence[float]) -> None:
        """A picture with its numbers in words, for who cannot see it."""
        words = self.here.words
        told = ", ".join(f"{name}: {value:g}" for name, value in zip(names, values, strict=True))
        with put("section", classes="card"):
            put("h2", words(title))
            if not any(values):
                put("p", words("no_numbers"), "quiet")
                return
            chart = ui.echart(describe_bars(names, values)).classes("chart")
            chart.style(f"height: {60 + 34 * len(names)}px")
            chart.props(f'role=img aria-label="{words(title)}"')
            put("p", told, "hidden")

    def draw_table(self, numbers: Numbers, group: str) -> None:
        words = self.here.words
        lines = [line for line in numbers.lines if line.group == group]
        put("h2", words(f"per_{group}"))
        body, _ = table([words(f"per_{group}"), *(words(f"n_{name}") for name in COLUMNS)], words(f"per_{group}"))
        for line in lines:
            name = words(f"language_{line.key}") if f"language_{line.key}" in words else line.key
            with body, put("tr"):
                put("th", name, scope="row")
                for column in COLUMNS:
                    put("td", self.write(column, getattr(line, column)), "number")


def describe_bars(names: Sequence[str], values: Sequence[float]) -> dict[str, Any]:
    """ECharts' description of lying bars, the first on top. Pure."""
    text = {"color": GREY, "fontSize": 13}
    return {
        "animation": False,
        "grid": {"left": 4, "right": 40, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {"type": "category", "data": list(names), "inverse": True, "axisTick": {"show": False},
                  "axisLine": {"show": False}, "axisLabel": text},
        "series": [{"type": "bar", "data": list(values), "barMaxWidth": 20, "itemStyle": {"color": GREEN},
                    "label": {"show": True, "position": "right", **text}}],
    }  # fmt: skip
