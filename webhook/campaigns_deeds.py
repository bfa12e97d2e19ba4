"""Campaigns for other systems to release and stop, each deed by a person who may, and to put contacts in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor
from accounts.login import find_active
from campaigns.pages.parts import ROLES
from campaigns.pages.said import say_error, say_refusal, say_why
from campaigns.release import release
from campaigns.release.adding import add_people, foresee_adding
from campaigns.release.release import Done
from campaigns.release.states import Deed, ReleaseError
from core import clock
from core.tables import Campaign
from core.types import CampaignState as State
from offers.yaml_file import FileError
from webhook.campaigns_api import WORDS, Name
from webhook.campaigns_models import AddIn, AddOut, DeedIn, DeedOut, PromoteIn, Refused, ScheduleIn
from webhook.deps import AppSettings, Session, require_api_key

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"], dependencies=[Depends(require_api_key)])
# What a deed is for: told again, it is so already and nothing is done.
SO_ALREADY = {
    Deed.APPROVE: State.APPROVED,
    Deed.START: State.RUNNING,
    Deed.PAUSE: State.PAUSED,
    Deed.RESUME: State.RUNNING,
    Deed.FINISH: State.FINISHED,
}


async def find_actor(session: AsyncSession, email: str) -> Actor:
    """The person behind a deed. 422: no active account; 403: one that may not do this on the pages either."""
    account = await find_active(session, email)
    if account is None:
        raise HTTPException(422, f"by: {email!r} has no active account: add one with `pronto user add`")
    if account.role not in ROLES:
        raise HTTPException(403, f"by: {email!r} is no marketer and no administrator: somebody who is has to do this")
    return Actor(account.id, account.email)


@asynccontextmanager
async def answering(session: AsyncSession) -> AsyncIterator[None]:
    """Commits what was done; what cannot be done becomes 409, a journey that does not hold together 422."""
    try:
        yield
    except ReleaseError as error:
        raise HTTPException(409, say_error(WORDS, error)) from error
    except FileError as error:
        raise HTTPException(422, str(error)) from error
    await session.commit()


async def do(session: AsyncSession, settings: AppSettings, name: str, deed: Deed, body: DeedIn) -> DeedOut:
    """Does it, once: told again while it is so already, it says so and changes nothing."""
    async with answering(session):
        actor = await find_actor(session, body.by)
        try:
            done = await release.do(session, settings, name, deed, actor, body.why, clock.now())
        except ReleaseError as error:
            campaign = await session.get(Campaign, name, populate_existing=True)
            repeated = campaign and campaign.state == SO_ALREADY.get(deed)
            if error.code == "nothing_new" or (repeated and error.code == f"no_{deed}"):
                return describe(Done(await release.lock(session, name)), changed=False)
            raise
    return describe(done)


def describe(done: Done, changed: bool = True) -> DeedOut:
    one = done.campaign
    return DeedOut(
        name=one.name, state=State(one.state), why=say_why(WORDS, one.why), changed=changed,
        withdrawn=done.cancelled, moved=done.moved,
    )  # fmt: skip


@router.post("/{name}/check", summary="Read the journey; if it holds together it is what is released next")
async def post_check(session: Session, settings: AppSettings, name: Name, body: DeedIn) -> DeedOut:
    """422 names the line that does not hold together."""
    return await do(session, settings, name, Deed.CHECK, body)


@router.post("/{name}/approve", summary="Release what was checked")
async def post_approve(session: Session, settings: AppSettings, name: Name, body: DeedIn) -> DeedOut:
    """409 if it was edited since, or if a second person has to do it (PRONTO_CAMPAIGN_SECOND_PERSON)."""
    return await do(session, settings, name, Deed.APPROVE, body)


@router.post("/{name}/schedule", summary="Have it start, and end, by itself")
async def post_schedule(session: Session, name: Name, body: ScheduleIn) -> DeedOut:
    """Told again with other times, those count."""
    async with answering(session):
        actor = await find_actor(session, body.by)
        campaign = await release.schedule(session, name, actor, clock.now(), body.starts_at, body.ends_at)
    return describe(Done(campaign))


@router.post("/{name}/start", summary="Let people in from now on")
async def post_start(session: Session, settings: AppSettings, name: Name, body: DeedIn) -> DeedOut:
    return await do(session, settings, name, Deed.START, body)


@router.post("/{name}/pause", summary="Stop it at once")
async def post_pause(session: Session, settings: AppSettings, name: Name, body: DeedIn) -> DeedOut:
    """Nobody enters or moves on; what is queued and has not left is withdrawn."""
    return await do(session, settings, name, Deed.PAUSE, body)


@router.post("/{name}/resume", summary="Go on after a pause")
async def post_resume(session: Session, settings: AppSettings, name: Name, body: DeedIn) -> DeedOut:
    """Whoever's message was withdrawn is asked about anew."""
    return await do(session, settings, name, Deed.RESUME, body)


@router.post("/{name}/finish", summary="End it for all who are under way")
async def post_finish(session: Session, settings: AppSettings, name: Name, body: DeedIn) -> DeedOut:
    """Conversions are counted on."""
    return await do(session, settings, name, Deed.FINISH, body)


@router.post("/{name}/promote", summary="Give 95 of 100 newcomers one arm")
async def post_promote(session: Session, name: Name, body: PromoteIn) -> DeedOut:
    async with answering(session):
        actor = await find_actor(session, body.by)
        campaign = await release.promote(session, name, body.arm, actor, clock.now())
    return describe(Done(campaign))


@router.post("/{name}/contacts", summary="Put contacts in by hand")
async def post_contacts(session: Session, settings: AppSettings, name: Name, body: AddIn) -> AddOut:
    """By token, phone, user id or external id. They enter while it runs; who may not is named with the reason.

    Consent, quiet hours, caps and the rest are asked before each message, as always: `would_hold` says what they would
    say now.
    """
    now = clock.now()
    async with answering(session):
        actor = await find_actor(session, body.by)
        found = await foresee_adding(session, settings, name, body.contacts, body.batch, now)
        added = found.entering
        if not body.try_only:
            added = await add_people(session, name, found.entering, body.batch, actor, now)
    return AddOut(
        added=len(added),
        before=found.before,
        refused=[
            Refused(contact=found.names[one], code=why, reason=say_refusal(WORDS, why))
            for one, why in found.refused.items()
        ],
        unknown=found.unknown,
        would_send=found.dry.sent,
        would_hold=dict(found.dry.held),
    )
