"""Lets contacts whose plan is due into a journey, if its entry conditions hold; says of each plan what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.arms import CONTROL, assign_arms
from campaigns.journeys.conditions import Facts, find_unmet
from campaigns.journeys.facts import load_facts
from campaigns.journeys.journey import Journey
from campaigns.journeys.versions import read_versions
from core.settings import Settings
from core.types import PlanOutcome

VERSIONS = text("SELECT name, version_id FROM campaign WHERE name = ANY(CAST(:names AS text[]))")
# The newest time a contact was in the campaign, and whether it still is.
BEFORE = text(
    """
    SELECT contact_id, max(entered_at) AS entered_at, bool_or(ended_at IS NULL) AS under_way
    FROM enrollment WHERE campaign = :campaign AND contact_id = ANY(CAST(:ids AS bigint[])) GROUP BY contact_id
    """
)
ENROLL = text(
    """
    INSERT INTO enrollment (campaign, version_id, contact_id, plan_id, arm, segment, language, step, step_at, due_at,
                            context, entered_at)
    SELECT :campaign, :version_id, n.contact_id, n.plan_id, n.arm, n.segment, n.language, n.step,
           CAST(:now AS timestamptz), n.due_at, n.context, CAST(:now AS timestamptz)
    FROM json_to_recordset(CAST(:rows AS json)) AS n (contact_id bigint, plan_id bigint, arm text, segment text,
        language text, step text, due_at timestamptz, context jsonb)
    ORDER BY n.contact_id
    ON CONFLICT DO NOTHING RETURNING id, plan_id, step
    """
)
FIRST_STEPS = text(
    """
    INSERT INTO enrollment_step (enrollment_id, step, at, moved_by)
    SELECT n.id, n.step, CAST(:now AS timestamptz), 'entered'
    FROM unnest(CAST(:ids AS bigint[]), CAST(:steps AS text[])) AS n (id, step)
    """
)
CLOSE = text(
    """
    UPDATE plan p SET due_at = NULL, done_at = :now, outcome = n.outcome,
        data = CASE WHEN n.unmet IS NULL THEN p.data ELSE p.data || jsonb_build_object('unmet', n.unmet) END
    FROM unnest(CAST(:ids AS bigint[]), CAST(:outcomes AS text[]), CAST(:unmet AS text[])) AS n (id, outcome, unmet)
    WHERE p.id = n.id
    """
)


@dataclass(frozen=True)
class DuePlan:
    """A row of plan whose time has come; the caller holds its lock. data: `values` in it fill templates."""

    id: int
    campaign: str
    contact_id: int
    occasion: str
    data: Mapping[str, Any] = field(default_factory=dict)


async def enter(session: AsyncSession, settings: Settings, plans: Sequence[DuePlan], now: datetime) -> None:
    """Enrolls those who may enter and closes every plan: due_at empty, done_at, outcome (PlanOutcome).

    Of plans that are not let in, data gets `unmet`: the name of the entry condition that does not hold.
    """
    names = sorted({plan.campaign for plan in plans})
    versions = {row.name: row.version_id for row in await session.execute(VERSIONS, {"names": names})}
    journeys = await read_versions(session, versions.values())
    told: dict[int, str] = {}
    for name in names:
        own = [plan for plan in plans if plan.campaign == name]
        version_id = versions[name]
        told |= await enter_campaign(session, settings, name, version_id, journeys[version_id], own, now)
    values = {
        "now": now,
        "ids": list(told),
        "outcomes": [said.partition(":")[0] for said in told.values()],
        "unmet": [said.partition(":")[2] or None for said in told.values()],
    }
    await session.execute(CLOSE, values)


async def enter_campaign(
    session: AsyncSession,
    settings: Settings,
    name: str,
    version_id: int,
    journey: Journey,
    plans: Sequence[DuePlan],
    now: datetime,
) -> dict[int, str]:
    """Enrolls for the plans of one campaign; what came of each, with the unmet condition behind a colon."""
    facts = await load_facts(session, settings, journey, [plan.contact_id for plan in plans], now)
    refused = await list_refusals(session, name, journey, facts, [plan.contact_id for plan in plans], now)
    entering: dict[int, DuePlan] = {}  # by contact: of two plans at once one lets in
    for plan in plans:
        if refused[plan.contact_id] is None:
            entering.setdefault(plan.contact_id, plan)
    arms = await assign_arms(session, name, list(entering), journey.arms, journey.control_percent, now)
    rows = [describe(journey, plan, facts[contact], arms[contact], now) for contact, plan in entering.items()]
    entered = await enroll(session, name, version_id, rows, now) if rows else set()
    return {
        plan.id: refused[plan.contact_id]
        or (PlanOutcome.ENTERED if plan.id in entered else PlanOutcome.UNDER_WAY).value
        for plan in plans
    }


def describe(journey: Journey, plan: DuePlan, facts: Facts, arm: str, now: datetime) -> dict[str, Any]:
    """A new row of enrollment. The control arm walks no step and is over when no conversion counts any more."""
    control = arm == CONTROL
    return {
        "contact_id": plan.contact_id,
        "plan_id": plan.id,
        "arm": arm,
        "segment": facts.band,
        "language": facts.language,
        "step": None if control else journey.start,
        "due_at": now + timedelta(days=journey.conversion.within_days) if control else now,
        "context": {"values": plan.data.get("values", {})},
    }


async def enroll(
    session: AsyncSession, name: str, version_id: int, rows: list[dict[str, Any]], now: datetime
) -> set[int]:
    """Stores enrollments; the plans that let somebody in. One who came in by another worker meanwhile is left out."""
    values = {"campaign": name, "version_id": version_id, "rows": orjson.dumps(rows).decode(), "now": now}
    made = (await session.execute(ENROLL, values)).all()
    walking = [row for row in made if row.step]
    if walking:
        steps = {"ids": [row.id for row in walking], "steps": [row.step for row in walking], "now": now}
        await session.execute(FIRST_STEPS, steps)
    return {row.plan_id for row in made}


async def check_entries(
    session: AsyncSession,
    settings: Settings,
    campaign: str,
    journey: Journey,
    contact_ids: Sequence[int],
    now: datetime,
) -> dict[int, str | None]:
    """Per contact why it may not enter a journey now, None if it may: nothing is written (dry run).

    The words are those of PlanOutcome, an entry condition that does not hold behind a colon: entry_not_met:score.
    """
    facts = await load_facts(session, settings, journey, contact_ids, now)
    return await list_refusals(session, campaign, journey, facts, contact_ids, now)


async def list_refusals(
    session: AsyncSession,
    campaign: str,
    journey: Journey,
    facts: Mapping[int, Facts],
    contact_ids: Sequence[int],
    now: datetime,
) -> dict[int, str | None]:
    """Why each of them may not enter, None if it may."""
    rows = await session.execute(BEFORE, {"campaign": campaign, "ids": sorted(set(contact_ids))})
    before = {row.contact_id: row for row in rows}
    return {
        one: refuse(journey, facts.get(one), before[one].entered_at, before[one].under_way, now)
        if one in before
        else refuse(journey, facts.get(one), None, False, now)
        for one in contact_ids
    }


def refuse(
    journey: Journey, facts: Facts | None, entered_at: datetime | None, under_way: bool, now: datetime
) -> str | None:
    """Why a contact may not enter; None if it may."""
    if facts is None or not facts.open_contact:
        return PlanOutcome.NO_CONTACT
    if under_way:
        return PlanOutcome.UNDER_WAY
    if entered_at and journey.again_after and now < entered_at + journey.again_after:
        return PlanOutcome.TOO_SOON
    unmet = find_unmet(journey.entry, facts, now) if journey.entry else None
    return f"{PlanOutcome.NOT_MET}:{unmet}" if unmet else None
