"""A customer in the middle of the comparison, and a way to run an action as Rasa does."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from sqlalchemy import text

from actions import store
from actions.catalogue import ACTIONS
from core.db import Sessions
from core.settings import Settings
from core.tables import Contact
from offers.catalogue import load_catalogue

DOMAIN = yaml.safe_load((Path(__file__).parents[2] / "domain.yml").read_text(encoding="utf-8"))
NEEDED = {
    name: set(re.findall(r"(?<!\{)\{(\w+)\}(?!\})", json.dumps(variations, ensure_ascii=False)))
    for name, variations in DOMAIN["responses"].items()
}


@dataclass
class Done:
    """What an action did. said: the names of the texts in order."""

    events: list[dict[str, Any]]
    messages: list[dict[str, Any]]

    @property
    def said(self) -> list[str]:
        return [message["response"] for message in self.messages if message["response"]]

    @property
    def slots(self) -> dict[str, Any]:
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}


@dataclass
class Customer:
    """slots: what Rasa knows. events: what happened before. heard: what else was read in the message, such as parts."""

    token: str = "ada"
    slots: dict[str, Any] = field(default_factory=lambda: {"language": "it"})
    events: list[dict[str, Any]] = field(default_factory=list)
    heard: dict[str, Any] = field(default_factory=dict)

    def said(self, *intents: str) -> None:
        """Earlier messages with these intents."""
        self.events = [
            {"event": "user", "parse_data": {"message_id": f"before{at}", "intent": {"name": intent}}}
            for at, intent in enumerate(intents)
        ]

    async def run(self, action: str, sentence: str = "", intent: str = "inform", key: str = "t1", **told: Any) -> Done:
        """Runs an action on a message that tells these values; the slots follow its events."""
        self.slots |= {name: value for name, value in told.items() if name not in ("latitude", "longitude")}
        tracker = Tracker.from_dict(
            {
                "sender_id": f"{self.token}.1",
                "slots": dict(self.slots),
                "latest_message": {
                    "message_id": key,
                    "text": sentence,
                    "intent": {"name": intent},
                    "entities": [{"entity": name, "value": value} for name, value in told.items()],
                    **self.heard,
                },
                "active_loop": {"name": "conversation_form"} if self.slots.get("requested_slot") else {},
                "events": [
                    *self.events,
                    {"event": "action", "name": "conversation_form"},
                    *({"event": "slot", "name": name, "value": value} for name, value in told.items()),
                ],
            }
        )
        dispatcher = CollectingDispatcher()
        done = Done(await ACTIONS[action](dispatcher, tracker, {}), dispatcher.messages)
        self.slots |= done.slots
        check_filled(done.messages)
        return done

    async def tell(self, sentence: str = "", intent: str = "inform", key: str = "t1", **told: Any) -> Done:
        """Answers the open question of the comparison."""
        return await self.run("validate_conversation_form", sentence, intent, key, **told)


def check_filled(messages: list[dict[str, Any]]) -> None:
    """Every text an action says gets all the values it shows."""
    for message in messages:
        name = message.get("response")
        lacking = {value for value in NEEDED.get(name or "", set()) if message.get(value) is None}
        assert not lacking, f"{name} is said without {lacking}"


@pytest.fixture(autouse=True)
def in_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's facts are the sample's."""
    monkeypatch.setenv("PRONTO_DEMO", "1")


@pytest_asyncio.fixture
async def connected(sessions: Sessions, settings: Settings) -> Sessions:
    """Actions on a database with places and offers and one contact, Ada."""
    store.use(sessions, settings)
    async with sessions.begin() as session:
        await load_catalogue(session)
        session.add(Contact(token="ada", phone="+393331234567", name="Ada", country="IT"))
    return sessions


@pytest.fixture
def ada(connected: Sessions) -> Customer:
    return Customer(slots={"language": "it", "conversation": "energy_comparison", "requested_slot": "postcode"})


@pytest_asyncio.fixture
async def ask(connected: Sessions) -> Callable[..., Awaitable[Any]]:
    """Asks the database for one value."""

    async def ask(sql: str, **values: Any) -> Any:
        async with connected() as session:
            return await session.scalar(text(sql), values)

    return ask
