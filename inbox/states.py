"""The states of a handoff and who may change them: each change locks the row, and leaves one that tells who and why.

The first of two who want the same gets it; the other hears who has it. The caller commits.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.direct import Executes
from core.settings import Settings
from core.tables import Account, Contact, Handoff, HandoffChange
from core.types import HandoffState
from inbox.handoff import NOTIFY
from inbox.rating import ask_rating
from inbox.telling import tell_customer
from inbox.words import RefusedError

LONGEST_SNOOZE = timedelta(days=30)
HEAR = text("""
    WITH before AS (
        SELECT id, state FROM handoff WHERE contact_id = CAST(:contact AS bigint) AND closed_at IS NULL FOR UPDATE),
    heard AS (
        UPDATE handoff h SET unanswered_since = coalesce(h.unanswered_since, CAST(:now AS timestamptz)),
            snoozed_until = NULL, state = CASE WHEN h.account_id IS NULL THEN 'open' ELSE 'assigned' END
        FROM before WHERE h.id = before.id RETURNING h.id, h.state, h.account_id, before.state AS state_before),
    told AS (
        INSERT INTO handoff_change (handoff_id, contact_id, at, state_before, state, assigned_to, why)
        SELECT id, CAST(:contact AS bigint), CAST(:now AS timestamptz), state_before, state, account_id,
            'the customer wrote' FROM heard WHERE state <> state_before)
    SELECT pg_notify('handoff', CAST(id AS text)) FROM heard
""")
READ = text("""
    UPDATE handoff SET read_at = CAST(:now AS timestamptz) WHERE id = :id AND account_id = :by
    RETURNING pg_notify('read', CAST(contact_id AS text))
""")
WAKE = text("SELECT id FROM handoff WHERE state = 'snoozed' AND snoozed_until <= :now FOR UPDATE SKIP LOCKED")


async def lock_handoff(session: AsyncSession, handoff_id: int) -> Handoff:
    """The handoff as it is now, nobody else's to change until the commit. LookupError: there is none."""
    found = await session.get(Handoff, handoff_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise LookupError(f"handoff {handoff_id} does not exist")
    return found


async def lock_open(session: AsyncSession, handoff_id: int, by: int | None = None) -> Handoff:
    """The handoff, locked. RefusedError: it is closed, or somebody else's than `by`."""
    handoff = await lock_handoff(session, handoff_id)
    if handoff.closed_at is not None:
        raise RefusedError("closed")
    if by is not None and handoff.account_id not in (None, by):
        raise await find_taken(session, handoff)
    return handoff


async def find_taken(session: AsyncSession, handoff: Handoff) -> RefusedError:
    """Who has it, and since when, as a refusal."""
    name = await session.scalar(select(Account.name).where(Account.id == handoff.account_id))
    return RefusedError("taken", name=name, since=handoff.assigned_at)


async def take(session: AsyncSession, handoff_id: int, by: int, now: datetime) -> Handoff:
    """Makes it one's own. RefusedError: somebody else has it; taking one's own again changes nothing."""
    handoff = await lock_open(session, handoff_id, by)
    if handoff.account_id == by and handoff.state == HandoffState.ASSIGNED:
        return handoff
    await change(session, handoff, HandoffState.ASSIGNED, by, now, "taken", account_id=by)
    return handoff


async def assign(
    session: AsyncSession, handoff_id: int, to: int, by: int | None, now: datetime, why: str = "assigned"
) -> Handoff:
    """Gives it to somebody, whoever has it: what team leads and the automatic assignment do (by: None)."""
    handoff = await lock_open(session, handoff_id)
    await require_person(session, handoff, to)
    state = HandoffState.ASSIGNED if handoff.state == HandoffState.OPEN else HandoffState(handoff.state)
    await change(session, handoff, state, by, now, why, account_id=to)
    return handoff


async def pass_on(session: AsyncSession, handoff_id: int, to: int, by: int, now: datetime, why: str) -> Handoff:
    """Gives one's own to a colleague, with the reason."""
    handoff = await lock_open(session, handoff_id, by)
    if not why.strip():
        raise RefusedError("no_reason")
    await require_person(session, handoff, to)
    await change(session, handoff, HandoffState.ASSIGNED, by, now, why.strip(), account_id=to)
    return handoff


async def wait(session: AsyncSession, handoff_id: int, by: int, now: datetime) -> Handoff:
    """It is the customer's move: nothing is left to answer."""
    handoff = await lock_own(session, handoff_id, by)
    if handoff.state == HandoffState.WAITING:
        raise RefusedError("already")
    await change(session, handoff, HandoffState.WAITING, by, now, "waits for the customer", unanswered_since=None)
    return handoff


async def snooze(session: AsyncSession, handoff_id: int, by: int, until: datetime, now: datetime) -> Handoff:
    """Out of sight until then, or until the customer writes."""
    handoff = await lock_own(session, handoff_id, by)
    if not now < until <= now + LONGEST_SNOOZE:
        raise RefusedError("snooze_past")
    why = f"snoozed until {until:%Y-%m-%d %H:%M} UTC"
    await change(session, handoff, HandoffState.SNOOZED, by, now, why, snoozed_until=until, unanswered_since=None)
    return handoff


async def close(
    session: AsyncSession,
    settings: Settings,
    handoff_id: int,
    by: int | None,
    now: datetime,
    why: str,
    tell: bool = True,
) -> bool:
    """Gives the contact back to the assistant, whose talk starts anew; whether the customer could be told so.

    Outside the 24-hour window nothing can be said, and nothing is.
    """
    contact_id = await find_contact(session, handoff_id)
    contact = await session.get_one(Contact, contact_id, with_for_update=True)  # before the handoff, as turns lock them
    handoff = await lock_open(session, handoff_id, by)
    contact.session_number += 1
    handoff.closed_at = now
    why = why.strip() or "done"
    await change(session, handoff, HandoffState.CLOSED, by, now, why, unanswered_since=None, snoozed_until=None)
    if not tell or not await tell_customer(session, settings, contact, f"handoff:{handoff.id}:closed", "closed", now):
        return False
    if settings.satisfaction:
        await ask_rating(session, settings, contact, handoff.id, now)
    return True


async def reopen(session: AsyncSession, handoff_id: int, by: int, now: datetime, why: str = "reopened") -> Handoff:
    """Takes a closed one up again. RefusedError: it is open, or the customer has a newer one."""
    handoff = await lock_handoff(session, handoff_id)
    if handoff.closed_at is None:
        raise RefusedError("not_closed")
    others = select(Handoff.id).where(Handoff.contact_id == handoff.contact_id, Handoff.closed_at.is_(None))
    if await session.scalar(others):
        raise RefusedError("another_open")
    handoff.closed_at = None
    await change(session, handoff, HandoffState.ASSIGNED, by, now, why, account_id=by)
    return handoff


async def hear_customer(session: Executes, contact_id: int, now: datetime) -> None:
    """The customer wrote to the person: it is our move again, also out of a snooze."""
    await session.execute(HEAR, {"contact": contact_id, "now": now})


async def wake_snoozed(session: AsyncSession, now: datetime) -> int:
    """Brings back what was snoozed until now; how many."""
    ids = list(await session.scalars(WAKE, {"now": now}))
    for handoff_id in ids:
        handoff = await lock_handoff(session, handoff_id)
        state = HandoffState.ASSIGNED if handoff.account_id else HandoffState.OPEN
        await change(session, handoff, state, None, now, "the snooze is over", snoozed_until=None)
    return len(ids)


async def mark_read(session: AsyncSession, handoff_id: int, by: int, now: datetime) -> None:
    """Whose it is has seen everything so far; for anybody else nothing changes. Only lists want to know of it."""
    await session.execute(READ, {"id": handoff_id, "by": by, "now": now})


async def lock_own(session: AsyncSession, handoff_id: int, by: int) -> Handoff:
    """The handoff, locked and one's own."""
    handoff = await lock_open(session, handoff_id, by)
    if handoff.account_id is None:
        raise RefusedError("nobody_yet")
    return handoff


async def require_person(session: AsyncSession, handoff: Handoff, to: int) -> None:
    """Raises RefusedError unless it can be given to this account."""
    account = await session.get(Account, to)
    if account is None or account.deactivated_at is not None:
        raise RefusedError("unknown_person")
    if handoff.account_id == to:
        raise RefusedError("same_person", name=account.name)


async def find_contact(session: AsyncSession, handoff_id: int) -> int:
    """The contact of a handoff. LookupError: there is none."""
    found: int | None = await session.scalar(select(Handoff.contact_id).where(Handoff.id == handoff_id))
    if found is None:
        raise LookupError(f"handoff {handoff_id} does not exist")
    return found


async def change(
    session: AsyncSession, handoff: Handoff, to: HandoffState, by: int | None, now: datetime, why: str, **columns: Any
) -> None:
    """Writes a state and more columns of a locked handoff, with the row that tells of it, and rings open pages."""
    before = handoff.state
    if "account_id" in columns and columns["account_id"] != handoff.account_id:
        columns |= {"assigned_at": now if columns["account_id"] else None, "read_at": None, "alerted_at": None}
    for name, value in {"state": to.value, **columns}.items():
        setattr(handoff, name, value)
    session.add(
        HandoffChange(
            handoff_id=handoff.id,
            contact_id=handoff.contact_id,
            at=now,
            account_id=by,
            state_before=before,
            state=to.value,
            assigned_to=handoff.account_id,
            why=why[:500],
        )
    )
    await session.flush()
    await ring(session, handoff)


async def ring(session: AsyncSession, handoff: Handoff) -> None:
    """Tells open pages, once the caller commits."""
    await session.execute(NOTIFY, {"contact_id": handoff.contact_id, "id": handoff.id})
