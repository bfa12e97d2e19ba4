"""People in a campaign, at one step or at all of them, and the whole story of one of them."""

from __future__ import annotations

from campaigns.gate.explain import name_reason
from campaigns.pages.parts import ROLES, WORDS, all_words, moment, name_arm
from campaigns.pages.read import find_contact, list_people
from campaigns.results.chain import Happened, read_chain
from core.types import HoldReason
from pages.page import Here, page
from pages.parts import link, put, table
from pages.room import get_room
from pages.words import Words


@page("/campaigns/{name}/people", title="people_title", words=WORDS, roles=ROLES)
async def show_people(here: Here, name: str, step: str = "") -> None:
    words = all_words(here)
    async with get_room().sessions() as session:
        rows = await list_people(session, name, step[:100])
    link(name, f"/campaigns/{name}", "back", "arrow_back")
    with put("section", classes="card"):
        put("h2", words("show_people", step=step, people=len(rows)) if step else words("people"))
        if not rows:
            put("p", words("nobody"), "quiet")
            return
        body, _ = table([words(one) for one in ("people", "arm", "step", "since")], words("people"))
        for row in rows:
            with body, put("tr"):
                with put("td"), put("span", classes="person"):
                    link(row.name or words("no_name"), f"/campaigns/{name}/people/{row.token}")
                    put("span", row.address or "", "quiet")
                put("td", name_arm(row.arm, words))
                put("td", row.outcome or row.step or "–")
                put("td", moment(row.step_at, here))


@page("/campaigns/{name}/people/{token}", title="chain", words=WORDS, roles=ROLES)
async def show_chain(here: Here, name: str, token: str) -> None:
    words = all_words(here)
    async with get_room().sessions() as session:
        contact = await find_contact(session, token)
        chain = await read_chain(session, name, contact.id) if contact else []
    link(name, f"/campaigns/{name}", "back", "arrow_back")
    with put("section", classes="card"):
        if contact is None or not chain:
            put("p", words("nobody"), "quiet")
            return
        with put("h2"):
            link(contact.name or words("no_name"), f"/score/{contact.token}")
        body, _ = table([words(one) for one in ("when", "what", "why")], words("chain"))
        for one in chain:
            with body, put("tr"):
                put("td", moment(one.at, here))
                put("td", f"{words(f'link_{one.kind}')}: {one.what}" if one.what else words(f"link_{one.kind}"))
                put("td", " · ".join(part for part in (say_detail(one, words), one.text) if part))


def say_detail(one: Happened, words: Words) -> str:
    """The second word of a link in the reader's language, where it is one of ours."""
    if one.kind == "held" and one.detail in set(HoldReason):
        return name_reason(one.detail, words.language)
    return one.detail
