"""Watches over handoffs: snoozes end, who waits too long is told so once, the inbox is alerted, a colleague gets it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from core.settings import Settings
from core.tables import Contact, Handoff
from core.types import HandoffState
from inbox.agents import SKILLS, assign_waiting, choose_agent, read_agents
from inbox.states import assign, change, lock_handoff, wake_snoozed
from inbox.telling import tell_customer

log = logging.getLogger(__name__)

UNANSWERED = text("""
    SELECT id, contact_id FROM handoff
    WHERE closed_at IS NULL AND unanswered_since <= :since AND state IN ('open', 'assigned')
    AND (alerted_at IS NULL OR alerted_at < unanswered_since)
    ORDER BY unanswered_since LIMIT 50
""")


async def watch_handoffs(sessions: Sessions, settings: Settings, now: datetime) -> int:
    """One look at all open handoffs, each change in a transaction of its own; how many were unanswered."""
    async with sessions.begin() as session:
        await wake_snoozed(session, now)
    if settings.handoff_auto_assign:
        async with sessions.begin() as session:
            await assign_waiting(session, now)
    if not settings.handoff_answer_minutes:
        return 0
    since = now - timedelta(minutes=settings.handoff_answer_minutes)
    async with sessions() as session:
        late = (await session.execute(UNANSWERED, {"since": since})).all()
    for row in late:
        async with sessions.begin() as session:
            await meet_silence(session, settings, row.id, row.contact_id, since, now)
    return len(late)


async def meet_silence(
    session: AsyncSession, settings: Settings, handoff_id: int, contact_id: int, since: datetime, now: datetime
) -> None:
    """Alerts the inbox, gives an assigned one to a colleague who is there, tells the customer once per handoff."""
    contact = await session.get_one(Contact, contact_id, with_for_update={"key_share": True}, populate_existing=True)
    handoff = await lock_handoff(session, handoff_id)
    waited = handoff.unanswered_since
    if handoff.closed_at or waited is None or waited > since or (handoff.alerted_at and handoff.alerted_at >= waited):
        return  # another worker was faster, or an answer was
    log.warning("handoff %s is unanswered since %s", handoff.id, waited)
    await give_to_another(session, settings, handoff, contact, now)
    handoff.alerted_at = now
    await change(session, handoff, HandoffState(handoff.state), None, now, "nobody answered in time")
    if handoff.told_at is None and await tell_customer(
        session, settings, contact, f"handoff:{handoff.id}:late", "late", now
    ):
        handoff.told_at = now


async def give_to_another(
    session: AsyncSession, settings: Settings, handoff: Handoff, contact: Contact, now: datetime
) -> None:
    """Where handoffs are assigned by themselves, somebody else who is there gets it."""
    if not settings.handoff_auto_assign or handoff.account_id is None:
        return
    skill = SKILLS.get(handoff.card.get("topic") or "")
    chosen = choose_agent(await read_agents(session), contact.language, skill, now, but=handoff.account_id)
    if chosen:
        await assign(session, handoff.id, chosen.id, None, now, "did not answer in time")
