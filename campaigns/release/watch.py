"""What happens to campaigns without a person: they start and end when it was said, and pause when they do harm."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.limits import find_limits
from campaigns.gate.room import call_waiting
from campaigns.journeys.versions import read_versions
from campaigns.release.release import finish, lock, pause, start
from campaigns.release.states import ReleaseError
from campaigns.release.stopping import cancel_messages
from campaigns.release.whys import write_why
from campaigns.templates.status import find_stopped
from core.db import Sessions
from core.settings import Settings
from core.types import CampaignState as State
from whatsapp.outbox import UNKNOWN_OUTCOME

log = logging.getLogger(__name__)

LAST = 1000  # messages that are looked at
REACTION = timedelta(days=2)  # so long after a message a stop is its doing
RECENT = timedelta(hours=1)
RESTING = timedelta(seconds=30)  # the longest between two close looks

# What tells whether anything came in since the last look: each is read from the end of an index or a small table.
NEWS = text("""
    SELECT (SELECT max(id) FROM delivery_report), (SELECT max(id) FROM attempt), (SELECT max(id) FROM consent),
           (SELECT max(id) FROM platform_preference), (SELECT max(id) FROM platform_report),
           (SELECT string_agg(name || language || status, ',' ORDER BY name, language) FROM template_state),
           (SELECT string_agg(name || state || version_id || changed_at, ',' ORDER BY name) FROM campaign),
           (SELECT count(*) FROM campaign WHERE state = 'scheduled' AND starts_at <= :now
            OR state IN ('running', 'paused') AND ends_at <= :now)
""")
DUE = text("""
    SELECT name, state, starts_at <= :now AS starts FROM campaign
    WHERE state = 'scheduled' AND starts_at <= :now OR state IN ('running', 'paused') AND ends_at <= :now
""")
# The net under the lock of campaigns/running.py: whatever was queued behind a stop after all.
LEFT_OVER = text("""
    SELECT name FROM campaign c WHERE state IN ('paused', 'finished') AND changed_at > :since AND EXISTS (
        SELECT 1 FROM outbox o JOIN send_decision d ON d.outbox_id = o.id
        WHERE o.state = 'queued' AND d.campaign = c.name)
""")
# The last messages of each running campaign since it was started or resumed.
HARM = text("""
    SELECT c.name, count(*) AS messages,
           count(*) FILTER (WHERE d.state = 'failed' AND d.reason IS DISTINCT FROM :unknown) AS errors,
           count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM platform_preference p WHERE p.contact_id = d.contact_id AND p.value = 'stop'
               AND p.at >= d.at AND p.at < d.at + CAST(:reaction AS interval))) AS blocks,
           count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM consent s WHERE s.contact_id = d.contact_id AND NOT s.given AND s.purpose = 'marketing'
               AND s.at >= d.at AND s.at < d.at + CAST(:reaction AS interval))) AS opt_outs
    FROM campaign c CROSS JOIN LATERAL (
        SELECT d.contact_id, d.at, o.state, o.reason FROM send_decision d JOIN outbox o ON o.id = d.outbox_id
        WHERE d.campaign = c.name AND d.send AND d.at >= c.changed_at
          AND o.state NOT IN ('queued', 'sending', 'blocked', 'cancelled')
        ORDER BY d.at DESC LIMIT :last) AS d
    WHERE c.state = 'running' GROUP BY c.name HAVING count(*) >= :least
""")
RUNNING = text("SELECT name, version_id FROM campaign WHERE state = 'running' AND version_id IS NOT NULL")


@dataclass(frozen=True)
class Harm:
    """What a campaign's last messages did. Counts."""

    messages: int
    errors: int
    blocks: int
    opt_outs: int


@dataclass
class Watch:
    """Looks at campaigns again and again, and closely only where something came in since. seen: what there was then."""

    seen: tuple[Any, ...] | None = None
    looked_at: datetime | None = None

    async def look(self, sessions: Sessions, settings: Settings, now: datetime) -> int:
        """How many campaigns changed."""
        async with sessions.begin() as session:
            news = tuple((await session.execute(NEWS, {"now": now})).one())
        rested = self.looked_at and now - self.looked_at < RESTING
        if news == self.seen and rested:
            return 0
        changed = await watch_campaigns(sessions, settings, now)
        self.seen, self.looked_at = news, now
        return changed


async def watch_campaigns(sessions: Sessions, settings: Settings, now: datetime) -> int:
    """Starts, ends and pauses what is due for it, in a transaction each; how many campaigns changed."""
    async with sessions() as session:
        due = (await session.execute(DUE, {"now": now})).all()
        whys = await find_harm(session, settings) | await find_without_template(session, settings)
        left_over = list(await session.scalars(LEFT_OVER, {"since": now - RECENT}))
    async with sessions.begin() as session:
        await call_waiting(session, find_limits(settings), now)
    for row in due:
        await change_due(sessions, row, now)
    for name, why in whys.items():
        async with sessions.begin() as session:
            try:
                done = await pause(session, name, None, why, now)
            except ReleaseError:
                continue  # somebody was quicker
            log.warning("campaign %s paused by itself: %s; %s messages withdrawn", name, why, done.cancelled)
    for name in left_over:
        async with sessions.begin() as session:
            if (await lock(session, name)).state != State.RUNNING:  # nobody resumed it meanwhile
                await cancel_messages(session, name)
    return len(due) + len(whys)


async def change_due(sessions: Sessions, row: Row[Any], now: datetime) -> None:
    """Starts or ends a campaign whose time has come."""
    async with sessions.begin() as session:
        try:
            if row.state == "scheduled":
                await start(session, row.name, None, write_why("time_come"), now)
            else:
                await finish(session, row.name, None, write_why("time_over"), now)
        except ReleaseError:
            return  # another worker, or a person, was quicker
    log.info("campaign %s: its time has come", row.name)


async def find_harm(session: AsyncSession, settings: Settings) -> dict[str, str]:
    """Campaigns that do harm, and why, as it is stored."""
    values = {"unknown": UNKNOWN_OUTCOME, "reaction": REACTION, "last": LAST, "least": settings.campaign_pause_messages}
    found: dict[str, str] = {}
    for row in await session.execute(HARM, values):
        harm = Harm(row.messages, row.errors, row.blocks, row.opt_outs)
        if why := next(list_harm(harm, settings), None):
            found[row.name] = why
    return found


def list_harm(harm: Harm, settings: Settings) -> Iterator[str]:
    """Every limit that was passed, the gravest first."""
    limits = (
        ("too_many_blocks", harm.blocks, settings.campaign_pause_blocks),
        ("too_many_opt_outs", harm.opt_outs, settings.campaign_pause_opt_outs),
        ("too_many_errors", harm.errors, settings.campaign_pause_errors),
    )
    for code, count, limit in limits:
        percent = 100 * count / harm.messages
        if percent > limit:
            facts = {"count": count, "messages": harm.messages, "percent": f"{percent:.1f}", "limit": f"{limit:g}"}
            yield write_why(code, **facts)


async def find_without_template(session: AsyncSession, settings: Settings) -> dict[str, str]:
    """Running campaigns one of whose templates WhatsApp takes no more, and why, as it is stored."""
    running = (await session.execute(RUNNING)).all()
    journeys = await read_versions(session, [row.version_id for row in running])
    names = {row.name: set(journeys[row.version_id].list_templates()) for row in running}
    found: dict[str, str] = {}
    for stopped in await find_stopped(session, settings, set().union(*names.values())):
        why = write_why("template_stopped", template=stopped.name, status=stopped.status)
        for campaign in (name for name, templates in names.items() if stopped.name in templates):
            found.setdefault(campaign, why)
    return found
