"""People in a campaign, at one step or at all of them, and the whole story of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Row

from campaigns.journeys.journey import Journey
from campaigns.pages.drawing import say_short
from campaigns.pages.names import (
    name_arm,
    name_event,
    name_held,
    name_reply,
    name_state,
    say_band,
    say_move,
    say_occasion,
    say_outcome,
    say_plan,
)
from campaigns.pages.parts import PAUSE, ROLES, WORDS, all_words, moment, read_current_journey, read_title, say_title
from campaigns.pages.read import PER_PAGE, find_contact, list_people
from campaigns.pages.rows import Cell, Rows, show_or_hide
from campaigns.results.chain import Happened, read_chain
from core.wording import format_money
from pages.page import Here, page
from pages.parts import link, put, table
from pages.room import get_room
from pages.words import Words

type Say = Callable[[str, Words], str]
WHAT: Mapping[str, Say] = {"planned": say_occasion, "entered": name_arm, "event": name_event, "ended": say_outcome}
DETAIL: Mapping[str, Say] = {
    "planned": say_plan,
    "entered": say_band,
    "step": say_move,
    "sent": name_state,
    "answer": name_state,
    "held": name_held,
    "reply": name_reply,
}


@page("/campaigns/{name}/people", title="people_title", words=WORDS, roles=ROLES)
async def show_people(here: Here, name: str, step: str = "", page: int = 0) -> None:
    words, place, at = all_words(here), max(page, 0), step[:100]
    journey = await read_current_journey(name)
    link(say_title(journey, here) if journey else name, f"/campaigns/{name}", "back", "arrow_back")
    with put("section", classes="card"):
        put("h2", words("people_at", step=at) if at else words("people"))
        nobody = put("p", words("nobody"), "quiet")
        with put("div") as listed:
            shown = Rows([words(one) for one in ("people", "arm", "step", "since")], words("people"))
        with put("div", classes="row pager"):
            where = {"step": at} if at else {}
            if place:
                link(words("newer"), f"/campaigns/{name}/people?{urlencode(where | {'page': place - 1})}", "button")
            older = link(words("older"), f"/campaigns/{name}/people?{urlencode(where | {'page': place + 1})}", "button")

    async def refresh(names: frozenset[str] = frozenset()) -> None:
        async with get_room().sessions() as session:
            rows = await list_people(session, name, at, place)
        shown.show({(row.id,): describe(here, words, name, journey, row) for row in rows[:PER_PAGE]})
        show_or_hide(nobody, not rows)
        show_or_hide(listed, bool(rows))
        show_or_hide(older, len(rows) > PER_PAGE)

    await refresh()
    here.read_news("campaign", refresh, lambda told: told == name, PAUSE)


def describe(here: Here, words: Words, name: str, journey: Journey | None, row: Row[Any]) -> Sequence[Cell]:
    step = journey.steps.get(row.step) if journey and row.step else None
    stands = Cell(row.step or "–", note=say_short(step, words) if step else "")
    return (
        Cell(row.name or words("no_name"), to=f"/campaigns/{name}/people/{row.token}", note=row.address or ""),
        Cell(name_arm(row.arm, words)),
        Cell(say_outcome(row.outcome, words)) if row.outcome else stands,
        Cell(moment(row.step_at, here)),
    )


@page("/campaigns/{name}/people/{token}", title="chain", words=WORDS, roles=ROLES)
async def show_chain(here: Here, name: str, token: str) -> None:
    words = all_words(here)
    async with get_room().sessions() as session:
        contact = await find_contact(session, token)
        chain = await read_chain(session, name, contact.id) if contact else []
    link(await read_title(name, here), f"/campaigns/{name}", "back", "arrow_back")
    with put("section", classes="card"):
        if contact is None or not chain:
            put("p", words("nobody"), "quiet")
            return
        with put("h2"):
            link(contact.name or words("no_name"), f"/score/{contact.token}")
        body, _ = table([words(one) for one in ("when", "what", "details")], words("chain"), "stacked")
        for one in chain:
            with body, put("tr"):
                put("td", moment(one.at, here))
                put("td", ": ".join(part for part in (words(f"link_{one.kind}"), say_what(one, words)) if part))
                put("td", " · ".join(part for part in (say_detail(one, words), one.text) if part), "message-text")


def say_what(one: Happened, words: Words) -> str:
    """The first word of a link, in the reader's language where it is one of ours."""
    match one.kind:
        case "converted":
            return format_money(Decimal(one.what), one.detail, words.language) if one.what else ""
        case "reply" | "answer":
            return ""
    return WHAT[one.kind](one.what, words) if one.kind in WHAT else one.what


def say_detail(one: Happened, words: Words) -> str:
    """The second word of a link, likewise."""
    if not one.detail or one.kind == "converted":
        return ""
    return DETAIL[one.kind](one.detail, words) if one.kind in DETAIL else one.detail
