"""Watches over handoffs: snoozes end, who waits too long is told so once, the inbox is alerted, a colleague gets it.

Waiting counts in opening hours only. Who writes outside of them is told once per closing when people are back.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from core.settings import Settings
from core.tables import Contact, Handoff, Score
from core.types import HandoffState
from inbox.agents import ONLINE, SKILLS, assign_waiting, choose_agent, read_agents
from inbox.hours import explain_hours, tell_when
from inbox.states import assign, change, lock_handoff, wake_snoozed
from inbox.telling import choose_language, tell_customer
from offers.branches import is_open, measure_open
from offers.facts import Support
from offers.support import load_support

log = logging.getLogger(__name__)

UNANSWERED = text("""
    SELECT id, contact_id, greatest(unanswered_since, assigned_at) AS silent_since FROM handoff
    WHERE closed_at IS NULL AND greatest(unanswered_since, assigned_at) <= :since AND state IN ('open', 'assigned')
    AND unanswered_since IS NOT NULL
    AND (alerted_at IS NULL OR alerted_at < unanswered_since OR alerted_at <= assigned_at)
    ORDER BY unanswered_since LIMIT 50
""")
SILENT = text("""
    SELECT h.id, h.contact_id FROM handoff h
    WHERE h.closed_at IS NULL AND h.state = 'assigned' AND h.alerted_at >= h.unanswered_since
    AND h.alerted_at > h.assigned_at ORDER BY h.unanswered_since LIMIT 50
""")
# The first message of a handoff was answered with the hours already; so was one of the same closing (its key).
WROTE = text("""
    SELECT h.id, h.contact_id, h.opened_at FROM handoff h LEFT JOIN agent g ON g.account_id = h.account_id
    WHERE h.closed_at IS NULL AND h.unanswered_since > greatest(:since, h.opened_at)
    AND (g.seen_at IS NULL OR g.away OR g.seen_at < :gone)
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = 'handoff:' || h.id || ':waiting:' || :opens)
    ORDER BY h.id LIMIT 50
""")
JUST = timedelta(minutes=10)


async def watch_handoffs(sessions: Sessions, settings: Settings, now: datetime) -> int:
    """One look at all open handoffs, each change in a transaction of its own; how many were unanswered."""
    async with sessions.begin() as session:
        await wake_snoozed(session, now)
    if settings.handoff_auto_assign:
        async with sessions.begin() as session:
            await assign_waiting(session, now)
    if not settings.handoff_answer_minutes:
        return 0
    support, patience = load_support(settings), timedelta(minutes=settings.handoff_answer_minutes)
    async with sessions() as session:
        waiting = (await session.execute(UNANSWERED, {"since": now - patience})).all()
    late = [row for row in waiting if measure_wait(support, row.silent_since, now) >= patience]
    for row in late:
        async with sessions.begin() as session:
            await meet_silence(session, settings, row.id, row.contact_id, row.silent_since, now)
    if settings.handoff_auto_assign:
        await pass_silent(sessions, settings, now)
    if support:
        await tell_closed(sessions, settings, support, now)
    return len(late)


def measure_wait(support: Support | None, since: datetime, now: datetime) -> timedelta:
    """How long somebody waits, of the time in which somebody should be there."""
    return measure_open(support, since, now) if support else now - since


async def tell_closed(sessions: Sessions, settings: Settings, support: Support, now: datetime) -> None:
    """Tells who writes while nobody is there when people are back: once per closing, and not if someone is there."""
    state = is_open(support, now)
    if state.open or state.changes_at is None:
        return
    opens = f"{state.changes_at:%Y%m%d%H%M}"
    async with sessions() as session:
        values = {"since": now - JUST, "gone": now - ONLINE, "opens": f"{opens}:0"}
        rows = (await session.execute(WROTE, values)).all()
    for row in rows:
        if not measure_open(support, row.opened_at, now):
            continue
        async with sessions.begin() as session:
            contact = await session.get_one(Contact, row.contact_id)
            when = explain_hours(support, settings, choose_language(contact, settings), now, contact.timezone)
            await tell_customer(
                session, settings, contact, f"handoff:{row.id}:waiting:{opens}", "waiting", now, when=when
            )


async def meet_silence(
    session: AsyncSession, settings: Settings, handoff_id: int, contact_id: int, since: datetime, now: datetime
) -> None:
    """Alerts the inbox, gives an assigned one to a colleague who is there, tells the customer once per handoff."""
    contact = await session.get_one(Contact, contact_id, with_for_update={"key_share": True}, populate_existing=True)
    handoff = await lock_handoff(session, handoff_id)
    waited, given = handoff.unanswered_since, handoff.assigned_at
    if handoff.closed_at or waited is None or max(waited, given or waited) > since:
        return  # an answer was faster, or somebody took it
    if handoff.alerted_at and handoff.alerted_at >= waited and not (given and handoff.alerted_at <= given):
        return  # another worker was faster
    log.warning("handoff %s is unanswered since %s", handoff.id, waited)
    await give_to_another(session, settings, handoff, contact, now)
    handoff.alerted_at = now
    await change(session, handoff, HandoffState(handoff.state), None, now, "nobody answered in time")
    when = tell_when(settings, choose_language(contact, settings), now, contact.timezone)
    if handoff.told_at is None and await tell_customer(
        session, settings, contact, f"handoff:{handoff.id}:late", "late", now, when=when
    ):
        handoff.told_at = now


async def pass_silent(sessions: Sessions, settings: Settings, now: datetime) -> None:
    """What was alerted while no colleague was there goes to the first who comes."""
    async with sessions() as session:
        rows = (await session.execute(SILENT)).all()
        agents = await read_agents(session) if rows else []
    if not any(one.is_online(now) for one in agents):
        return
    for row in rows:
        async with sessions.begin() as session:
            contact = await session.get_one(Contact, row.contact_id)
            handoff = await lock_handoff(session, row.id)
            if handoff.closed_at is None and handoff.unanswered_since and handoff.alerted_at:
                await give_to_another(session, settings, handoff, contact, now)


async def give_to_another(
    session: AsyncSession, settings: Settings, handoff: Handoff, contact: Contact, now: datetime
) -> None:
    """Where handoffs are assigned by themselves, somebody else who is there gets it."""
    if not settings.handoff_auto_assign or handoff.account_id is None:
        return
    pack = await session.scalar(select(Score.pack).where(Score.contact_id == contact.id))
    skill = SKILLS.get(handoff.card.get("topic") or pack or "")
    chosen = choose_agent(await read_agents(session), contact.language, skill, now, but=handoff.account_id)
    if chosen:
        await assign(session, handoff.id, chosen.id, None, now, "did not answer in time")
