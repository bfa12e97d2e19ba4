"""Why a campaign did or did not write to a contact: what was decided, and what would be decided now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.entering import check_entries
from campaigns.gate.deciding import foresee_many
from campaigns.gate.details import read_detail
from campaigns.gate.explain import explain_held, say, write_moment
from campaigns.gate.wishes import Held, SendWish
from campaigns.journeys.journey import Journey
from campaigns.journeys.steps import Send
from campaigns.pages.said import RELEASE_WORDS, say_refusal
from core.settings import Settings
from core.types import HoldReason, Language
from pages.words import Words

SHOWN = 10  # decisions, the newest ones
CONTACT = text("SELECT coalesce(timezone, :zone) AS zone FROM contact WHERE id = :id")
DECIDED = text(
    "SELECT at, step, template, send, reason, again_at, facts FROM send_decision"
    " WHERE contact_id = :id AND campaign = :campaign ORDER BY at DESC, id DESC LIMIT :shown"
)
ENROLLED = text(
    "SELECT arm, step, entered_at, ended_at, outcome FROM enrollment"
    " WHERE contact_id = :id AND campaign = :campaign ORDER BY entered_at DESC LIMIT 1"
)


async def explain_campaign(
    session: AsyncSession,
    settings: Settings,
    contact_id: int,
    campaign: str,
    journey: Journey,
    language: Language,
    now: datetime,
) -> list[str]:
    """Lines. Nothing is written."""
    own = {"id": contact_id, "campaign": campaign}
    zone = await session.scalar(CONTACT, {"id": contact_id, "zone": settings.timezone})
    enrolled = (await session.execute(ENROLLED, own)).one_or_none()
    decisions = (await session.execute(DECIDED, own | {"shown": SHOWN})).all()
    lines = [tell_entry(enrolled, language, zone)] if enrolled else []
    if enrolled is None or enrolled.ended_at:
        refused = (await check_entries(session, settings, campaign, journey, [contact_id], now))[contact_id]
        lines.append(tell_entering(refused, language))
    lines += [tell_decision(row, language, zone) for row in decisions]
    if not decisions:
        lines.append(say("no_decision", language, campaign=campaign))
    arm = enrolled.arm if enrolled else None
    wishes = list(list_wishes(contact_id, campaign, journey, arm))
    for one in await foresee_many(session, settings, wishes, now):
        words = explain_held(one.held, language, zone)
        lines.append(say("now", language, step=one.wish.step or "", template=one.wish.template, words=words))
    return lines


def tell_entering(refused: str | None, language: Language) -> str:
    """Whether the contact may enter now. refused: why not."""
    if refused is None:
        return say("may_enter", language)
    return say("may_not_enter", language, why=say_refusal(Words(language, RELEASE_WORDS), refused))


def list_wishes(contact_id: int, campaign: str, journey: Journey, arm: str | None) -> Iterator[SendWish]:
    """What the journey's steps would ask of the gate, for each template once."""
    seen = set()
    for name, step in journey.steps.items():
        if not isinstance(step, Send):
            continue
        for template in step.list_templates() if arm not in journey.arms else [step.choose_template(arm or "")]:
            if template not in seen:
                seen.add(template)
                key = f"why:{campaign}:{name}:{template}"
                yield replace(journey.make_wish(step, campaign, contact_id, template, key), step=name)


def tell_entry(row: Row[Any], language: str, zone: str) -> str:
    """Where the contact stands in the journey."""
    entered = write_moment(row.entered_at, zone)
    if row.ended_at:
        ended = write_moment(row.ended_at, zone)
        return say("left", language, entered=entered, arm=row.arm, ended=ended, outcome=row.outcome or "?")
    return say("under_way", language, entered=entered, arm=row.arm, step=row.step or "-")


def tell_decision(row: Row[Any], language: str, zone: str) -> str:
    """What the gate said then."""
    held = None if row.send else Held(HoldReason(row.reason), row.again_at, read_detail(row.facts.get("detail")))
    words = say("went", language) if held is None else explain_held(held, language, zone)
    return say("decided", language, at=write_moment(row.at, zone), template=row.template, words=words)
