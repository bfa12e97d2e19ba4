"""What is open in the inbox, read once per process and kept true by the database's bell: pages look here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.types import HandoffState
from inbox.pages.waiting import PER_READ, Row, read_open
from pages.room import Room, get_room

SETTLE = 0.05  # seconds between two readings: what comes meanwhile is read together
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Board:
    """rows: contact id to the line of its open handoff. watchers: who is told when a line changed.

    html: what pages drew of a line, for all that speak the same language.
    """

    room: Room
    rows: dict[int, Row] = field(default_factory=dict)
    watchers: set[Callable[[], None]] = field(default_factory=set)
    html: dict[tuple[str, str, bool], tuple[Row, str]] = field(default_factory=dict)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    known: bool = False

    async def begin(self) -> None:
        """Reads every line once."""
        async with self.one_at_a_time:
            if not self.known:
                await self.read(None)
                self.known = True

    async def hear(self, payloads: frozenset[str]) -> None:
        """Reads the lines of these contacts again, all if news were missed; tells the pages what changed."""
        async with self.one_at_a_time:
            ids = None if "" in payloads else [int(one) for one in payloads if one.isdigit()]
            changed = await self.read(ids)
        if changed:
            for tell in tuple(self.watchers):
                tell()

    async def read(self, contact_ids: list[int] | None) -> bool:
        """Whether anything is other than before."""
        async with self.room.sessions() as session:
            found = {row.contact_id: row for row in await read_open(session, contact_ids)}
        wanted = set(self.rows) | set(found) if contact_ids is None else set(contact_ids)
        changed = {one for one in wanted if self.rows.get(one) != found.get(one)}
        for one in changed:
            if one in found:
                self.rows[one] = found[one]
            else:
                self.rows.pop(one, None)
        if contact_ids is None:
            self.html.clear()
        return bool(changed)

    def watch(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Calls tell after every change; the answer ends that."""
        self.watchers.add(tell)
        return lambda: self.watchers.discard(tell)


async def open_board() -> Board:
    """The one board of this process; the first page that asks for it makes it."""
    room = get_room()
    if not _boards or _boards[0].room is not room:
        board = Board(room)
        _boards[:] = [board]
        room.live.subscribe("contact", board.hear, pause=SETTLE)
    await _boards[0].begin()
    return _boards[0]


_boards: list[Board] = []  # one per process, as the room is


def view_of(row: Row, account_id: int) -> str:
    """The view an open handoff stands in for this agent."""
    if row.state == HandoffState.ASSIGNED:
        return "mine" if row.account_id == account_id else "team"
    return str(row.state)


def sort_view(rows: list[Row], view: str) -> list[Row]:
    """Who waits longest stands first; what is snoozed, as it wakes up."""
    if view == "snoozed":
        return sorted(rows, key=lambda row: (row.snoozed_until or NEVER, row.handoff_id or 0))[:PER_READ]
    return sorted(rows, key=lambda row: (row.unanswered_since or row.opened_at or NEVER, row.handoff_id or 0))[
        :PER_READ
    ]
