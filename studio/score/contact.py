"""One contact's score: receipt in words, the way it took, what changed in a week, gate and next best offer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from nicegui.element import Element

from core import clock
from offers.explain import explain_offer
from pages.page import Here, page
from pages.parts import link, picture, put, table
from pages.room import get_room
from pages.times import write_moment
from scoring.explain import explain_gate, explain_line, name_signal
from scoring.history import ScoreThen, compare_receipts, read_score_at, tell_differences
from scoring.learned.chance import Chance, read_chances
from scoring.learned.outcomes import Outcome
from scoring.learned.words import explain_chance
from studio.score.chart import Moment, choose_colours, draw_history, find_range
from studio.score.read import read_changes, read_contact
from studio.score.said import WORDS, day, name_pack, put_band, signed

WEEK = timedelta(days=7)

type Chances = dict[Outcome, Chance]


@page("/score/{token}", title="contact", words=WORDS)
async def show_contact(here: Here, token: str) -> None:
    shown = put("div")
    known: set[str] = set()

    async def draw() -> None:
        async with get_room().sessions() as session:
            row = await read_contact(session, token)
            now = clock.now()
            changes = await read_changes(session, row.id) if row else []
            then = await read_score_at(session, row.id, now - WEEK) if row else None
            chances = await read_chances(session, row.id) if row else {}
        shown.clear()
        with shown:
            link(here.words("back"), "/score", "back", "arrow_back")
            if row is None:
                here.client.status_code = 404
                put("p", here.words("no_contact"), "card")
                return
            known.add(str(row.id))
            draw_contact(here, row, changes, then, chances, now)

    async def hear(contact_ids: frozenset[str]) -> None:
        if contact_ids & (known | {""}):
            await draw()

    await draw()
    here.read_news("contact", hear)


def draw_contact(
    here: Here, row: Any, changes: list[Any], then: ScoreThen | None, chances: Chances, now: datetime
) -> None:
    words = here.words
    here.client.title = f"{row.name or row.address or words('no_name')} · Pronto"
    with put("section", classes="card summary"):
        put("h2", row.name or words("no_name"))
        put("p", " · ".join(part for part in (row.address, row.place, row.region) if part), "quiet")
        if row.points is None:
            put("p", words("no_score"))
            return
        with put("p", classes="score"):
            put("strong", words("of_100", points=row.points))
            put_band(row.band, here)
            put("span", words(f"purpose_{row.band}"), "quiet")
        at = write_moment(row.computed_at, here.language, get_room().settings.timezone)
        put("p", words("computed", pack=name_pack(row.pack, here), version=row.version, at=at), "quiet")
        draw_gate(here, row.gate)
    with put("div", classes="cards"):
        draw_receipt(here, row)
        with put("div"):
            draw_week(here, row, then)
            draw_offer(here, row)
            for outcome, chance in chances.items():
                draw_chance(here, outcome, chance)
    draw_way(here, changes, now)


def draw_gate(here: Here, gate: list[dict[str, Any]]) -> None:
    if not gate:
        put("p", here.words("may_offer"), "good")
        return
    with put("div", classes="held"):
        put("p", here.words("may_not_offer"))
        with put("ul"):
            for one in gate:
                put("li", explain_gate(one, here.language))


def draw_receipt(here: Here, row: Any) -> None:
    with put("section", classes="card"):
        put("h2", here.words("receipt"))
        if not row.receipt:
            put("p", here.words("no_points"))
        draw_lines([(line["points"], explain_line(line, here.language)) for line in row.receipt])
        with put("p", classes="line sum"):
            put("b", str(row.points), "number")
            put("span", here.words("sum"))


def draw_lines(lines: list[tuple[int, str]]) -> Element:
    with put("ul", classes="lines") as shown:
        for points, told in lines:
            with put("li", classes="line"):
                put("b", signed(points), f"number {'up' if points > 0 else 'down'}")
                put("span", told)
    return shown


def draw_week(here: Here, row: Any, then: ScoreThen | None) -> None:
    words = here.words
    differences = compare_receipts(then.receipt if then else [], row.receipt)
    with put("section", classes="card"):
        put("h2", words("since_week"))
        if then is None:
            put("p", words("was_new"), "quiet")
        elif not differences:
            put("p", words("nothing_changed"), "quiet")
        else:
            put("p", words("from_to", before=then.points, after=row.points))
        draw_lines([(one["points"], one["words"]) for one in tell_differences(differences, here.language)])


def draw_offer(here: Here, row: Any) -> None:
    words = here.words
    with put("section", classes="card"):
        put("h2", words("next_offer"))
        if row.offer_reason is None:
            put("p", words("no_offer"), "quiet")
            return
        with put("ul", classes="facts"):
            for fact in explain_offer(row.offer_reason, here.language):
                put("li", fact)


def draw_chance(here: Here, outcome: Outcome, chance: Chance) -> None:
    """What was learned from outcomes. It stands beside the score and changes nothing."""
    first, *reasons = explain_chance(chance.chance, chance.reasons, chance.horizon_days, here.language, outcome)
    with put("section", classes="card"):
        put("h2", here.words("learned"))
        put("p", first)
        with put("ul", classes="facts"):
            for reason in reasons:
                put("li", reason)
        put("p", here.words("learned_promoted" if chance.promoted else "learned_beside"), "quiet")


def draw_way(here: Here, changes: list[Any], now: datetime) -> None:
    """The score over time, as a picture and as a table of every change."""
    words = here.words
    with put("section", classes="card"):
        put("h2", words("over_time"))
        if not changes:
            put("p", words("no_history"), "quiet")
            return
        moments = [Moment(change.at, change.points, change.receipt) for change in changes]
        start, end = moments[0], moments[-1]
        ends = {"start": day(start.at.date(), here), "end": day(now.date(), here)}
        label = words("over_time_label", **ends, first=start.points, last=end.points)
        with put("div", classes="history"):
            top, bottom = find_range(moments)
            with put("div", classes="levels", aria_hidden="true"):
                for level in (100, 50, 0):
                    put("span", str(level), style=f"top:{100 * (top - level) / (top - bottom):.1f}%")
            picture(draw_history(moments, now, label))
        with put("div", classes="scale dates", aria_hidden="true"):
            for on in ends.values():
                put("span", on)
        draw_legend(here, moments)
        with put("details"):
            put("summary", words("every_change"))
            draw_changes(here, changes)


def draw_legend(here: Here, moments: list[Moment]) -> None:
    latest = {line["rule"]: line for moment in moments for line in moment.receipt}
    with put("ul", classes="legend"):
        for rule, colour in choose_colours(moments).items():
            signal = latest[rule]["fact"].get("signal", rule)
            with put("li"):
                put("i", classes=f"c{colour}", aria_hidden="true")
                named = signal not in ("cap", "limit", rule)
                told = name_signal(signal, here.language) if named else explain_line(latest[rule], here.language)
                put("span", told)


def draw_changes(here: Here, changes: list[Any]) -> None:
    words, zone = here.words, get_room().settings.timezone
    body, _ = table([words(name) for name in ("computed_when", "points", "receipt")], words("every_change"))
    for change, older in reversed(list(zip(changes, [None, *changes[:-1]], strict=True))):
        differences = compare_receipts(older.receipt if older else [], change.receipt)
        with body, put("tr"):
            put("td", write_moment(change.at, here.language, zone))
            put("td", str(change.points), "number")
            with put("td"):
                draw_lines([(one["points"], one["words"]) for one in tell_differences(differences, here.language)])
