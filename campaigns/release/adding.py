"""People put into a campaign by hand: who would enter and get what, who not and why; then the deed itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, note_deed
from accounts.audit import Deed as AuditDeed
from campaigns.entering import check_entries
from campaigns.journeys.journey import Journey
from campaigns.journeys.versions import read_versions
from campaigns.plans import plan_by_hand
from campaigns.release.dry_run import DryRun, foresee_messages
from campaigns.release.meant import Meant
from campaigns.release.release import lock
from campaigns.release.states import ReleaseError
from contacts.find import find_contacts
from core.settings import Settings
from core.tables import Campaign
from core.types import CampaignState as State

MOST = 5000  # people at once

BEFORE = text("""
    SELECT contact_id FROM plan
    WHERE campaign = :campaign AND occasion = :occasion AND contact_id = ANY(CAST(:ids AS bigint[]))
""")
# Without those who are in it or planned for it already, so that the next lot is another one.
SEGMENT = """
    FROM score s JOIN contact c ON c.id = s.contact_id AND c.erased_at IS NULL
    WHERE s.pack = :pack AND (CAST(:band AS text) = '' OR s.band = :band)
      AND (CAST(:language AS text) = '' OR c.language = :language)
      AND NOT EXISTS (SELECT 1 FROM enrollment e WHERE e.campaign = :campaign AND e.contact_id = c.id
                      AND e.ended_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM plan p WHERE p.campaign = :campaign AND p.contact_id = c.id
                      AND p.due_at IS NOT NULL)
"""
COUNT_SEGMENT = text(f"SELECT count(*) {SEGMENT}")
FIND_SEGMENT = text(f"SELECT c.id {SEGMENT} ORDER BY s.points DESC, c.id LIMIT :most")


@dataclass
class Adding:
    """What adding would do. entering: contact ids; before: of this batch already; refused: by contact id, why.

    unknown: names nobody has; dry: the first messages of those entering.
    """

    dry: DryRun
    entering: list[int] = field(default_factory=list)
    before: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)


async def count_segment(session: AsyncSession, campaign: str, pack: str, band: str, language: str) -> int:
    """How many people of a group are not in the campaign. Empty band or language: any."""
    values = {"campaign": campaign, "pack": pack, "band": band, "language": language}
    return int(await session.scalar(COUNT_SEGMENT, values) or 0)


async def find_segment(session: AsyncSession, campaign: str, pack: str, band: str, language: str) -> list[int]:
    """The people of a group who are not in the campaign, MOST at once, the highest scores first."""
    values = {"campaign": campaign, "pack": pack, "band": band, "language": language, "most": MOST}
    return list(await session.scalars(FIND_SEGMENT, values))


async def foresee_adding(
    session: AsyncSession, settings: Settings, campaign: str, names: Sequence[str], batch: str, now: datetime
) -> Adding:
    """What adding these by any of their names would do; nothing is written."""
    names = list(dict.fromkeys(name for one in names if (name := one.strip())))
    known = await find_contacts(session, names)
    found = await foresee_ids(session, settings, campaign, list(dict.fromkeys(known.values())), batch, now)
    found.unknown = [name for name in names if name not in known]
    found.names = {contact_id: name for name, contact_id in reversed(known.items())}
    return found


async def foresee_ids(
    session: AsyncSession, settings: Settings, campaign: str, ids: Sequence[int], batch: str, now: datetime
) -> Adding:
    """What adding these contacts would do; nothing is written. ReleaseError: nobody can be added."""
    if len(ids) > MOST:
        raise ReleaseError("too_many", most=MOST, people=len(ids))
    journey = await read_open(session, campaign)
    values = {"campaign": campaign, "occasion": f"manual:{batch}", "ids": list(ids)}
    before = set(await session.scalars(BEFORE, values))
    fresh = [one for one in ids if one not in before]
    refused = await check_entries(session, settings, campaign, journey, fresh, now)
    found = Adding(DryRun(now.astimezone(ZoneInfo(settings.timezone)).date(), meant=len(ids)), before=len(before))
    found.refused = {one: why for one in fresh if (why := refused[one])}
    found.entering = [one for one in fresh if not refused[one]]
    found.dry.refused.update(found.refused.values())
    found.dry.entering = [(one, now) for one in found.entering]
    meant = [Meant(one, now) for one in found.entering]
    await foresee_messages(session, settings, campaign, journey, meant, found.dry)
    return found


async def add_people(
    session: AsyncSession, campaign: str, ids: Sequence[int], batch: str, actor: Actor, now: datetime
) -> list[int]:
    """Plans these for the campaign's next look, once per batch; who is new in it. The caller commits.

    Whether they may enter is asked again when they do. ReleaseError: nobody can be added.
    """
    await lock(session, campaign)
    await read_open(session, campaign)
    added = await plan_by_hand(session, campaign, ids, batch, now)
    if added:
        await note_deed(session, actor, AuditDeed.CAMPAIGN_CHANGED, now, campaign, note=f"+{len(added)}: {batch}")
    return added


async def read_open(session: AsyncSession, name: str) -> Journey:
    """The journey newcomers enter. ReleaseError: it was not checked yet, or is over."""
    campaign = await session.get(Campaign, name, populate_existing=True)
    if campaign is None or campaign.version_id is None:
        raise ReleaseError("unchecked", name=name)
    if campaign.state == State.FINISHED:
        raise ReleaseError("no_add", state=campaign.state)
    return (await read_versions(session, [campaign.version_id]))[campaign.version_id]
