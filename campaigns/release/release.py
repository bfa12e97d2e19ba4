"""A campaign from draft to finished: every step is a person's (or Pronto's, with the reason), and is written down.

Workers let people in and send only while the state is running; they hold a lock on the campaign for each batch, and a
change of state waits for that batch and then withdraws what it queued.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, note_deed
from accounts.audit import Deed as AuditDeed
from campaigns.journeys.reading import FOLDER, parse_journey
from campaigns.journeys.versions import publish_version, read_versions
from campaigns.journeys.world import check_templates
from campaigns.release.resuming import take_back
from campaigns.release.states import Deed, ReleaseError, next_state
from campaigns.release.stopping import cancel_messages, end_journeys
from campaigns.release.texts import mark_content, read_content
from campaigns.release.whys import write_why
from campaigns.running import wait_for_workers
from campaigns.templates.definitions import list_names
from core.settings import Settings
from core.tables import Campaign, CampaignChange, CampaignVersion
from core.types import CampaignState as State
from offers.yaml_file import parse_document

MAKE = text("INSERT INTO campaign (name, changed_at) VALUES (:name, :now) ON CONFLICT DO NOTHING")
CHECKERS = text("SELECT DISTINCT who FROM campaign_change WHERE campaign = :campaign AND why = :why")


@dataclass(frozen=True)
class Done:
    """The campaign after a deed. cancelled: messages withdrawn; moved: people put before their step again, or ended."""

    campaign: Campaign
    cancelled: int = 0
    moved: int = 0


async def do(
    session: AsyncSession, settings: Settings, name: str, deed: Deed, actor: Actor, why: str, now: datetime
) -> Done:
    """A deed that needs no more than a person and a reason. ReleaseError, FileError: it cannot be done."""
    match deed:
        case Deed.CHECK:
            return Done(await check(session, name, actor, now))
        case Deed.APPROVE:
            return Done(await approve(session, settings, name, actor, why, now))
        case Deed.START:
            return Done(await start(session, name, actor, why, now))
        case Deed.PAUSE:
            return await pause(session, name, actor, why, now)
        case Deed.RESUME:
            return await resume(session, name, actor, why, now)
        case Deed.FINISH:
            return await finish(session, name, actor, why, now)
    raise ValueError(f"{deed} needs more than a person and a reason")


async def check(session: AsyncSession, name: str, actor: Actor, now: datetime, folder: Path = FOLDER) -> Campaign:
    """Reads the journey and publishes it, if it holds together, as the version that is released next.

    Of a campaign under way it is only noted that it was looked at: newcomers enter the new version once it is
    approved. FileError: it does not hold together.
    """
    content = await read_content(session, name, folder)
    journey = parse_journey(name, content)
    check_templates(parse_document(folder / f"{name}.yml", content), journey, list_names())
    await session.execute(MAKE, {"name": name, "now": now})
    campaign = await lock(session, name)
    state = State(campaign.state)
    after = next_state(Deed.CHECK, state)
    if after in (State.RUNNING, State.PAUSED):
        await note(session, campaign, after, write_why("checked", mark=mark_content(content)), actor, now)
        return campaign
    before = campaign.version_id
    campaign.version_id = await publish_version(session, name, content, actor.email, now)
    if before != campaign.version_id or after is State.CHECKED:  # else what was approved is still the same
        await note(session, campaign, State.CHECKED, await name_version(session, campaign), actor, now)
    return campaign


async def approve(
    session: AsyncSession,
    settings: Settings,
    name: str,
    actor: Actor,
    why: str,
    now: datetime,
    folder: Path = FOLDER,
) -> Campaign:
    """Releases what was checked. ReleaseError: it was edited since, or the same person checked it and must not."""
    campaign = await lock(session, name)
    after = next_state(Deed.APPROVE, State(campaign.state))
    content = await read_content(session, name, folder)
    published = await read_published(session, campaign)
    under_way = after in (State.RUNNING, State.PAUSED)
    edited = published is None or published.content != content
    if edited != under_way:
        raise ReleaseError("nothing_new" if under_way else "edited", name=name)
    if settings.campaign_second_person:
        mark = write_why("checked", mark=mark_content(content))
        await require_second_person(session, name, mark if under_way else await name_version(session, campaign), actor)
    if under_way:
        await wait_for_workers(session, name)
        campaign.version_id = await publish_version(session, name, content, actor.email, now)
        await note(session, campaign, after, await name_version(session, campaign), actor, now)
    else:
        await note(session, campaign, after, why or write_why("approved"), actor, now)
    return campaign


async def require_second_person(session: AsyncSession, name: str, checked: str, actor: Actor) -> None:
    """ReleaseError unless somebody else checked it, and this is somebody who is logged in."""
    if actor.account_id is None:
        raise ReleaseError("second_person_unknown")
    checkers = set(await session.scalars(CHECKERS, {"campaign": name, "why": checked}))
    if not checkers or checkers == {actor.email}:
        raise ReleaseError("second_person" if checkers else "unchecked", name=name)


async def schedule(
    session: AsyncSession,
    name: str,
    actor: Actor,
    now: datetime,
    starts_at: datetime,
    ends_at: datetime | None = None,
) -> Campaign:
    """Has a worker start it, and end it if that is said. ReleaseError: the times are over or in the wrong order."""
    if starts_at <= now or (ends_at is not None and ends_at <= starts_at):
        raise ReleaseError("wrong_times")
    campaign = await lock(session, name)
    after = next_state(Deed.SCHEDULE, State(campaign.state))
    campaign.starts_at, campaign.ends_at = starts_at, ends_at
    why = write_why("scheduled", at=starts_at.isoformat(timespec="minutes"))
    await note(session, campaign, after, why, actor, now)
    return campaign


async def start(session: AsyncSession, name: str, actor: Actor | None, why: str, now: datetime) -> Campaign:
    """Lets people in from now on; actor None: its time has come."""
    campaign = await lock(session, name)
    after = next_state(Deed.START, State(campaign.state))
    await wait_for_workers(session, name)
    campaign.starts_at = now
    await note(session, campaign, after, why or write_why("started"), actor, now)
    return campaign


async def pause(session: AsyncSession, name: str, actor: Actor | None, why: str, now: datetime) -> Done:
    """Stops it at once: nobody enters, nobody moves on, and what is queued is withdrawn. actor None: Pronto itself."""
    campaign = await lock(session, name)
    after = next_state(Deed.PAUSE, State(campaign.state))
    await wait_for_workers(session, name)
    await note(session, campaign, after, why or write_why("paused"), actor, now)
    return Done(campaign, await cancel_messages(session, name))


async def resume(session: AsyncSession, name: str, actor: Actor, why: str, now: datetime) -> Done:
    """Goes on. Those whose message was withdrawn stand before it again, and the gate is asked anew."""
    campaign = await lock(session, name)
    after = next_state(Deed.RESUME, State(campaign.state))
    moved = await take_back(session, campaign, now)
    await note(session, campaign, after, why or write_why("resumed"), actor, now)
    return Done(campaign, moved=moved)


async def finish(session: AsyncSession, name: str, actor: Actor | None, why: str, now: datetime) -> Done:
    """Ends it for all who are under way. What converts within its days is counted on."""
    campaign = await lock(session, name)
    after = next_state(Deed.FINISH, State(campaign.state))
    await wait_for_workers(session, name)
    await note(session, campaign, after, why or write_why("finished"), actor, now)
    campaign.ends_at = now
    cancelled = await cancel_messages(session, name)
    return Done(campaign, cancelled, await end_journeys(session, name, now))


async def promote(session: AsyncSession, name: str, arm: str | None, actor: Actor, now: datetime) -> Campaign:
    """Gives 95 of 100 newcomers this arm, the others go on beside it; None: back to the shares of the file."""
    campaign = await lock(session, name)
    after = next_state(Deed.PROMOTE, State(campaign.state))
    if campaign.version_id is None:
        raise ReleaseError("unchecked", name=name)
    journey = (await read_versions(session, [campaign.version_id]))[campaign.version_id]
    if arm is not None and arm not in journey.arms:
        raise ReleaseError("no_arm", arm=arm, names=", ".join(journey.arms))
    await wait_for_workers(session, name)
    campaign.promoted_arm, campaign.promoted_at = arm, now
    why = write_why("promoted", arm=arm) if arm else write_why("unpromoted")
    await note(session, campaign, after, why, actor, now)
    return campaign


async def lock(session: AsyncSession, name: str) -> Campaign:
    """The campaign's row, nobody else's until the commit. ReleaseError: nothing of this name was checked yet."""
    query = select(Campaign).where(Campaign.name == name).with_for_update().execution_options(populate_existing=True)
    campaign = (await session.scalars(query)).one_or_none()
    if campaign is None:
        raise ReleaseError("unchecked", name=name)
    return campaign


async def note(
    session: AsyncSession, campaign: Campaign, after: State, why: str, actor: Actor | None, now: datetime
) -> None:
    """Sets the state and writes who changed it and why, here and in the audit log."""
    before = campaign.state
    campaign.state, campaign.why = after.value, why
    if before != after:
        campaign.changed_at = now
    who = {"account_id": actor.account_id if actor else None, "who": actor.email if actor else None}
    session.add(CampaignChange(campaign=campaign.name, at=now, state_before=before, state=after.value, why=why, **who))
    await session.flush()
    if actor:
        data = {"note": f"{before} → {after.value}"} if before != after else {}
        await note_deed(session, actor, AuditDeed.CAMPAIGN_CHANGED, now, campaign.name, **data)


async def read_published(session: AsyncSession, campaign: Campaign) -> CampaignVersion | None:
    """The version newcomers enter."""
    return await session.get(CampaignVersion, campaign.version_id) if campaign.version_id else None


async def name_version(session: AsyncSession, campaign: Campaign) -> str:
    """That this version of the file was published, as it stands in campaign_change."""
    version = await session.get_one(CampaignVersion, campaign.version_id)
    return write_why("published", version=version.number)
