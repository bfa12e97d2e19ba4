"""Triggers that fire at once: what happened with contacts since the last look, whoever committed it and when.

Ids and times are not in the order of commits, so the mark is what PostgreSQL itself calls a snapshot: new is what was
written by a transaction the last look could not see yet. One mark serves all campaigns, and moves in the transaction
that plans: nothing is left out, and what is read twice counts once by its occasion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.journey import Journey
from campaigns.journeys.triggers import BandCrossed, Click, Happened, Keyword, Moment, PricePage
from campaigns.journeys.versions import read_versions
from campaigns.triggers.keywords import find_keyword
from campaigns.triggers.occasions import keep_moments
from core.db import Sessions
from core.types import EventKind

RUNNING = text("SELECT name, version_id, changed_at FROM campaign WHERE state = 'running' ORDER BY name")
# A snapshot ahead of PostgreSQL's own is of another one: the store was restored. What happened between is left alone.
LOOK = text(
    """
    SELECT CAST(pg_current_snapshot() AS text) AS seen,
        CASE WHEN pg_snapshot_xmax(CAST(snapshot AS pg_snapshot)) <= pg_snapshot_xmax(pg_current_snapshot())
             THEN snapshot END AS old
    FROM trigger_mark WHERE campaign = '' AND trigger = 'moments' FOR UPDATE SKIP LOCKED
    """
)
BEGIN = text(
    "INSERT INTO trigger_mark (campaign, trigger, snapshot)"
    " VALUES ('', 'moments', CAST(pg_current_snapshot() AS text)) ON CONFLICT DO NOTHING"
)
# A look that found nothing need not wait for the disk: should it be lost, the next one looks again.
NO_HURRY = text("SET LOCAL synchronous_commit TO off")
MOVE = text("UPDATE trigger_mark SET snapshot = :seen WHERE campaign = '' AND trigger = 'moments'")
# Both bounds are told, though the last line says the second one too: with one a plan for any snapshot reads the table.
NEW = """
    ({0}.xact >= pg_snapshot_xmax(CAST(:old AS pg_snapshot)) AND {0}.xact < pg_snapshot_xmax(CAST(:seen AS pg_snapshot))
     OR {0}.xact = ANY(ARRAY(SELECT pg_snapshot_xip(CAST(:old AS pg_snapshot)))))
    AND pg_visible_in_snapshot({0}.xact, CAST(:seen AS pg_snapshot))
"""
EVENTS = text(
    f"""
    WITH wanted AS MATERIALIZED (SELECT * FROM json_to_recordset(CAST(:wanted AS json)) AS w (
        campaign text, kind text, "where" jsonb, wait interval, late interval, since timestamptz, form text))
    INSERT INTO plan (campaign, contact_id, occasion, due_at, until, data, created_at)
    SELECT DISTINCT ON (w.campaign, e.id) w.campaign, e.contact_id, 'event:' || e.id, e.at + w.wait,
           e.at + w.wait + w.late,
           jsonb_build_object('on', w.form, 'event_id', e.id, 'kind', e.kind, 'at', e.at, 'event', e.data), :now
    FROM event e JOIN wanted w ON w.kind = e.kind JOIN contact c ON c.id = e.contact_id AND c.erased_at IS NULL
    WHERE {NEW.format("e")} AND e.at >= w.since AND e.at + w.late >= :now
      AND NOT EXISTS (SELECT 1 FROM jsonb_each_text(w."where") v WHERE e.data ->> v.key IS DISTINCT FROM v.value)
    ORDER BY w.campaign, e.id, w.wait
    ON CONFLICT DO NOTHING RETURNING id
    """  # noqa: S608  (our own words)
)
TURNS = text(
    f"""
    SELECT t.id, t.contact_id, t.text, t.intent,
           coalesce((SELECT max(m.sent_at) FROM message m WHERE m.turn_id = t.id), t.finished_at) AS at
    FROM turn t WHERE {NEW.format("t")} AND t.finished_at IS NOT NULL ORDER BY t.id
    """  # noqa: S608
)


@dataclass(frozen=True)
class Listening:
    """A running campaign and since when it runs."""

    campaign: str
    since: datetime
    journey: Journey

    def list_moments(self) -> Iterator[Moment]:
        """Its triggers that fire at once."""
        yield from (one for one in self.journey.triggers if isinstance(one, Moment))


@dataclass(frozen=True)
class Wanted:
    """Events a trigger waits for."""

    kind: EventKind
    form: str
    where: Mapping[str, str] = field(default_factory=dict)


async def plan_moments(sessions: Sessions, now: datetime) -> int:
    """Plans what happened since the last look, for all running campaigns; how many plans are new.

    What another worker looks at just now is left to it.
    """
    async with sessions.begin() as session:
        look = (await session.execute(LOOK)).one_or_none()
        if look is None or look.old is None:
            await (session.execute(BEGIN) if look is None else session.execute(MOVE, {"seen": look.seen}))
            return 0
        if look.old == look.seen:
            return 0
        campaigns = await list_listening(session)
        snapshots = {"old": look.old, "seen": look.seen}
        planned = await plan_events(session, campaigns, snapshots, now)
        planned += await plan_keywords(session, campaigns, snapshots, now)
        if not planned:
            await session.execute(NO_HURRY)
        await session.execute(MOVE, {"seen": look.seen})
    return planned


async def list_listening(session: AsyncSession) -> list[Listening]:
    """The running campaigns."""
    rows = (await session.execute(RUNNING)).all()
    journeys = await read_versions(session, (row.version_id for row in rows)) if rows else {}
    return [Listening(row.name, row.changed_at, journeys[row.version_id]) for row in rows]


async def plan_events(
    session: AsyncSession, campaigns: Sequence[Listening], snapshots: dict[str, str], now: datetime
) -> int:
    """Plans for new events."""
    wanted = [row for one in campaigns for row in describe_wanted(one)]
    if not wanted:
        return 0
    values = snapshots | {"wanted": orjson.dumps(wanted).decode(), "now": now}
    return len((await session.execute(EVENTS, values)).all())


def describe_wanted(listening: Listening) -> Iterator[dict[str, Any]]:
    """What a campaign's triggers wait for, as the statement reads it."""
    for trigger in listening.list_moments():
        for wanted in list_wanted(trigger):
            yield {
                "campaign": listening.campaign,
                "kind": wanted.kind,
                "where": wanted.where,
                "wait": f"{trigger.wait.total_seconds()} seconds",
                "late": f"{trigger.within.total_seconds()} seconds",
                "since": listening.since,
                "form": wanted.form,
            }


def list_wanted(trigger: Moment) -> list[Wanted]:
    """The events a trigger waits for; those of keywords are turns."""
    match trigger:
        case Happened():
            return [Wanted(trigger.kind, trigger.kind, trigger.where)]
        case PricePage():
            return [Wanted(EventKind.PAGE_VISIT, "price_page", {"page": "price"})]
        case Click():
            return [Wanted(EventKind.OFFER_CLICK, "click")]
        case BandCrossed():
            return [Wanted(EventKind.BAND_CROSSED, "band_crossed", {"band": band}) for band in trigger.to]
        case _:
            return []


async def plan_keywords(
    session: AsyncSession, campaigns: Sequence[Listening], snapshots: dict[str, str], now: datetime
) -> int:
    """Plans for what customers said."""
    listening = [(one, trigger) for one in campaigns for trigger in one.list_moments() if isinstance(trigger, Keyword)]
    if not listening:
        return 0
    turns = (await session.execute(TURNS, snapshots)).all()
    rows = [
        describe_said(one, trigger, turn, word)
        for turn in turns
        for one, trigger in listening
        if turn.at >= one.since
        and turn.at + trigger.within >= now
        and (word := find_keyword(trigger, turn.text, turn.intent))
    ]
    return await keep_moments(session, rows, now)


def describe_said(one: Listening, trigger: Keyword, turn: Row[Any], word: str) -> dict[str, Any]:
    """The plan for a word that was said."""
    due_at = turn.at + trigger.wait
    return {
        "campaign": one.campaign,
        "contact_id": turn.contact_id,
        "occasion": f"turn:{turn.id}",
        "due_at": due_at,
        "until": due_at + trigger.within,
        "data": {"on": "keyword", "word": word, "turn_id": turn.id},
    }
