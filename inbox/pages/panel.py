"""The right column: who the customer is and what is known, so that nobody asks twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from nicegui.element import Element
from sqlalchemy import Row

from accounts.sessions import require_role
from core import clock
from inbox.card import Card, Told, read_card, read_told
from inbox.correct import correct_answer
from inbox.language_model import has_model
from inbox.notes import list_people
from inbox.pages.acts import Acts
from inbox.pages.ask import Ask
from inbox.pages.drafting import Drafting
from inbox.pages.known import Known, read_known
from inbox.pages.parts import write_day
from inbox.pages.todo import Todo
from inbox.tasks import list_tasks
from inbox.words import RefusedError
from offers.explain import explain_offer
from pages.page import Here
from pages.parts import form, form_choice, form_field, link, put, say
from pages.room import get_room
from scoring.explain import explain_gates, explain_line

SECTIONS = ("person", "start", "tasks", "answers", "score", "consent")


@dataclass
class Panel:
    """The column in one browser; a section is drawn anew only when it would say something else."""

    here: Here
    acts: Acts
    shown: dict[str, Any] = field(default_factory=dict, init=False)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    column: Element = field(init=False)
    sections: dict[str, Element] = field(init=False)
    todo: Todo = field(init=False)

    def place(self) -> None:
        self.todo = Todo(self.here, self.acts)
        self.column = put("div", classes="panel-inside")
        with self.column:
            back = put("button", self.here.words("back_to_chat"), "button small only-small", type="button")
            back.props["data-back"] = "chat"
            self.sections = {name: put("div") for name in SECTIONS}

    async def show(self, row: Row[Any] | None) -> None:
        """Reads and draws what is known of this contact; one reading after the other."""
        async with self.one_at_a_time:
            await self.read(row)

    async def read(self, row: Row[Any] | None) -> None:
        if row is None:
            for name in SECTIONS:
                self.acts.begin(name)
                self.show_section(name, None, lambda: None)
            return
        async with get_room().sessions() as session:
            known = await read_known(session, row.contact_id)
            settings, visitor = get_room().settings, self.here.visitor
            card = None
            if known is None:
                return
            if row.handoff_id is not None and row.closed_at is None:
                card = await read_card(session, settings, row.handoff_id, self.here.language, visitor.name)
            tasks = await list_tasks(session, row.contact_id)
            names = {one.id: one.name for one in await list_people(session)} if tasks else {}
        if self.here.client.is_deleted:
            return
        who = row.contact_id
        person = (known.name, known.address, known.place, known.region, known.language, known.contracts)
        self.show_section("person", (who, person), lambda: self.draw_person(known))
        self.show_section("start", (who, card), lambda: self.draw_start(known.token, card, who) if card else None)
        todo = [(one.id, one.facts, one.due_on, names.get(one.assigned_to or 0, "")) for one in tasks]
        self.show_section("tasks", (who, todo), lambda: self.todo.draw(known.token, who, tasks, names))
        self.show_section("answers", (who, known.answers), lambda: self.draw_answers(known, who))
        scored = (who, known.score, known.offer_reason)
        self.show_section("score", scored, lambda: self.draw_score(known))
        agreed = (who, known.consent, known.switched_off)
        self.show_section("consent", agreed, lambda: self.draw_consent(known))

    def show_section(self, name: str, facts: Any, draw: Callable[[], None]) -> None:
        if self.shown.get(name) == facts:
            return
        self.shown[name] = facts
        self.sections[name].clear()
        if facts is not None:
            with self.sections[name]:
                draw()

    def draw_person(self, known: Known) -> None:
        words = self.here.words
        with put("section"):
            put("h2", known.name or words("no_name"))
            facts = [known.address, known.place, known.region]
            facts.append(words(f"language_{known.language}") if known.language else None)
            put("p", " · ".join(one for one in facts if one), "quiet")
            for contract in known.contracts:
                ends = contract["expires_on"]
                told = words("contract_ends", on=write_day(ends, self.here)) if ends else words("contract_open")
                kind = words(f"kind_{contract['kind']}") if f"kind_{contract['kind']}" in words else contract["kind"]
                put("p", f"{kind} · {contract['supplier'] or words('unknown')} · {told}")

    def draw_start(self, token: str, card: Card, contact_id: int) -> None:
        """Where to begin: summary, next step, and two replies that one click puts into the box."""
        words = self.here.words
        self.acts.begin("start")
        with put("section"):
            put("p", card.summary)
            put("h3", words("next_step"))
            put("p", card.next_step, "next-step")
            put("h3", words("suggested"))
            with put("div", classes="suggested"):
                for text in card.replies:
                    put("button", text, "suggestion", type="button", data_insert=text)
            if has_model(get_room().settings):
                ask = partial(Drafting(self.here).ask, card, contact_id)
                self.acts.put_button(
                    "start", token, "ask_model", ask, "button small", "auto_awesome", words("ask_model")
                )
            if card.objections:
                put("h3", words("objections"))
                for name, sentence in card.objections:
                    put("p", name)
                    if sentence:
                        put("q", sentence, "quiet")
            if card.sentiment:
                put("p", words("unhappy" if card.sentiment < 0 else "happy"), "quiet")

    def draw_answers(self, known: Known, contact_id: int) -> None:
        """What the customer told, each with the sentence it came from; agents correct what is wrong."""
        words = self.here.words
        self.acts.begin("answers")
        with put("section"):
            put("h3", words("collected"))
            if not known.answers:
                put("p", words("nothing_collected"), "quiet")
            with put("dl", classes="answers"):
                for told in (read_told(one, self.here.language) for one in known.answers):
                    with put("div"):
                        put("dt", told.label)
                        with put("dd"):
                            with put("div", classes="told"):
                                put("b", say_value(told.value, self.here))
                                self.put_correct(known.token, told, contact_id)
                            put("q", told.sentence, "quiet")

    def put_correct(self, token: str, told: Told, contact_id: int) -> None:
        if not isinstance(told.value, dict | list):
            ask, label = partial(self.ask_right, told, contact_id), self.here.words("correct", name=told.label)
            self.acts.put_button("answers", token, f"correct:{told.name}", ask, "plain", "edit", label=label)

    def ask_right(self, told: Told, contact_id: int) -> None:
        words, room = self.here.words, get_room()

        async def correct(fields: dict[str, str]) -> None:
            dialog.close()
            try:
                async with room.sessions.begin() as session:
                    await require_role(session, self.here.visitor)
                    actor, now = self.here.visitor.actor, clock.now()
                    await correct_answer(session, contact_id, told.name, fields["value"], actor, now)
            except RefusedError as error:
                with self.here.client.content:
                    say(error.say(self.here.language, room.settings.timezone), "warning")

        with Ask(self.here, "right_value") as dialog, form(correct):
            if isinstance(told.value, bool):
                options = {"true": words("yes"), "false": words("no")}
                form_choice(told.label, "value", options, str(told.value).lower())
            else:
                form_field(told.label, "value", value=str(told.value), required=True, maxlength="200", autofocus=True)
            dialog.put_end("save")
        dialog.open()

    def draw_score(self, known: Known) -> None:
        words = self.here.words
        with put("section"):
            put("h3", words("score"))
            if known.score is None:
                put("p", words("no_score"), "quiet")
            else:
                score = known.score
                with put("p", classes="score-line"):
                    put("strong", words("of_100", points=score["points"]))
                    put("span", words(f"band_{score['band']}"), f"tag band-{score['band']}")
                with put("ul", classes="lines"):
                    for one in score["receipt"]:
                        with put("li", classes="line"):
                            put("b", f"{one['points']:+d}".replace("-", "−"), "number")
                            put("span", explain_line(one, self.here.language))
                put("p", explain_gates(score["gate"], self.here.language), "quiet")
                link(words("whole_score"), f"/score/{known.token}")
            if known.offer_reason:
                put("h3", words("next_offer"))
                with put("ul", classes="facts"):
                    for fact in explain_offer(known.offer_reason, self.here.language):
                        put("li", fact)

    def draw_consent(self, known: Known) -> None:
        words = self.here.words
        with put("section"):
            put("h3", words("consent"))
            agreed = known.consent
            if agreed is None:
                put("p", words("consent_never"), "quiet")
            else:
                on = write_day(agreed["at"], self.here)
                put("p", words("consent_given" if agreed["given"] else "consent_withdrawn", on=on))
                put("q", agreed["wording"], "quiet")
            if known.switched_off:
                put("p", words("switched_off"))


def say_value(value: Any, here: Here) -> str:
    """A collected value as people write it."""
    if isinstance(value, bool):
        return here.words("yes" if value else "no")
    if isinstance(value, list):
        return ", ".join(say_value(one, here) for one in value)
    return str(value)
