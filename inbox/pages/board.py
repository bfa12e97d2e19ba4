"""What is open in the inbox, read once per process and kept true by the database's bell: pages look here."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.types import HandoffState
from inbox.notes import read_called
from inbox.pages.waiting import Row, read_open
from pages.room import Room, get_room

SETTLE = 0.05  # seconds between two readings: what comes meanwhile is read together
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Board:
    """rows: contact id to the line of its open handoff. watchers: told after every change which lines have news.

    called: contact id to the accounts whom an unread note about it calls.
    html: what pages drew of a line, for all that speak the same language.
    """

    room: Room
    rows: dict[int, Row] = field(default_factory=dict)
    called: dict[int, frozenset[int]] = field(default_factory=dict)
    watchers: set[Callable[[list[Row]], None]] = field(default_factory=set)
    html: dict[tuple[str, str, bool], tuple[Row, str]] = field(default_factory=dict)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    known: bool = False
    dealt: tuple[dict[str, list[Row]], dict[int, list[Row]]] | None = None

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
            news = await self.read(ids)
        if news is not None:
            for tell in tuple(self.watchers):
                tell(news)

    async def read(self, contact_ids: list[int] | None) -> list[Row] | None:
        """The lines with more to read than before; None: everything is as it was."""
        async with self.room.sessions() as session:
            found = {row.contact_id: row for row in await read_open(session, contact_ids)}
            called = await read_called(session, contact_ids)
        wanted = set(self.rows) | set(self.called) | set(found) if contact_ids is None else set(contact_ids)
        calls = {one for one in wanted | set(called) if self.called.get(one) != called.get(one)}
        changed = {one for one in wanted if self.rows.get(one) != found.get(one)}
        news = [found[one] for one in changed if one in found and found[one].unread > count_unread(self.rows.get(one))]
        self.called = {one: by for one, by in self.called.items() if one not in calls} | called
        for one in changed:
            if one in found:
                self.rows[one] = found[one]
            else:
                self.rows.pop(one, None)
        if changed:
            self.dealt = None
        if contact_ids is None:
            self.html.clear()
        return news if changed or calls else None

    def find_rows(self, view: str, account_id: int) -> list[Row]:
        """What is open in a view, as this agent looks at it; many pages ask, so it is dealt once after a change."""
        states, owners = self.dealt = self.dealt or deal(self.rows.values())
        if view == "mine":
            return [row for row in owners.get(account_id, ()) if row.state == HandoffState.ASSIGNED]
        if view == "team":
            return [row for row in states.get(HandoffState.ASSIGNED, ()) if row.account_id != account_id]
        return states.get(view, [])

    def count_rows(self, account_id: int) -> dict[str, int]:
        """How many stand in each view, and whom notes call."""
        states, _ = self.dealt = self.dealt or deal(self.rows.values())
        counts = {state: len(rows) for state, rows in states.items()}
        mine = len(self.find_rows("mine", account_id))
        called = sum(account_id in who for who in self.called.values())
        return counts | {"mine": mine, "team": counts.get(HandoffState.ASSIGNED, 0) - mine, "called": called}

    def find_unread(self, account_id: int) -> list[Row]:
        """One's own that one has not read to the end."""
        _, owners = self.dealt = self.dealt or deal(self.rows.values())
        return [row for row in owners.get(account_id, ()) if row.unread]

    def watch(self, tell: Callable[[list[Row]], None]) -> Callable[[], None]:
        """Calls tell after every change; the answer ends that."""
        self.watchers.add(tell)
        return lambda: self.watchers.discard(tell)


async def open_board() -> Board:
    """The one board of this process; the first page that asks for it makes it."""
    room = get_room()
    if not _boards or _boards[0].room is not room:
        board = Board(room)
        _boards[:] = [board]
        for channel in ("contact", "read"):
            room.live.subscribe(channel, board.hear, pause=SETTLE)
    await _boards[0].begin()
    return _boards[0]


def count_unread(row: Row | None) -> int:
    return row.unread if row else 0


_boards: list[Board] = []  # one per process, as the room is


def deal(rows: Iterable[Row]) -> tuple[dict[str, list[Row]], dict[int, list[Row]]]:
    """The lines by state, and by whose they are; each list in the order a view shows it. Pure."""
    states: dict[str, list[Row]] = defaultdict(list)
    owners: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=rank):
        states[str(row.state)].append(row)
        if row.account_id is not None:
            owners[row.account_id].append(row)
    return states, owners


def rank(row: Row) -> tuple[datetime, int]:
    """Who waits longest stands first; what is snoozed, as it wakes up."""
    asleep = row.snoozed_until if row.state == HandoffState.SNOOZED else None
    return asleep or row.unanswered_since or row.opened_at or NEVER, row.handoff_id or 0
