"""Decides about many messages at once, queues those that may go, and stores why the others may not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.decide import decide, move_to_day
from campaigns.gate.facts import Room
from campaigns.gate.limits import Limits, find_limits
from campaigns.gate.preparing import Prepared, prepare
from campaigns.gate.quiet import close_at
from campaigns.gate.reading import lock_contacts, read_queued
from campaigns.gate.room import is_short, note_spent
from campaigns.gate.wishes import Foreseen, Held, Origin, SendWish, Sent, Verdict
from core.settings import Settings
from offers.links import track_links
from whatsapp.outbox import Opening, queue_templates

NOTE = text(
    """
    INSERT INTO send_decision (contact_id, campaign, enrollment_id, step, arm, template, at, send, reason, again_at,
                               facts, outbox_id, cost, currency)
    SELECT n.contact_id, n.campaign, n.enrollment_id, n.step, n.arm, n.template, :now, n.reason IS NULL, n.reason,
           n.again_at, n.facts, n.outbox_id, n.cost, :currency
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (contact_id bigint, campaign text, enrollment_id bigint,
         step text, arm text, template text, reason text, again_at timestamptz, facts jsonb, outbox_id bigint,
         cost numeric)
    """
)


async def decide_many(
    session: AsyncSession, settings: Settings, wishes: Sequence[SendWish], now: datetime
) -> list[Verdict]:
    """One verdict per wish, in their order; the caller commits. Best in batches of 500.

    Locks the contacts in the order of their ids, so that two workers never decide about one contact at the same time.
    UnknownTemplateError: a wish names none of ours.
    """
    if not wishes:
        return []
    limits = find_limits(settings)
    await lock_contacts(session, [wish.contact_id for wish in wishes])
    queued = await read_queued(session, [wish.key for wish in wishes])
    fresh = list({wish.key: wish for wish in wishes if wish.key not in queued}.values())
    hold = any(wish.origin is not Origin.PERSON for wish in fresh) and await is_short(session, limits, fresh)
    prepared = await prepare(session, settings, limits, fresh, now, hold)
    decided = {one.wish.key: judge(one, limits, now) for one in prepared}
    leaving = [one for one in prepared if decided[one.wish.key] is None]
    ids = await queue(session, settings, limits, leaving, now)
    await note(session, limits, prepared, decided, ids, now)
    verdicts: dict[str, Verdict] = {key: Sent(outbox_id, repeated=True) for key, outbox_id in queued.items()}
    for one in prepared:
        verdicts[one.wish.key] = decided[one.wish.key] or Sent(ids[one.wish.key])
    return [verdicts[wish.key] for wish in wishes]


async def foresee_many(
    session: AsyncSession, settings: Settings, wishes: Sequence[SendWish], now: datetime, room: Room | None = None
) -> list[Foreseen]:
    """What decide_many would say, in the same order; nothing is locked or written. room: instead of what is left."""
    if not wishes:
        return []
    limits = find_limits(settings)
    prepared = await prepare(session, settings, limits, wishes, now, room=room)
    return [
        Foreseen(
            one.wish,
            judge(one, limits, now),
            one.filled.text if one.filled else None,
            one.cost,
            limits.budget.currency,
            one.facts is not None and one.facts.is_new_today,
        )
        for one in prepared
    ]


def judge(one: Prepared, limits: Limits, now: datetime) -> Held | None:
    """The gate's word. What may go takes its place at once, so that the rest of the batch sees it."""
    facts = one.facts
    if facts is None:
        return one.held
    held = decide(facts, limits, now)
    if held:
        held = move_to_day(held, facts, limits)
        facts.room.line_up(held)
        return held
    facts.room.take(facts.wish.campaign, facts.cost, facts.is_new_today)
    one.take(now)
    return None


async def queue(
    session: AsyncSession, settings: Settings, limits: Limits, leaving: Sequence[Prepared], now: datetime
) -> dict[str, int]:
    """The outbox rows, by key; each tracked link gets its token first."""
    linked = [(one.wish.contact_id, one.filled.link) for one in leaving if one.filled and one.filled.link]
    tokens = await track_links(session, [(contact, url) for contact, url in linked if url], now)
    openings = [make_opening(one, limits, tokens, now) for one in leaving]
    return await queue_templates(session, settings.phone_number_id, openings, now)


def make_opening(one: Prepared, limits: Limits, tokens: dict[tuple[int, str], str], now: datetime) -> Opening:
    """What is queued of a message that may go."""
    filled, facts = one.filled, one.facts
    if filled is None or facts is None:
        raise ValueError(f"{one.wish.key}: not filled")
    template = filled.add_link(tokens[one.wish.contact_id, filled.link]) if filled.link else filled.template
    waits = facts.origin is not Origin.PERSON
    return Opening(
        contact_id=one.wish.contact_id,
        key=one.wish.key,
        template=template,
        text=filled.text,
        options=filled.options,
        purpose=one.definition.purpose,
        proposal=one.definition.proposal,
        leave_before=close_at(limits.quiet, facts.home, now) if waits else None,
    )


async def note(
    session: AsyncSession,
    limits: Limits,
    prepared: Sequence[Prepared],
    decided: dict[str, Held | None],
    ids: dict[str, int],
    now: datetime,
) -> None:
    """Stores every decision with what it looked at, and what the batch will cost."""
    known = [one for one in prepared if one.facts]
    if not known:
        return
    rows: list[dict[str, Any]] = []
    spent: dict[str | None, tuple[int, Decimal]] = {}
    for one in known:
        held = decided[one.wish.key]
        rows.append(make_row(one, held, ids.get(one.wish.key), now))
        if held is None:
            count, cost = spent.get(one.wish.campaign, (0, Decimal(0)))
            spent[one.wish.campaign] = count + 1, cost + one.cost
    values = {"rows": orjson.dumps(rows).decode(), "now": now, "currency": limits.budget.currency}
    await session.execute(NOTE, values)
    await note_spent(session, spent, limits.budget.currency, now)


def make_row(one: Prepared, held: Held | None, outbox_id: int | None, now: datetime) -> dict[str, Any]:
    """A send_decision, ready for JSON."""
    facts = one.facts.as_json(now) if one.facts else {}
    if held and held.detail:
        facts["detail"] = held.detail.as_json()
    wish = one.wish
    return {
        "contact_id": wish.contact_id,
        "campaign": wish.campaign,
        "enrollment_id": wish.enrollment_id,
        "step": wish.step,
        "arm": wish.arm,
        "template": wish.template,
        "reason": held.reason.value if held else None,
        "again_at": held.again_at if held else None,
        "facts": facts,
        "outbox_id": outbox_id,
        "cost": None if held else str(one.cost),
    }
