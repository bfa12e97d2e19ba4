"""Moves those on a journey on: whose time has come, or to whom something happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.deciding import decide_many
from campaigns.journeys.acting import converse, find_ready, hand_over, make_tasks, make_wish, take_verdict
from campaigns.journeys.advance import Act, Go, Leave, Signal, Stay, decide_move
from campaigns.journeys.conditions import Facts
from campaigns.journeys.facts import load_facts
from campaigns.journeys.journey import Journey
from campaigns.journeys.signals import Waiting, load_signals
from campaigns.journeys.steps import Converse, End, HandOver, MakeTask, Send, Wait
from campaigns.journeys.versions import read_versions
from campaigns.journeys.walks import Walk, claim_walk, claim_walks, store_walks, wake_enrolled
from campaigns.running import hold_running
from core.db import Sessions
from core.settings import Settings

LONGEST = 100  # steps in one go; no journey that was checked goes round, this is the net under it

LOCK_LANE = text("SELECT contact_id FROM lane WHERE contact_id = :id FOR UPDATE")


async def walk_due(sessions: Sessions, settings: Settings, now: datetime, limit: int = 500) -> int:
    """Moves up to `limit` enrollments of running campaigns on; how many, 0: nothing is due.

    Also wakes those to whom something happened. Any number of workers may do this at the same time.
    """
    await wake_enrolled(sessions, now)
    async with sessions.begin() as session:
        running = await hold_running(session)
        walks = await claim_walks(session, list(running), now, limit) if running else []
        await walk_together(session, settings, walks, now)
    for walk in walks:
        if walk.due_at == now and walk.ended_at is None:
            await walk_alone(sessions, settings, walk, now)
    return len(walks)


async def walk_alone(sessions: Sessions, settings: Settings, waiting: Walk, now: datetime) -> None:
    """Moves one on whose step takes the contact's lane. The lane is locked first, as turns and handoffs do."""
    async with sessions.begin() as session:
        await session.execute(LOCK_LANE, {"id": waiting.contact_id})
        running = await hold_running(session)
        if walk := await claim_walk(session, waiting.id, list(running), now):
            await walk_together(session, settings, [walk], now, alone=True)


async def walk_together(
    session: AsyncSession, settings: Settings, walks: Sequence[Walk], now: datetime, alone: bool = False
) -> None:
    """Moves each as far as it goes and stores it; the caller commits. Steps that take a lane wait, unless alone."""
    if not walks:
        return
    journeys = await read_versions(session, (walk.version_id for walk in walks))
    facts = await read_facts(session, settings, journeys, walks, now)
    signals = await read_signals(session, journeys, walks, now)
    moving = list(walks)
    for _ in range(LONGEST):
        acting = [walk for walk in moving if move_on(journeys[walk.version_id], walk, facts, signals, now)]
        if not acting:
            break
        moving = await act(session, settings, journeys, acting, now, alone)
    for walk in walks:
        if walk.ended_at is None and walk.due_at is None:
            walk.leave("endless", now)
    await store_walks(session, walks)


async def read_facts(
    session: AsyncSession, settings: Settings, journeys: Mapping[int, Journey], walks: Sequence[Walk], now: datetime
) -> dict[tuple[int, int], Facts]:
    """What is known of each contact, by version and contact: each journey looks at other things."""
    found: dict[tuple[int, int], Facts] = {}
    for version_id, journey in journeys.items():
        ids = [walk.contact_id for walk in walks if walk.version_id == version_id]
        loaded = await load_facts(session, settings, journey, ids, now)
        found |= {(version_id, contact_id): facts for contact_id, facts in loaded.items()}
    return found


async def read_signals(
    session: AsyncSession, journeys: Mapping[int, Journey], walks: Sequence[Walk], now: datetime
) -> Mapping[int, list[Signal]]:
    """What those at a wait did since they came there."""
    waiting = [
        Waiting(walk.id, walk.contact_id, walk.step_at)
        for walk in walks
        if walk.step and isinstance(journeys[walk.version_id].steps.get(walk.step), Wait)
    ]
    return await load_signals(session, waiting, now)


def move_on(
    journey: Journey,
    walk: Walk,
    facts: Mapping[tuple[int, int], Facts],
    signals: Mapping[int, list[Signal]],
    now: datetime,
) -> bool:
    """Goes on until the journey is over, waits, or (True) a step asks for something to be done."""
    if walk.step is None:  # of the control arm: only its time was waited for
        walk.leave("finished", now)
        return False
    known = facts.get((walk.version_id, walk.contact_id))
    for _ in range(LONGEST):
        match decide_move(journey, walk.position, known, signals.get(walk.id, ()), now):
            case Go() as move:
                walk.go(move, now)
            case Leave(outcome):
                walk.leave(outcome, now)
                return False
            case Stay(until):
                walk.stay(until)
                return False
            case Act():
                return True
    return False


async def act(
    session: AsyncSession,
    settings: Settings,
    journeys: Mapping[int, Journey],
    walks: Sequence[Walk],
    now: datetime,
    alone: bool,
) -> list[Walk]:
    """Does what their steps ask for, all messages and all tasks at once; those that can go on."""
    steps = [(walk, journeys[walk.version_id].steps[walk.step or ""]) for walk in walks]
    await make_tasks(session, settings, [(walk, step) for walk, step in steps if isinstance(step, MakeTask)], now)
    sending = [(walk, step) for walk, step in steps if isinstance(step, Send)]
    sends = await find_ready(session, settings, sending, now)
    wishes = [make_wish(journeys[walk.version_id], walk, step) for walk, step in sends]
    verdicts = await decide_many(session, settings, wishes, now) if wishes else []
    for (walk, send), verdict in zip(sends, verdicts, strict=True):
        take_verdict(walk, send, verdict, now)
    for walk, step in steps:
        match step:
            case End():
                walk.leave(step.end, now)
            case Converse() | HandOver() if not alone:
                walk.stay(now)
            case Converse():
                await converse(session, settings, walk, step, now)
            case HandOver():
                await hand_over(session, walk, step, now)
    return [walk for walk, _ in steps if walk.ended_at is None and walk.due_at is None]
