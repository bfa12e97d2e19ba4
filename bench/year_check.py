"""Judges the scripted year from what was written down: messages, consents, deadlines, decisions.

Knows nothing of the gate and uses none of its code: what the rules mean is written here once more, in another way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.year_counts import Most, check_caps, check_money, check_pace, check_people

DAY = timedelta(days=1)
OPENS, CLOSES = time(9), time(20)
DELIVERY = time(9, 30)
PARTS = {("IT", "Roma"): "RM", ("IT", "Bolzano"): "BZ", ("DE", "Bayern"): "BY"}  # with holidays of their own

MESSAGES = text("""
    SELECT o.id, o.contact_id, o.created_at, o.sent_at, o.kind, o.purpose, coalesce(c.timezone, 'Europe/Rome') AS zone,
           c.country, c.region, c.place, o.state = 'failed' AS failed, d.campaign, coalesce(d.decisions, 0) AS decisions
    FROM outbox o LEFT JOIN (
        SELECT outbox_id, min(campaign) AS campaign, count(*) AS decisions FROM send_decision WHERE send GROUP BY 1
        ) d ON d.outbox_id = o.id
    JOIN contact c ON c.id = o.contact_id WHERE o.sent_at IS NOT NULL ORDER BY o.sent_at, o.id
""")
CONSENTS = text("SELECT contact_id, at, given FROM consent WHERE purpose = 'marketing' ORDER BY at, id")
STOPS = text("SELECT contact_id, at, value = 'resume' AS given FROM platform_preference ORDER BY at, id")
TALKS = text("SELECT contact_id, opened_at, closed_at FROM handoff")
INBOUND = text("SELECT contact_id, sent_at FROM message ORDER BY sent_at")
ENDS = text("SELECT contact_id, noted_at, expires_on FROM contract_end WHERE kind = 'electricity' ORDER BY noted_at")
PLANS = text("SELECT campaign, contact_id, occasion, outcome, due_at, done_at FROM plan")
EVENTS = text("SELECT id, contact_id, kind, at FROM event WHERE kind = ANY(:kinds)")
SAID = text("SELECT id, contact_id, text, started_at FROM turn")
HELD = text("SELECT reason, count(*) AS times FROM send_decision WHERE NOT send GROUP BY reason")
STUCK = text("SELECT count(*) FROM enrollment WHERE due_at < :end AND ended_at IS NULL")
UNQUEUED = text("SELECT count(*) FROM send_decision WHERE send AND outbox_id IS NULL")


@dataclass(frozen=True)
class Rules:
    """What must hold. offsets: of the deadline campaign; waits: how long each event waits, by campaign and kind.

    words: by campaign, what somebody says who is to hear of it, as a pattern, and how long that waits.
    """

    most: Most
    offsets: tuple[int, ...]
    waits: dict[tuple[str, str], timedelta]
    words: dict[str, tuple[str, timedelta]]


async def find_faults(session: AsyncSession, rules: Rules, begin: datetime, end: datetime) -> Counter[str]:
    """How often each rule was broken; empty: never."""
    faults: Counter[str] = Counter()
    messages = list((await session.execute(MESSAGES)).all())
    faults.update(check_consent(messages, await read_switches(session, CONSENTS), await read_switches(session, STOPS)))
    inbound = await read_inbound(session)
    faults.update(check_talks(messages, await read_talks(session), inbound))
    faults.update(check_quiet(messages))
    for check in (check_caps, check_money, check_pace):
        faults.update(check(messages, rules.most))
    unasked = [one for one in messages if (silent := find_silence(inbound, one)) is None or silent > DAY]
    faults.update(check_people(unasked, rules.most))
    plans = (await session.execute(PLANS)).all()
    ends = (await session.execute(ENDS)).all()
    faults.update(check_deadlines(plans, ends, await read_zones(session), rules, end))
    events = (await session.execute(EVENTS, {"kinds": sorted({kind for _, kind in rules.waits})})).all()
    faults.update(check_events(plans, events, rules, begin, end))
    faults.update(check_words(plans, (await session.execute(SAID)).all(), rules, begin, end))
    faults.update("plan left undone" for plan in plans if plan.due_at and plan.due_at < end)
    faults.update("plan done without a word" for plan in plans if not plan.due_at and not plan.outcome)
    held = {row.reason: row.times for row in await session.execute(HELD)}
    faults["held without a reason"] += held.pop(None, 0)
    faults["journey stuck"] += await session.scalar(STUCK, {"end": end - DAY}) or 0
    faults["decided to send, not queued"] += await session.scalar(UNQUEUED) or 0
    return +faults


async def read_switches(session: AsyncSession, statement: Any) -> dict[int, list[tuple[datetime, bool]]]:
    """By contact, what was said when, in order."""
    found: dict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    for row in await session.execute(statement):
        found[row.contact_id].append((row.at, row.given))
    return found


async def read_talks(session: AsyncSession) -> dict[int, list[tuple[datetime, datetime | None]]]:
    found: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for row in await session.execute(TALKS):
        found[row.contact_id].append((row.opened_at, row.closed_at))
    return found


async def read_inbound(session: AsyncSession) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    for row in await session.execute(INBOUND):
        found[row.contact_id].append(row.sent_at)
    return found


async def read_zones(session: AsyncSession) -> dict[int, str]:
    rows = await session.execute(text("SELECT id, coalesce(timezone, 'Europe/Rome') AS zone FROM contact"))
    return {row.id: row.zone for row in rows}


def find_last(switches: list[tuple[datetime, bool]], at: datetime) -> bool | None:
    """What was said last up to a moment."""
    said = [given for when, given in switches if when <= at]
    return said[-1] if said else None


def check_consent(
    messages: list[Row[Any]],
    consents: dict[int, list[tuple[datetime, bool]]],
    stops: dict[int, list[tuple[datetime, bool]]],
) -> Iterator[str]:
    for one in messages:
        if one.purpose == "marketing":
            if find_last(consents.get(one.contact_id, []), one.sent_at) is not True:
                yield "marketing without consent"
            if find_last(stops.get(one.contact_id, []), one.sent_at) is False:
                yield "marketing although switched off in WhatsApp"
        if one.decisions != 1:
            yield "message without its one decision"


def check_talks(
    messages: list[Row[Any]],
    talks: dict[int, list[tuple[datetime, datetime | None]]],
    inbound: dict[int, list[datetime]],
) -> Iterator[str]:
    for one in messages:
        if any(
            opened <= one.sent_at and (not closed or one.sent_at < closed) for opened, closed in talks[one.contact_id]
        ):
            yield "message while a person talks"
        silent = find_silence(inbound, one)
        if silent is not None and silent < timedelta(hours=1):
            yield "message into a conversation"
        if one.kind == "reply" and (silent is None or silent > DAY):
            yield "free words outside the window"


def find_silence(inbound: dict[int, list[datetime]], message: Row[Any]) -> timedelta | None:
    """How long the contact had said nothing when a message left; None: never said anything."""
    heard = inbound.get(message.contact_id, [])
    place = bisect_right(heard, message.sent_at)
    return message.sent_at - heard[place - 1] if place else None


def check_quiet(messages: list[Row[Any]]) -> Iterator[str]:
    calendars: dict[tuple[str, str | None], Any] = {}
    for one in messages:
        local = one.sent_at.astimezone(ZoneInfo(one.zone))
        if not OPENS <= local.time() < CLOSES:
            yield "message at night"
        home = one.country, PARTS.get((one.country, one.place)) or PARTS.get((one.country, one.region))
        if home not in calendars:
            calendars[home] = holidays.country_holidays(one.country, subdiv=home[1])
        if local.date() in calendars[home]:
            yield "message on a public holiday"


def check_deadlines(plans: Any, ends: Any, zones: dict[int, str], rules: Rules, end: datetime) -> Iterator[str]:
    """Every end of a contract that held when its day came has fired once, whatever came of it."""
    done = {(plan.contact_id, plan.occasion): plan for plan in plans if plan.campaign == "energy"}
    history: dict[int, list[Any]] = defaultdict(list)
    for row in ends:
        history[row.contact_id].append(row)
    for contact, rows in history.items():
        for place, row in enumerate(rows):
            until = rows[place + 1].noted_at if place + 1 < len(rows) else end
            for offset in rules.offsets:
                day = row.expires_on + offset * DAY
                while day.weekday() > 4:
                    day += DAY
                moment = datetime.combine(day, DELIVERY, ZoneInfo(zones[contact]))
                plan = done.get((contact, f"deadline:electricity:{row.expires_on}:{offset}"))
                if row.noted_at <= moment < min(until, end) - DAY:
                    if plan is None or plan.outcome in (None, "changed", "late"):
                        yield "deadline that did not fire"
                    elif not moment <= plan.done_at < moment + timedelta(hours=5):
                        yield "deadline that fired at another time"


def check_events(plans: Any, events: Any, rules: Rules, begin: datetime, end: datetime) -> Iterator[str]:
    """Every event a campaign waits for has its one plan, and it was looked at."""
    done = {(plan.campaign, plan.contact_id, plan.occasion): plan for plan in plans}
    for (campaign, kind), wait in rules.waits.items():
        for event in events:
            if event.kind == kind and begin < event.at and event.at + wait < end - DAY:
                plan = done.get((campaign, event.contact_id, f"event:{event.id}"))
                if plan is None or plan.outcome in (None, "late"):
                    yield f"{kind} that did not fire"


def check_words(plans: Any, said: Any, rules: Rules, begin: datetime, end: datetime) -> Iterator[str]:
    """Whoever said the word has one plan for it, and it was looked at; nobody else has one."""
    done = {(plan.campaign, plan.occasion): plan for plan in plans if plan.occasion.startswith("turn:")}
    for campaign, (pattern, wait) in rules.words.items():
        for turn in said:
            plan = done.get((campaign, f"turn:{turn.id}"))
            meant = re.search(pattern, turn.text.casefold()) is not None
            if meant and begin < turn.started_at and turn.started_at + wait < end - DAY:
                if plan is None or plan.contact_id != turn.contact_id or plan.outcome in (None, "late"):
                    yield "word that did not fire"
            elif plan and not meant:
                yield "fired without the word"
