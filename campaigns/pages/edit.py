"""The text of a journey, edited: checked while writing, drawn as a picture, saved as the version released next."""

from __future__ import annotations

import asyncio
import re
from functools import partial

from nicegui import ui
from nicegui.element import Element

from accounts.sessions import NotAllowedError, require_role
from campaigns.journeys.journey import Journey
from campaigns.journeys.reading import FOLDER, read_journey
from campaigns.journeys.steps import Send
from campaigns.journeys.world import World, check_world, read_world
from campaigns.pages.drawing import draw_journey
from campaigns.pages.parts import ROLES, THEME, WORDS, all_words, moment, read_title
from campaigns.pages.read import list_versions
from campaigns.pages.said import say_error, say_fault
from campaigns.pages.texts import draw_texts
from campaigns.release import release
from campaigns.release.states import ReleaseError
from campaigns.release.texts import Standing, read_standing, save_content
from core import clock
from core.tables import Campaign
from offers.yaml_file import FileError, parse_document
from pages.editor import Editor
from pages.page import Here, page
from pages.parts import button, link, put, say, table
from pages.room import get_room
from scoring.editions import read_edition

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@page("/campaigns/{name}/edit", title="edit_title", words=WORDS, roles=ROLES)
async def show_editor(here: Here, name: str, copy: str = "") -> None:
    words = all_words(here)
    async with get_room().sessions() as session:
        standing = await read_standing(session, name)
        other = await read_standing(session, copy) if copy and not standing.content else None
        rules = await read_edition(session)
    back = f"/campaigns/{name}" if standing.content else "/campaigns"
    link(await read_title(name, here) if standing.content else words("all_campaigns"), back, "back", "arrow_back")
    begun = standing.content or (other.content if other else "")
    if not begun or not NAME.fullmatch(name):
        here.client.status_code = 404
        put("p", words("name_rule") if begun else words("no_campaign"), "card")
        return
    try:
        world = await asyncio.to_thread(read_world, rules)
    except FileError as error:  # of a template, which is mended elsewhere
        put("p", say_fault(words, error), "problem", role="alert")
        return
    await EditPage(here, standing, begun, world).draw()


def inspect(name: str, content: str, world: World) -> Journey:
    """The journey of a text. FileError: the first thing that does not hold together."""
    document = parse_document(FOLDER / f"{name}.yml", content)
    journey = read_journey(document)
    check_world(document, journey, world)
    return journey


class EditPage:
    """The page in one browser. standing: what there was when it was opened or saved last; begun: what is edited."""

    def __init__(self, here: Here, standing: Standing, begun: str, world: World) -> None:
        self.here, self.words, self.name = here, all_words(here), standing.name
        self.standing, self.begun, self.world = standing, begun, world
        self.editor: Editor
        self.picture: ui.mermaid
        self.divided: Element
        self.texts: Element
        self.versions: Element

    async def draw(self) -> None:
        words = self.words
        put("p", words("edit_intro"), "quiet")
        self.divided = put("div")
        with put("div", classes="workshop"):
            with put("section", classes="card"):
                put("h2", words("journey_text"))
                self.editor = Editor(self.here, self.begun, words("journey_text"), self.check)
                button(words("save_version"), self.save, "main", "save")
            with put("div"):
                with put("section", classes="card"):
                    put("h2", words("journey"))
                    with put("div", classes="journey", role="img", aria_label=words("journey_drawing"), tabindex="0"):
                        self.picture = ui.mermaid("", THEME)
                    self.texts = put("div")
                self.editor.draw_difference(words("edit_difference"))
        self.versions = put("section", classes="card")
        await self.draw_standing()
        await self.editor.start()

    async def check(self) -> None:
        """Says whether the text holds together and, if it does, draws it."""
        mine, content = self.editor.begin(), self.editor.content
        self.editor.show_difference(self.begun)
        try:
            journey = await asyncio.to_thread(inspect, self.name, content, self.world)
        except FileError as error:
            if mine == self.editor.round:
                self.show_problem(error)
            return
        if mine != self.editor.round:
            return
        self.editor.show_good(self.words("edit_good"))
        self.picture.set_content(draw_journey(journey, self.words, {}))
        self.texts.clear()
        with self.texts:
            draw_texts(self.words, {step: one for step, one in journey.steps.items() if isinstance(one, Send)})

    def show_problem(self, error: FileError) -> None:
        self.editor.show_problem(error.line, error.tell(self.words.language))

    async def save(self) -> None:
        """Keeps the text and checks the campaign; whoever approves it then lets it out."""
        words, visitor, content, now = self.words, self.here.visitor, self.editor.content, clock.now()
        try:
            await asyncio.to_thread(inspect, self.name, content, self.world)
            async with get_room().sessions.begin() as session:
                await require_role(session, visitor, *ROLES)
                await save_content(session, self.name, content, self.standing.mark, visitor.actor, now)
                campaign = await release.check(session, self.name, visitor.actor, now)
                state = campaign.state
        except FileError as error:
            self.show_problem(error)
            return
        except ReleaseError as error:
            say(say_error(words, error), "negative")
            return
        except NotAllowedError:
            ui.navigate.to("/campaigns")
            return
        say(words("saved_beside") if state in ("running", "paused") else words("saved"))
        self.begun = content
        self.editor.show_difference(self.begun)
        await self.draw_standing()

    async def draw_standing(self) -> None:
        """Shows versions and the file, and whether somebody has to choose."""
        words = self.words
        async with get_room().sessions() as session:
            self.standing = await read_standing(session, self.name)
            versions = await list_versions(session, self.name)
            campaign = await session.get(Campaign, self.name)
            counting = campaign.version_id if campaign else None
        self.divided.clear()
        with self.divided:
            if self.standing.is_divided:
                put("p", words("divided"), "held")
        self.versions.clear()
        with self.versions:
            put("h2", words("versions"))
            headings = [words(one) for one in ("version_number", "when", "who", "take_text")]
            body, _ = table(headings, words("versions"))
            draw = partial(self.editor.draw_version, take=words("take_text"), taken=words("text_taken"))
            for one in versions:
                cells = (str(one.number), moment(one.published_at, self.here), one.published_by)
                tag = words("version_counts") if one.id == counting else None
                draw(body, cells, one.content, tag)
            if self.standing.file is not None:
                draw(body, ("–", "", words("the_file")), self.standing.file, None)
