"""A small world for journeys: contacts who agreed to be written to, campaigns that run, and a clock that is moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from campaigns.entering import DuePlan, enter
from campaigns.journeys.reading import FOLDER
from campaigns.journeys.versions import publish_version
from campaigns.walking import walk_due
from core.db import Sessions
from core.settings import Settings
from core.tables import Campaign, Consent, Contact, Contract, Event, Lane, NextOffer, Plan, Score
from scoring.editions import read_edition
from scoring.refresh import load_facts
from scoring.rollup import roll_up
from scoring.score import score_contact

BEGIN_TURN = text("""
    INSERT INTO turn (contact_id, session_number, text, decision, language, intent, started_at)
    VALUES (:contact, 1, :said, :decision, 'it', :intent, :now) RETURNING id
""")
STORE_MESSAGE = text("""
    INSERT INTO message (contact_id, wamid, phone_number_id, kind, text, payload, sent_at, turn_id)
    VALUES (:contact, :wamid, '900', 'text', :said, '{}', :now, :turn)
""")
TOUCH = text("UPDATE contact SET last_inbound_at = :now WHERE id = :contact")
END_TURN = text("UPDATE turn SET finished_at = :then WHERE id = :turn")


@dataclass
class World:
    """What the tests of journeys do and look at; now is moved by them."""

    sessions: Sessions
    settings: Settings
    now: datetime

    async def add(self, *rows: Any) -> None:
        async with self.sessions.begin() as session:
            session.add_all(rows)

    async def meet(self, number: int = 1, eager: bool = True, **known: Any) -> int:
        """A contact who agreed to marketing and wrote three days ago; an eager one opened an offer, wants a quote."""
        before = self.now - timedelta(days=3)
        known = {"name": "Anna Rossi", "language": "it", "place": "Bolzano", "value": 1200} | known
        contact = Contact(token=f"c{number}", phone=f"+3933300{number:05}", last_inbound_at=before, **known)
        async with self.sessions.begin() as session:
            session.add(contact)
            await session.flush()
            agreed = {"given": True, "channel": "import", "wording": "sì", "proof": "f"}
            session.add(Consent(contact_id=contact.id, purpose="marketing", at=self.now - timedelta(days=90), **agreed))
            session.add(Lane(contact_id=contact.id))
            for kind in ("offer_click", "quote_request") if eager else ():
                session.add(Event(contact_id=contact.id, kind=kind, at=before, data={}))
            wrote = {
                "contact": contact.id,
                "wamid": f"first{contact.id}",
                "said": "ciao",
                "now": before,
                "then": before,
            }
            wrote |= {"decision": "ask_rasa", "intent": "greet"}
            wrote["turn"] = await session.scalar(BEGIN_TURN, wrote)
            await session.execute(STORE_MESSAGE, wrote)
            await session.execute(END_TURN, wrote)
        return contact.id

    async def score(self) -> None:
        """Everybody's score as of now. Offers are as the test says, none is looked for."""
        async with self.sessions.begin() as session:
            ids = list(await session.scalars(text("SELECT id FROM contact ORDER BY id")))
            await roll_up(session, ids, self.now, self.settings.timezone)
            for one in ids:
                if found := await load_facts(session, one, self.now, self.settings.timezone):
                    result = score_contact(found[0], await read_edition(session), found[1])
                    known = {name: getattr(result, name) for name in ("pack", "version", "points", "band")}
                    gate = list(result.gate)
                    await session.merge(Score(contact_id=one, receipt=[], gate=gate, computed_at=self.now, **known))

    async def sign(self, contact_id: int, kind: str, days: int) -> None:
        """A contract that ends in so many days."""
        ends = (self.now + timedelta(days=days)).date()
        await self.add(Contract(contact_id=contact_id, kind=kind, expires_on=ends, source="import"))

    async def save(self, contact_id: int, percent: int = 9, kind: str = "electricity") -> None:
        """An offer that saves the contact so much."""
        offer = {"offer_code": "X", "supplier": "Alperia", "yearly_saving": 60, "currency": "EUR", "reason": []}
        await self.add(
            NextOffer(contact_id=contact_id, kind=kind, saving_percent=percent, computed_at=self.now, **offer)
        )

    async def run(self, campaign: str, content: str | None = None, control_percent: int = 0) -> int:
        """Publishes a journey, the shipped one unless told otherwise, and has it run; nobody is left alone."""
        content = content or (FOLDER / f"{campaign}.yml").read_text(encoding="utf-8")
        content = f"control_percent: {control_percent}\n" + content.replace("control_percent: 10\n", "")
        async with self.sessions.begin() as session:
            version_id = await publish_version(session, campaign, content, "Sofia", self.now)
            (await session.get_one(Campaign, campaign)).state = "running"
        return version_id

    async def enter(self, campaign: str, *contact_ids: int, occasion: str = "o1", **data: Any) -> list[str]:
        """Makes plans due now and lets them in; their outcomes."""
        await self.score()
        plans = [
            Plan(campaign=campaign, contact_id=one, occasion=occasion, due_at=self.now, created_at=self.now, data=data)
            for one in contact_ids
        ]
        async with self.sessions.begin() as session:
            session.add_all(plans)
            await session.flush()
            due = [DuePlan(one.id, campaign, one.contact_id, occasion, data) for one in plans]
            await enter(session, self.settings, due, self.now)
        return [row.outcome for row in await self.read("SELECT outcome FROM plan ORDER BY id")][-len(contact_ids) :]

    async def walk(self, **passed: float) -> int:
        """Moves the clock on and walks until nothing is due."""
        self.now += timedelta(**passed)
        walked = 0
        for _ in range(20):
            moved = await walk_due(self.sessions, self.settings, self.now)
            walked += moved
            if not moved:
                return walked
        raise AssertionError("something stays due")

    async def say(self, contact_id: int, intent: str, text: str = "", decision: str = "ask_rasa") -> None:
        """The contact says something a moment later, and the turn about it is over."""
        self.now += timedelta(minutes=1)
        row = {"contact": contact_id, "decision": decision, "intent": intent, "said": text or f"/{intent}"}
        row |= {"now": self.now, "then": self.now + timedelta(seconds=1), "wamid": f"w{await self.count('message')}"}
        async with self.sessions.begin() as session:
            row["turn"] = await session.scalar(BEGIN_TURN, row)
            await session.execute(STORE_MESSAGE, row)
            await session.execute(TOUCH, row)
        async with self.sessions.begin() as session:
            await session.execute(END_TURN, row)
        self.now += timedelta(seconds=2)

    async def happen(self, contact_id: int, kind: str, **data: Any) -> None:
        """Something happens with the contact a moment later."""
        self.now += timedelta(minutes=1)
        await self.add(Event(contact_id=contact_id, kind=kind, at=self.now, data=data))

    async def read(self, sql: str, **values: Any) -> Sequence[Any]:
        async with self.sessions() as session:
            return (await session.execute(text(sql), values)).all()

    async def count(self, table: str) -> int:
        return int((await self.read(f"SELECT count(*) FROM {table}"))[0][0])

    async def sent(self) -> list[str]:
        """The templates in the outbox, in order."""
        rows = await self.read(
            "SELECT body -> 'template' ->> 'name' AS name FROM outbox WHERE kind = 'template' ORDER BY id"
        )
        return [row.name for row in rows]

    async def stands(self) -> list[Any]:
        """Per enrollment its step, and how it ended."""
        return [tuple(row) for row in await self.read("SELECT step, outcome FROM enrollment ORDER BY id")]
