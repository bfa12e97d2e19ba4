"""What each agent speaks and knows, their team, and how much at a time: it decides who gets a handoff. For admins."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from accounts.sessions import require_role
from core import clock
from core.types import Language, Role
from inbox.agents import SKILLS, Present, read_agents, set_profile
from inbox.pages.parts import WORDS
from pages.look import look_url
from pages.page import Here, page
from pages.parts import form, form_field, put, say
from pages.room import get_room

MOST = 99  # handoffs at a time


@page("/inbox/agents", title="agents", words=WORDS, roles=(Role.ADMIN,))
async def show_agents(here: Here) -> None:
    ui.add_head_html(f'<link rel="stylesheet" href="{look_url("inbox.css")}">')
    async with get_room().sessions() as session:
        agents = await read_agents(session)
    put("p", here.words("agents_explained"), "quiet")
    if not agents:
        put("p", here.words("agents_none"))
    with put("datalist", id="teams"):
        for team in sorted({one.team for one in agents if one.team}):
            put("option", value=team)
    with put("div", classes="agents"):
        for one in agents:
            draw_agent(here, one)


def draw_agent(here: Here, agent: Present) -> None:
    words = here.words
    with put("section", classes="card agent"):
        put("h2", agent.name)
        with form(partial(save, here, agent)):
            languages = {one.value: words(f"language_{one}") for one in Language}
            draw_ticks(words("speaks"), "language", languages, agent.languages)
            skills = {one: words(f"skill_{one}") for one in sorted(set(SKILLS.values()))}
            draw_ticks(words("knows"), "skill", skills, agent.skills)
            with put("div", classes="row"):
                form_field(words("team"), "team", value=agent.team or "", maxlength="60", list="teams")
                form_field(words("most_open"), "most_open", "number", value=str(agent.most_open), min="1",
                           max=str(MOST), required=True)  # fmt: skip
                put("button", words("save"), "button main", type="submit")


def draw_ticks(title: str, group: str, names: dict[str, str], ticked: tuple[str, ...]) -> None:
    with put("fieldset", classes="ticks"):
        put("legend", title)
        for name, text in names.items():
            with put("label", classes="tick-line"):
                put("input", type="checkbox", name=f"{group}:{name}", checked=name in ticked)
                put("span", text)


async def save(here: Here, agent: Present, fields: dict[str, str]) -> None:
    languages = [one.value for one in Language if f"language:{one}" in fields]
    skills = [one for one in sorted(set(SKILLS.values())) if f"skill:{one}" in fields]
    wished = fields["most_open"]
    most_open = min(max(int(wished), 1), MOST) if wished.isdigit() else agent.most_open
    async with get_room().sessions.begin() as session:
        await require_role(session, here.visitor, Role.ADMIN)
        actor, now = here.visitor.actor, clock.now()
        await set_profile(session, agent.id, languages, skills, fields["team"], most_open, actor, now)
    say(here.words("agent_saved", name=agent.name))
