"""Stores a file's rows in batches, each in a transaction of its own: whatever happens, running it again is right."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from contacts.happened import StoredEvents, store_events
from contacts.holders import read_holders
from contacts.importing.columns import Kind
from contacts.importing.errors_file import ErrorsFile
from contacts.importing.plan import Plan
from contacts.importing.problems import Problem
from contacts.importing.reading import Reading, read_contact, read_event
from contacts.importing.seen import sift_rows, start_seen
from contacts.importing.sheet import Row, Sheet
from contacts.incoming import ContactIn
from contacts.intake import Places, Source, Stored, store_contacts
from contacts.suppressed import find_suppressed
from core import clock
from core.db import open_sessions
from core.types import Address

CHANNEL = "import"
BATCH = 1000
LINES = 10  # named per note
TRIES = 3  # after a deadlock with the traffic beside us

type Advance = Callable[[int], None]


@dataclass
class Report:
    """What became of a file. counts: rows and consents by what happened; lines: the first ones of each note."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def note(self, name: str, line: int) -> None:
        self.counts[name] += 1
        if len(known := self.lines.setdefault(name, [])) < LINES:
            known.append(line)


@dataclass
class Run:
    """One import. aside: a connection whose temporary tables know the rows read; places: postcodes looked up."""

    engine: AsyncEngine
    aside: AsyncConnection
    plan: Plan
    secret: str
    errors: ErrorsFile
    dry: bool
    report: Report = field(default_factory=Report)
    places: Places = field(default_factory=dict)


async def import_sheet(
    engine: AsyncEngine, sheet: Sheet, plan: Plan, secret: str, errors: ErrorsFile, *, dry: bool, advance: Advance
) -> Report:
    """Imports all rows; dry: everything but storing. engine: needs two connections."""
    async with engine.connect() as aside:
        await start_seen(aside)
        run = Run(engine, aside, plan, secret, errors, dry)
        take = take_contacts if plan.kind == Kind.CONTACTS else take_events
        for batch in itertools.batched(sheet.rows(), BATCH):
            await take(run, batch)
            run.report.rows += len(batch)
            advance(len(batch))
    return run.report


async def take_contacts(run: Run, batch: Sequence[Row]) -> None:
    """Reads and stores a batch of people and counts what became of each row."""
    now = clock.now()
    readings = [read_contact(row, run.plan, now) for row in batch]
    sifted = await sift_rows(run.aside, [(one.row.line, one.contact) for one in readings if one.contact])
    refused = sifted.refused
    wanted = [one for one in readings if one.contact and one.row.line not in refused | dict.fromkeys(sifted.repeated)]
    good, erased = await leave_out_erased(run, wanted)
    stored = await store_good(run, good, refused, now)
    for one in readings:
        line = one.row.line
        if problem := one.problem or refused.get(line):
            run.errors.add(one.row, problem)
            run.report.note("errors", line)
        elif line in erased:
            run.report.note("suppressed", line)
        else:
            count_row(run, one, again=line in sifted.repeated)
            if line in stored and line not in sifted.again:
                run.report.counts[f"contacts_{stored[line].outcome}"] += 1
    for own in {one.contact_id: one for one in stored.values()}.values():
        run.report.counts["agreed"] += own.agreed
        run.report.counts["withdrew"] += own.withdrew


def count_row(run: Run, reading: Reading, *, again: bool) -> None:
    """Notes what there is to say about a row that was stored."""
    line = reading.row.line
    run.report.counts["stored"] += 1
    if again:
        run.report.note("repeated", line)
    if reading.partly and not again:
        run.errors.add(reading.row, reading.partly)
        run.report.note("partly", line)
    for note in reading.notes:
        run.report.note(note, line)


async def leave_out_erased(run: Run, readings: list[Reading]) -> tuple[list[Reading], set[int]]:
    """Those that may be stored, and the lines of people who had everything erased and neither came back nor agreed."""
    items = {one.row.line: one.contact for one in readings if one.contact}
    ids = [value for item in items.values() for value in (item.phone, item.user_id) if value]
    async with open_sessions(run.engine)() as session:
        erased = await find_suppressed(session, run.secret, ids)
        if not erased:
            return readings, set()
        back = await read_holders(
            session, [Address(item.phone, item.user_id) for item in items.values() if has_id(item)]
        )
    there = {value for holder in back for value in (holder.phone, holder.user_id) if value}
    out = {line for line, item in items.items() if stays_out(item, erased, there)}
    return [one for one in readings if one.row.line not in out], out


def has_id(item: ContactIn) -> bool:
    return bool(item.phone or item.user_id)


def stays_out(item: ContactIn, erased: dict[str, datetime], there: set[str]) -> bool:
    ids = {value for value in (item.phone, item.user_id) if value}
    if not ids & set(erased) or ids & there:
        return False
    last = max(erased[value] for value in ids & set(erased))
    return not any(own.given and own.at > last for own in item.consent)


async def store_good(
    run: Run, readings: list[Reading], refused: dict[int, Problem], now: datetime
) -> dict[int, Stored]:
    """Stores what can be stored, by line; adds to refused what turns out to belong to nobody or to two."""
    deadlocks = 0
    while items := [one.contact for one in readings if one.contact]:
        try:
            async with open_sessions(run.engine)() as session:
                stored = await store_contacts(session, items, Source(CHANNEL, run.secret, now), run.places)
                if not any(own.refused for own in stored):
                    await settle(session, run)
                    return {one.row.line: own for one, own in zip(readings, stored, strict=True)}
                # Nothing of this try is kept: what is refused may have left traces, such as a new contact.
        except OperationalError as error:
            deadlocks += 1
            if not isinstance(error.orig, DeadlockDetected) or deadlocks == TRIES:
                raise
            continue
        for one, own in zip(readings, stored, strict=True):
            if own.refused and one.contact:
                refused[one.row.line] = Problem(own.refused.value, {"external_id": one.contact.external_id})
        readings = [one for one, own in zip(readings, stored, strict=True) if not own.refused]
    return {}


async def settle(session: AsyncSession, run: Run) -> None:
    await (session.rollback() if run.dry else session.commit())


async def take_events(run: Run, batch: Sequence[Row]) -> None:
    now = clock.now()
    readings = [read_event(row, run.plan) for row in batch]
    good = [one for one in readings if one.event]
    events = [one.event for one in good if one.event]
    async with open_sessions(run.engine)() as session:
        stored: StoredEvents = await store_events(session, events, now, CHANNEL)
        erased = await find_suppressed(session, run.secret, [event.contact for event in events])
        await settle(session, run)
    for place, one in enumerate(good):
        if why := stored.refused.get(place):
            name = events[place].contact
            one.problem = Problem(why.value, {"contact": name})
            if name in erased:
                run.report.note("suppressed", one.row.line)
    for one in readings:
        gone = one.event is not None and one.event.contact in erased
        if one.problem and not gone:
            run.errors.add(one.row, one.problem)
            run.report.note("errors", one.row.line)
    run.report.counts["stored"] += len(events) - len(stored.refused)
    run.report.counts["events_new"] += stored.new
