"""Results on the page of a campaign: how far people get, what each arm adds, why messages were held; as CSV too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from html import escape

from nicegui import ui
from nicegui.element import Element

from campaigns.gate.explain import name_reason
from campaigns.gate.limits import find_limits
from campaigns.pages.names import name_arm, name_band, name_language
from campaigns.pages.rows import set_text, show_or_hide
from campaigns.results.effect import Effect, read_effects
from campaigns.results.read import Group, read_groups
from campaigns.results.table import write_csv
from core import clock
from core.wording import format_money, format_number
from pages.page import Here
from pages.parts import button, picture, put, table
from pages.room import get_room
from pages.words import Words

FUNNEL = ("sent", "delivered", "read", "replied", "clicked", "converted")
COLUMNS = ("entered", *FUNNEL, "opted_out", "complained")
WIDTH, ROW = 600, 34


class Results:
    """Three sections; what does not change stays, and what was opened stays open."""

    def __init__(self, here: Here, words: Words, name: str) -> None:
        self.here, self.words, self.name = here, words, name
        self.currency = find_limits(get_room().settings).budget.currency
        self.shown: object = None
        with put("section", classes="card"):
            put("h2", words("effect"))
            self.effects = put("div")
            self.rule = put("p", "", "quiet")
        with put("section", classes="card"):
            put("h2", words("results"))
            self.counting = put("p", words("computing"), "quiet")
            self.none = put("p", words("results_none"), "quiet", hidden=True)
            with put("div", hidden=True) as self.some:
                self.whole = put("div")
                self.parts = {by: self.draw_part(by) for by in ("segment", "language")}
                put("p", words("results_rule"), "quiet")
                button(words("csv"), self.download, symbol="download")
        with put("section", classes="card"):
            put("h2", words("held"))
            self.held = put("div")

    def draw_part(self, by: str) -> Element:
        with put("details"):
            put("summary", self.words(by))
            return put("div")

    def show(
        self, groups: Sequence[Group], effects: Sequence[Effect], held: Mapping[str, int], within_days: int
    ) -> None:
        """Shows these numbers, unless it shows them already."""
        if self.shown == (told := (list(groups), list(effects), dict(held), within_days)):
            return
        self.shown = told
        words = self.words
        known = bool(groups and groups[0].entered)
        show_or_hide(self.counting, False)
        show_or_hide(self.none, not known)
        show_or_hide(self.some, known)
        for place in (self.effects, self.whole, self.held, *self.parts.values()):
            place.clear()
        with self.effects:
            draw_effects(words, effects, within_days, self.currency)
        set_text(self.rule, say_rule(words))
        with self.whole:
            draw_funnel(words, [one for one in groups if one.by == "arm"])
            draw_table(words, [one for one in groups if one.by in ("all", "arm")], words("results"), self.currency)
        for by, place in self.parts.items():
            with place:
                draw_table(words, [one for one in groups if one.by == by], words(by), self.currency)
        with self.held:
            draw_held(words, held)

    async def download(self) -> None:
        """The numbers of this moment as a file."""
        room = get_room()
        async with room.sessions() as session:
            groups = await read_groups(session, self.name)
            effects = await read_effects(session, room.settings, self.name, clock.now())
        ui.download.content(write_csv(groups, effects), f"{self.name}.csv")


def draw_held(words: Words, held: Mapping[str, int]) -> None:
    if not held:
        put("p", words("held_none"), "quiet")
    with put("ul", classes="short-list"):
        for reason, messages in held.items():
            with put("li"):
                put("span", name_reason(reason, words.language))
                put("span", format_number(messages, words.language), "number")


def say_rule(words: Words) -> str:
    settings = get_room().settings
    contacts = format_number(settings.campaign_minimum_contacts, words.language)
    return words("effect_rule", contacts=contacts, weeks=f"{settings.campaign_minimum_weeks:g}")


def draw_funnel(words: Words, arms: Sequence[Group]) -> None:
    """Of 100 who entered, how many got how far: a bar per stage and arm."""
    put("h3", words("funnel"))
    with put("ul", classes="legend"):
        for number, one in enumerate(arms):
            with put("li"):
                put("i", classes=f"c{number % 8}")
                put("span", name_arm(one.arm, words))
    with put("ul", classes="funnel"):
        for stage in FUNNEL:
            with put("li"):
                put("span", words(stage))
                with put("span", classes="funnel-bars"):
                    for number, one in enumerate(arms):
                        share = 100 * getattr(one, stage) / max(one.entered, 1)
                        with put("span", classes="funnel-bar"):
                            put("i", classes=f"c{number % 8}", style=f"width:{share:.1f}%")
                            put("span", f"{format_number(share, words.language, 1)} %", "quiet number")


def draw_table(words: Words, groups: Sequence[Group], caption: str, currency: str) -> None:
    """A column per group and a row per number, which fits a phone and names as long as they are."""
    headings = ["", *(name_group(one, words) for one in groups)]
    body, head = table(headings, caption, "numbers")
    for heading in head.default_slot.children[1:]:
        heading.classes("number")
    for name in (*COLUMNS, "revenue", "cost", "close"):
        with body, put("tr"):
            put("th", words(name), scope="row")
            for one in groups:
                put("td", say_number(one, name, currency, words), "number")


def name_group(one: Group, words: Words) -> str:
    parts = (name_arm(one.arm, words), name_band(one.segment, words), name_language(one.language, words))
    return " · ".join(part for part in parts if part)


def say_number(one: Group, name: str, currency: str, words: Words) -> str:
    match name:
        case "revenue" | "cost":
            return format_money(getattr(one, name), currency, words.language)
        case "close":
            return say_time(one.close, words)
    return format_number(getattr(one, name), words.language)


def say_time(close: timedelta | None, words: Words) -> str:
    if close is None:
        return "–"
    hours = close.total_seconds() / 3600
    if hours >= 48:
        return words("days_long", number=format_number(hours / 24, words.language, 1))
    return words("hours_long", number=format_number(hours, words.language, 1))


def draw_effects(words: Words, effects: Sequence[Effect], within_days: int, currency: str) -> None:
    """What every arm adds, with its interval drawn and the verdict."""
    whole = [one for one in effects if one.by == "all" and one.rate]
    if not whole:
        put("p", words("effect_none", days=within_days), "quiet")
    for one in whole:
        draw_effect(words, one, currency)


def draw_effect(words: Words, one: Effect, currency: str) -> None:
    if one.rate is None:
        return
    values = {name: sign(100 * getattr(one.rate, name), words) for name in ("value", "low", "high")}
    told = words(
        "effect_points",
        arm=name_arm(one.arm, words),
        beside=name_arm(one.beside, words),
        contacts=format_number(one.sample.contacts, words.language),
        others=format_number(one.control.contacts, words.language),
        **values,
    )
    picture(draw_interval(one, told), "interval")
    put("p", told)
    if one.revenue:
        money = {
            name: format_money(Decimal(getattr(one.revenue, name)), currency, words.language)
            for name in ("value", "low", "high")
        }
        put("p", words("effect_money", **money))
    kind = {"effective": "band-high", "harmful": "band-middle"}.get(one.verdict, "")
    put("span", words(f"verdict_{one.verdict}"), f"tag {kind}")


def sign(number: float, words: Words) -> str:
    """With its sign: +9.66, -1.20."""
    return f"{'+' if number > 0 else ''}{format_number(number, words.language, 2)}"


def draw_interval(one: Effect, label: str) -> str:
    """A line from end to end of the interval with a dot at the estimate, and where nothing would be added."""
    rate = one.rate
    if rate is None:
        return ""
    reach = max(abs(rate.low), abs(rate.high), 0.001) * 1.1
    places = {name: WIDTH / 2 * (1 + getattr(rate, name) / reach) for name in ("low", "value", "high")}
    middle = ROW / 2
    return (
        f'<svg viewBox="0 0 {WIDTH} {ROW}" role="img" aria-label="{escape(label)}">'
        f'<line class="grid" x1="{WIDTH / 2}" x2="{WIDTH / 2}" y1="0" y2="{ROW}"/>'
        f'<line class="total" x1="{places["low"]:.1f}" x2="{places["high"]:.1f}" y1="{middle}" y2="{middle}"/>'
        f'<circle class="c0" cx="{places["value"]:.1f}" cy="{middle}" r="6"/></svg>'
    )
