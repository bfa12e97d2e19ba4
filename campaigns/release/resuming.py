"""Whoever's message a pause withdrew stands before it again once the campaign goes on, and the gate is asked anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.advance import Go
from campaigns.journeys.journey import Exit, Journey
from campaigns.journeys.steps import Send
from campaigns.journeys.versions import read_versions
from campaigns.journeys.walks import COLUMNS, Walk, store_walks
from campaigns.release.stopping import STOPPED
from core.tables import Campaign

LONGEST_WAIT = timedelta(days=3)  # of a message in the queue
LONGEST_PAUSE = timedelta(days=7)  # after a longer one nobody is sought out again whose journey is over
OVER = frozenset({*get_args(Exit.__value__), "erased", "step_gone", "endless", "campaign_finished"})
OWN_DOING = ("reply:", "option:", "event:", "click", "converted")  # what the contact did moved it on

# The first message of each that was withdrawn, and the way since then.
FIND = text(
    f"""
    WITH withdrawn AS MATERIALIZED (
        SELECT DISTINCT ON (d.enrollment_id) d.enrollment_id, d.step, d.at
        FROM send_decision d JOIN outbox o ON o.id = d.outbox_id
        WHERE d.campaign = :campaign AND d.at >= :since AND o.state = 'cancelled' AND o.reason = :reason
        ORDER BY d.enrollment_id, d.id)
    SELECT {COLUMNS}, e.outcome, w.step AS withdrawn, since.steps, since.moves
    FROM withdrawn w JOIN enrollment e ON e.id = w.enrollment_id
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(s.step ORDER BY s.id), '{{}}') AS steps,
               coalesce(array_agg(coalesce(s.moved_by, '') ORDER BY s.id), '{{}}') AS moves
        FROM enrollment_step s WHERE s.enrollment_id = e.id AND s.id > coalesce((
            SELECT max(came.id) FROM enrollment_step came
            WHERE came.enrollment_id = e.id AND came.step = w.step AND came.at <= w.at), 0)) since
    WHERE e.ended_at IS NULL OR :short AND NOT EXISTS (
        SELECT 1 FROM enrollment o WHERE o.campaign = e.campaign AND o.contact_id = e.contact_id
        AND (o.id > e.id OR o.id < e.id AND o.ended_at IS NULL))
    ORDER BY e.id FOR UPDATE OF e
    """  # noqa: S608  (our own columns)
)
SEEN = text(
    """
    UPDATE outbox o SET reason = o.reason || ', resumed' FROM send_decision d
    WHERE d.outbox_id = o.id AND d.campaign = :campaign AND d.at >= :since AND o.state = 'cancelled'
      AND o.reason = :reason
    """
)
RENEW = text("UPDATE enrollment SET version_id = :version_id WHERE id = ANY(CAST(:ids AS bigint[]))")


async def take_back(session: AsyncSession, campaign: Campaign, now: datetime) -> int:
    """Puts those whose message was withdrawn before its step again; how many. changed_at is when it was paused.

    Those whose journey was over with that message are on it once more, with the version it would have been edited to.
    """
    values = {"campaign": campaign.name, "reason": STOPPED, "since": campaign.changed_at - LONGEST_WAIT}
    short = now - campaign.changed_at <= LONGEST_PAUSE
    rows = (await session.execute(FIND, values | {"short": short})).all()
    await session.execute(SEEN, values)
    journeys = await read_versions(session, {campaign.version_id or 0, *(row.version_id for row in rows)})
    newest = journeys.get(campaign.version_id or 0)
    walks: list[Walk] = []
    renewed: list[int] = []
    for row in rows:
        journey = journeys[row.version_id]
        if row.outcome and newest and newest.running == "move" and find_step(newest, row.withdrawn):
            journey = newest
            renewed.append(row.id)
        if walk := go_back(journey, row, now):
            walks.append(walk)
    if renewed:
        await session.execute(RENEW, {"version_id": campaign.version_id, "ids": renewed})
    await store_walks(session, walks)
    return len(walks)


def go_back(journey: Journey, row: Row[Any], now: datetime) -> Walk | None:
    """The way back to the message; None: the contact moved on by itself since, or the journey ended for a reason."""
    step = find_step(journey, row.withdrawn)
    if step is None or row.outcome in OVER or any(move.startswith(OWN_DOING) for move in row.moves):
        return None
    own = {name: getattr(row, name) for name in ("id", "campaign", "version_id", "contact_id", "arm", "entered_at")}
    walk = Walk(**own, step=None, step_at=row.step_at, context=forget_visits(journey, row.context, row.steps))
    walk.go(Go(step, now, "resumed"), now)
    walk.stay(now)
    return walk


def find_step(journey: Journey, step: str) -> str | None:
    """The step that sends this message, under the name a newer version gave it; None: it has none any more."""
    name = step if step in journey.steps else journey.moves.get(step, step)
    return name if isinstance(journey.steps.get(name), Send) else None


def forget_visits(journey: Journey, context: Mapping[str, Any], steps: Sequence[str]) -> dict[str, Any]:
    """The context as if the steps behind the message had not been left yet: a task made there is not made again.

    A message needs another key than the one that was withdrawn, so steps that send keep their count.
    """
    visits = dict(context.get("visits", {}))
    for step in steps[:-1]:
        if not isinstance(journey.steps.get(step), Send):
            visits[step] = max(visits.get(step, 0) - 1, 0)
    return {**context, "visits": visits}
