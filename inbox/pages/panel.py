"""The right column: who the customer is and what is known, so that nobody asks twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from nicegui.element import Element
from sqlalchemy import Row

from inbox.pages.known import Known, read_known
from inbox.pages.parts import write_day
from offers.explain import explain_offer
from pages.page import Here
from pages.parts import link, put
from pages.room import get_room
from scoring.explain import explain_gates, explain_line


@dataclass
class Panel:
    """The column in one browser; drawn anew only when it would say something else."""

    here: Here
    shown: Known | None = field(default=None, init=False)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    column: Element = field(init=False)

    def place(self) -> None:
        self.column = put("div", classes="panel-inside")

    async def show(self, row: Row[Any] | None) -> None:
        """Reads and draws what is known of this contact; one reading after the other."""
        async with self.one_at_a_time:
            await self.read(row)

    async def read(self, row: Row[Any] | None) -> None:
        if row is None:
            self.shown = None
            self.column.clear()
            return
        async with get_room().sessions() as session:
            known = await read_known(session, row.contact_id)
        if known == self.shown or self.here.client.is_deleted:
            return
        self.shown = known
        self.column.clear()
        with self.column:
            self.draw(known, row)

    def draw(self, known: Known, row: Row[Any]) -> None:
        back = put("button", self.here.words("back_to_chat"), "button small only-small", type="button")
        back.props["data-back"] = "chat"
        self.draw_person(known, row)
        self.draw_answers(known)
        self.draw_score(known)
        self.draw_consent(known)

    def draw_person(self, known: Known, row: Row[Any]) -> None:
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

    def draw_answers(self, known: Known) -> None:
        """What the customer told, each with the sentence it came from."""
        words = self.here.words
        with put("section"):
            put("h3", words("collected"))
            if not known.answers:
                put("p", words("nothing_collected"), "quiet")
            with put("dl", classes="answers"):
                for answer in known.answers:
                    name = answer["name"]
                    with put("div"):
                        put("dt", words(f"value_{name}") if f"value_{name}" in words else name.replace("_", " "))
                        with put("dd"):
                            put("b", say_value(answer["value"], self.here))
                            put("q", answer["sentence"], "quiet")

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
