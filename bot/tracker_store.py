"""Conversations in PostgreSQL, schema `rasa`: a write-through cache, because one contact has one turn at a time.

A turn writes its new events in one transaction before it is answered and reads nothing back. A save says how many
events it builds upon; if another Rasa server wrote meanwhile, nothing is stored, the copy here is dropped and
StaleConversationError tells the channel to do the turn again on what is really there.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.orm import sessionmaker

SCHEMA = "rasa"
KEPT = 5000  # conversations in memory, each about 50 kB after ten turns
CONNECTIONS = 4
CONNECT_SECONDS = 3

# One round trip. The lock orders servers that save the same conversation; the count is read after it is held.
_SAVE = """
SELECT pg_advisory_xact_lock(hashtextextended(%(sender)s, 0));
INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)
SELECT %(sender)s, type_name, at, intent_name, action_name, data
FROM unnest(%(types)s::text[], %(times)s::float8[], %(intents)s::text[], %(actions)s::text[], %(data)s::text[])
     WITH ORDINALITY AS new (type_name, at, intent_name, action_name, data, position)
WHERE (SELECT count(*) FROM events WHERE sender_id = %(sender)s) = %(stored)s
ORDER BY position
"""

T = TypeVar("T")


class StaleConversationError(Exception):
    """Another server wrote to this conversation since it was read here; nothing was stored."""


class ProntoTrackerStore(SQLTrackerStore):
    """Rasa's own table of events, so that Rasa's tools can read it, written without reading it back."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        **_: Any,
    ) -> None:
        TrackerStore.__init__(self, domain or Domain.empty(), event_broker)
        self.engine = open_engine(host or read_address())
        self.sessionmaker = sessionmaker(bind=self.engine)
        self._prepared = False
        self._kept: OrderedDict[str, tuple[DialogueStateTracker, int]] = OrderedDict()  # tracker, events stored

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation, from memory if this server had it before; None if it is new."""
        if kept := self._kept.get(sender_id):
            self._kept.move_to_end(sender_id)
            return kept[0]
        rows = await _run_blocking(self._read_events, sender_id)
        if not rows:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, [json.loads(row) for row in rows], self.domain.slots)
        self._keep(tracker, len(rows))
        return tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        return await self.retrieve(conversation_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Commits the events since the last save; raises StaleConversationError if they no longer fit."""
        sender = tracker.sender_id
        stored = self._kept[sender][1] if sender in self._kept else 0
        events = list(tracker.events)[stored:]
        try:
            if events and not await _run_blocking(self._write_events, sender, stored, events):
                raise StaleConversationError(sender)
        except BaseException:
            self.forget(sender)  # what is stored is not known: read it anew
            raise
        self._keep(tracker, stored + len(events))

    def forget(self, sender_id: str) -> None:
        """Drops the copy in memory, after a turn that was not stored."""
        self._kept.pop(sender_id, None)

    def prepare(self) -> None:
        """Makes schema and table; an OperationalError if the database cannot be reached."""
        if self._prepared:
            return
        with self.engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('rasa schema', 0))"))
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            self.Base.metadata.create_all(connection)
        self._prepared = True

    def _keep(self, tracker: DialogueStateTracker, stored: int) -> None:
        self._kept[tracker.sender_id] = (tracker, stored)
        self._kept.move_to_end(tracker.sender_id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _read_events(self, sender_id: str) -> list[str]:
        self.prepare()
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.text("SELECT data FROM events WHERE sender_id = :sender ORDER BY id"), {"sender": sender_id}
            )
            return [row[0] for row in rows]

    def _write_events(self, sender_id: str, stored: int, events: Iterable[Event]) -> bool:
        """Whether the events were stored; False if others are there already."""
        self.prepare()
        dumps = [event.as_dict() for event in events]
        values = {
            "sender": sender_id,
            "stored": stored,
            "types": [dump["event"] for dump in dumps],
            "times": [dump.get("timestamp") or time.time() for dump in dumps],
            "intents": [((dump.get("parse_data") or {}).get("intent") or {}).get("name") for dump in dumps],
            "actions": [dump.get("name") for dump in dumps],
            "data": [json.dumps(dump, ensure_ascii=False) for dump in dumps],
        }
        with self.engine.begin() as connection:
            return bool(connection.exec_driver_sql(_SAVE, values).rowcount)


async def _run_blocking(function: Callable[..., T], *arguments: Any) -> T:
    """In a thread, so that other conversations go on while the database commits."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


def read_address() -> str:
    """The database's address from the environment; KeyError if none is set."""
    return os.environ.get("PRONTO_RASA_DATABASE_URL") or os.environ["PRONTO_DATABASE_URL"]


def open_engine(address: str) -> Engine:
    """Connections into the schema `rasa`, checked before use so that a restart of PostgreSQL passes unnoticed."""
    return sa.create_engine(
        make_url(address).set(drivername="postgresql+psycopg2"),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"options": f"-csearch_path={SCHEMA}", "connect_timeout": CONNECT_SECONDS},
    )
