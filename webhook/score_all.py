"""`pronto score`: scores everyone, with a progress bar, beside the workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import text

from core import clock
from core.db import Sessions, open_engine, open_sessions
from core.settings import Settings
from scoring.everyone import begin_run, score_chunk

UNFINISHED = text("SELECT 1 FROM score_run WHERE finished_at IS NULL AND zone = '' LIMIT 1")
ALL = text("SELECT count(*) FROM contact WHERE erased_at IS NULL")
DONE = text("SELECT count(*) FROM contact WHERE erased_at IS NULL AND id <= :position")
COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
HANDS = 2  # parts at the same time: somebody waits for this, unlike the worker's run at night
PATIENCE = 0.2  # seconds until the next look, while a worker holds the run


async def score_all(settings: Settings, anew: bool) -> str:
    """Goes on with a run that was broken off, or begins one; a sentence about what was done."""
    engine = open_engine(settings.database_url, connections=HANDS + 1)
    sessions = open_sessions(engine)
    try:
        async with sessions.begin() as session:
            await clock.sync_clock(session)
            total = await session.scalar(ALL) or 0
            position = await begin_run(session, clock.now(), settings.timezone)
            done = await session.scalar(DONE, {"position": position}) or 0
        with Progress(*COLUMNS) as bar:
            task = bar.add_task("Going on" if position else "Scoring", total=total, completed=done)
            scored = written = 0
            async for contacts, different in do_chunks(sessions, settings, anew):
                scored, written = scored + contacts, written + different
                bar.update(task, advance=contacts)
    finally:
        await engine.dispose()
    return f"{scored} contacts scored, {written} scores are different from before"


async def do_chunks(sessions: Sessions, settings: Settings, anew: bool) -> AsyncIterator[tuple[int, int]]:
    """Yields (contacts, different scores) of each chunk done here, until the run is finished."""
    while True:
        chunk = await score_chunk(sessions, clock.now(), settings.timezone, anew=anew, hands=HANDS)
        if chunk:
            yield chunk.contacts, chunk.written
            continue
        async with sessions() as session:
            if await session.scalar(UNFINISHED) is None:
                return
        await asyncio.sleep(PATIENCE)
