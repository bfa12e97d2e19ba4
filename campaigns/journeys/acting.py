"""Does what steps ask for: messages through the gate, tasks, a conversation, a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.wishes import Held, SendWish, Verdict
from campaigns.journeys.advance import Go
from campaigns.journeys.journey import Journey
from campaigns.journeys.steps import Converse, HandOver, MakeTask, Send
from campaigns.journeys.walks import Walk
from conversations.opening import open_conversation
from core.settings import Settings
from inbox.handoff import open_handoff
from scoring.best_hour import read_best_times
from whatsapp.window import is_window_open

AGAIN = timedelta(seconds=5)  # the contact talks with the assistant just now: we do not speak in between
TASKS = text(
    """
    INSERT INTO task (contact_id, kind, facts, key, created_at, due_on)
    SELECT n.contact_id, 'campaign', n.facts, n.key, CAST(:now AS timestamptz),
           CAST(n.due_at AT TIME ZONE coalesce(c.timezone, :zone) AS date)
    FROM json_to_recordset(CAST(:rows AS json)) AS n (contact_id bigint, facts jsonb, key text, due_at timestamptz)
    JOIN contact c ON c.id = n.contact_id
    ON CONFLICT (key) DO NOTHING
    """
)
WINDOW = text("SELECT last_inbound_at FROM contact WHERE id = :id")


def make_wish(journey: Journey, walk: Walk, step: Send) -> SendWish:
    """What the gate is asked for a send step."""
    asked = journey.make_wish(step, walk.campaign, walk.contact_id, step.choose_template(walk.arm), walk.key)
    values = walk.context.get("values", {})
    return replace(asked, enrollment_id=walk.id, step=walk.step, arm=walk.arm, values=values)


async def find_ready(
    session: AsyncSession, settings: Settings, sends: Sequence[tuple[Walk, Send]], now: datetime
) -> list[tuple[Walk, Send]]:
    """Those whose message may go; the others wait for their best hour, chosen once. Who has none, waits for nothing."""
    asking = [walk for walk, step in sends if step.at and "best_at" not in walk.context]
    times = await read_best_times(session, [walk.contact_id for walk in asking], now, settings.timezone)
    for walk in asking:
        walk.context["best_at"] = times.get(walk.contact_id, now).isoformat()
    ready = []
    for walk, step in sends:
        until = datetime.fromisoformat(walk.context["best_at"]) if step.at else now
        if until > now:
            walk.stay(until, held=True)
        else:
            ready.append((walk, step))
    return ready


def take_verdict(walk: Walk, step: Send, verdict: Verdict, now: datetime) -> None:
    """Goes on after a message was sent, waits where it is held for now, goes elsewhere where it is held for good."""
    if not isinstance(verdict, Held):
        walk.go(Go(step.then, now, "sent"), now)
    elif verdict.again_at:
        walk.stay(verdict.again_at, held=True)
    elif step.if_held:
        walk.go(Go(step.if_held, now, f"held:{verdict.reason}"), now)
    else:
        walk.leave(f"held:{verdict.reason}", now)


async def make_tasks(
    session: AsyncSession, settings: Settings, walks: Sequence[tuple[Walk, MakeTask]], now: datetime
) -> None:
    """One task per enrollment and visit of its step."""
    rows: list[dict[str, Any]] = [
        {
            "contact_id": walk.contact_id,
            "facts": {"campaign": walk.campaign, **step.task.model_dump()},
            "key": walk.key,
            "due_at": now + step.due,
        }
        for walk, step in walks
    ]
    if rows:
        values = {"rows": orjson.dumps(rows).decode(), "now": now, "zone": settings.timezone}
        await session.execute(TASKS, values)
    for walk, step in walks:
        walk.go(Go(step.then, walk.step_at, "task"), now)


async def converse(session: AsyncSession, settings: Settings, walk: Walk, step: Converse, now: datetime) -> None:
    """Has the assistant begin a conversation, if the window is open and nobody talks with the contact just now."""
    inbound_at = await session.scalar(WINDOW, {"id": walk.contact_id})
    if not is_window_open(inbound_at, now):
        if step.if_closed:
            walk.go(Go(step.if_closed, now, "window_closed"), now)
        else:
            walk.leave("window_closed", now)
        return
    asked = "/" + step.converse + (orjson.dumps(step.tell).decode() if step.tell else "")
    if await open_conversation(session, settings, walk.contact_id, asked, now):
        walk.go(Go(step.then, now, "conversed"), now)
    else:
        walk.stay(now + AGAIN)


async def hand_over(session: AsyncSession, walk: Walk, step: HandOver, now: datetime) -> None:
    """Gives the contact to a person; if somebody has it already, that one keeps it."""
    await open_handoff(session, walk.contact_id, step.hand_over, walk.key, {}, now)
    walk.go(Go(step.then, now, "handed_over"), now)
