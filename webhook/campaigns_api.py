"""Campaigns for other systems to read: state and counts, dry run, people, results, and why (not) for one contact."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import PlainTextResponse
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.why import explain_campaign
from campaigns.journeys.journey import Journey
from campaigns.journeys.reading import list_files, parse_journey
from campaigns.pages.drawing import name_kind
from campaigns.pages.read import find_campaign, list_campaigns
from campaigns.pages.read import read_current as find_current
from campaigns.pages.said import RELEASE_WORDS, say_dry_run, say_error, say_follow_ups, say_replay, say_why
from campaigns.release.dry_run import DryRun, Replay, foresee_day, replay_month
from campaigns.release.following import foresee_follow_ups
from campaigns.release.states import ReleaseError, list_deeds
from campaigns.release.texts import read_standing
from campaigns.results.chain import read_chain
from campaigns.results.effect import read_effects
from campaigns.results.read import count_held, count_outcomes, count_steps, read_groups
from campaigns.results.table import write_csv
from core import clock
from core.tables import Contact
from core.types import CampaignState, Language
from offers.yaml_file import FileError
from pages.words import Words
from webhook.api import ContactId
from webhook.campaigns_models import (
    CampaignLine,
    CampaignOut,
    DryRunOut,
    EffectOut,
    ForeseenOut,
    GroupOut,
    IntervalOut,
    LinkOut,
    PersonOut,
    ReplayOut,
    ResultsOut,
    StepOut,
    WhyOut,
)
from webhook.deps import AppSettings, Session, require_api_key

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"], dependencies=[Depends(require_api_key)])
WORDS = Words(Language.EN, RELEASE_WORDS)
EMPTY = dict.fromkeys(("version", "starts_at", "ends_at", "changed_at")) | dict.fromkeys(
    ("entered", "under_way", "converted"), 0
)
PEOPLE = text("""
    SELECT e.id, c.token AS contact, c.name, e.arm, e.step, e.step_at, e.due_at, e.entered_at, e.ended_at, e.outcome,
           e.converted_at
    FROM enrollment e JOIN contact c ON c.id = e.contact_id
    WHERE e.campaign = :campaign AND e.id > :after
      AND (CAST(:step AS text) IS NULL OR e.step = :step AND e.ended_at IS NULL)
    ORDER BY e.id LIMIT :limit
""")
NAMES = text("SELECT id, token, name FROM contact WHERE id = ANY(CAST(:ids AS bigint[]))")

type Since = Annotated[AwareDatetime | None, Query(description="Of those who entered from then on")]
type Until = Annotated[AwareDatetime | None, Query(description="And before")]


async def require_campaign(session: Session, name: str) -> str:
    """The campaign a path names. 404: there is none."""
    standing = await read_standing(session, name)
    if standing.file is None and standing.saved is None and await find_campaign(session, name) is None:
        known = ", ".join(file.stem for file in list_files())
        raise HTTPException(404, WORDS("no_file", name=name, names=known))
    return name


type Name = Annotated[str, Depends(require_campaign)]


def describe_line(name: str, row: Row[Any] | None) -> CampaignLine:
    """A campaign in a list. row None: it is no more than a text."""
    values = EMPTY if row is None else {one: getattr(row, one) for one in EMPTY}
    state = CampaignState(row.state if row else CampaignState.DRAFT)
    return CampaignLine(name=name, state=state, why=say_why(WORDS, row.why) if row else "", **values)


async def read_current(session: AsyncSession, name: str) -> tuple[str, Journey]:
    """The text newcomers enter, or before the first check the one that would be; 409 and 422 say what is wrong."""
    try:
        content = await find_current(session, name)
        return content, parse_journey(name, content)
    except ReleaseError as error:
        raise HTTPException(409, say_error(WORDS, error)) from error
    except FileError as error:
        raise HTTPException(422, str(error)) from error


@router.get("", summary="All campaigns with their state and counts")
async def get_campaigns(session: Session) -> list[CampaignLine]:
    """In the order of their names. A draft is one nobody has checked yet."""
    rows = {row.name: row for row in await list_campaigns(session)}
    names = sorted({*rows, *(file.stem for file in list_files())})
    return [describe_line(name, rows.get(name)) for name in names]


@router.get("/{name}", summary="One campaign: state, version, who stands where, what was held")
async def get_campaign(
    session: Session, settings: AppSettings, name: Name, language: Language = Language.EN
) -> CampaignOut:
    """`language` is for the title."""
    row = await find_campaign(session, name)
    line = describe_line(name, row)
    content, journey = await read_current(session, name)
    people = await count_steps(session, name)
    return CampaignOut(
        **line.model_dump(),
        title=str(getattr(journey.title, language)),
        waiting=(await read_standing(session, name)).content != content,
        promoted_arm=row.promoted_arm if row else None,
        may=[deed.value for deed in list_deeds(line.state)],
        steps=[
            StepOut(step=step, kind=name_kind(known), people=people.get(step, 0))
            for step, known in journey.steps.items()
        ],
        held=await count_held(session, name),
    )


@router.get("/{name}/dry-run", summary="What it would do today; nothing is stored or sent")
async def get_dry_run(session: Session, settings: AppSettings, name: Name, replay: bool = False) -> DryRunOut:
    """First messages to those who would enter today, through its own entry and the gate. `replay`: also last month."""
    _, journey = await read_current(session, name)
    now = clock.now()
    dry = await foresee_day(session, settings, name, journey, now)
    follow_ups = await foresee_follow_ups(session, name, settings.timezone, now)
    month = await replay_month(session, settings, name, journey, now) if replay else None
    said = [*say_dry_run(WORDS, dry, f"{dry.day:%Y-%m-%d}"), *say_follow_ups(WORDS, follow_ups)]
    return DryRunOut(
        **{one: getattr(dry, one) for one in ("day", "meant", "entered", "control", "sent", "cost", "currency")},
        refused=dict(dry.refused),
        held=dict(dry.held),
        percent_of_limit=dry.percent,
        follow_ups=dict(follow_ups),
        people=await name_people(session, dry),
        replay=describe_replay(month) if month else None,
        said=[*said, *(say_replay(WORDS, month) if month else ())],
    )


async def name_people(session: AsyncSession, dry: DryRun) -> list[ForeseenOut]:
    ids = {one.contact_id for one in dry.people}
    known = {row.id: row for row in await session.execute(NAMES, {"ids": sorted(ids)})}
    return [
        ForeseenOut(contact=known[one.contact_id].token, name=known[one.contact_id].name, **pick(one, ForeseenOut))
        for one in dry.people
    ]


def pick(one: Any, model: type[BaseModel]) -> dict[str, Any]:
    """What one has of a model's fields, by name."""
    return {name: getattr(one, name) for name in model.model_fields if hasattr(one, name)}


def describe_replay(month: Replay) -> ReplayOut:
    return ReplayOut(
        days=len(month.days),
        entered=month.entered,
        sent=sum(day.sent for day in month.days),
        held=sum(sum(day.held.values()) for day in month.days),
        cost=sum((day.cost for day in month.days), start=month.days[0].cost * 0),
        converted_anyway=month.converted,
    )


@router.get("/{name}/people", summary="Who is or was in it, by step, in pages")
async def get_people(
    session: Session,
    name: Name,
    step: Annotated[str | None, Query(description="Only those who stand there now")] = None,
    after: Annotated[int, Query(ge=0, description="The last id of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[PersonOut]:
    """In the order in which they entered; an empty page is the last."""
    values = {"campaign": name, "step": step, "after": after, "limit": limit}
    return [PersonOut(**row) for row in (await session.execute(PEOPLE, values)).mappings()]


@router.get("/{name}/results", summary="What it did per arm, segment and language, and what each arm adds")
async def get_results(
    session: Session, settings: AppSettings, name: Name, since: Since = None, until: Until = None
) -> ResultsOut:
    """Counts of people. `effects` stand beside those left alone, once their days to convert are over."""
    groups = await read_groups(session, name, since, until)
    effects = await read_effects(session, settings, name, clock.now(), since, until)
    return ResultsOut(
        groups=[
            GroupOut(
                **pick(one, GroupOut),
                median_hours_to_convert=one.close.total_seconds() / 3600 if one.close is not None else None,
            )
            for one in groups
        ],
        effects=[
            EffectOut(
                **{one: getattr(effect, one) for one in ("arm", "beside", "segment", "language", "verdict")},
                contacts=effect.sample.contacts,
                beside_contacts=effect.control.contacts,
                rate=IntervalOut(**asdict(effect.rate)) if effect.rate else None,
                revenue=IntervalOut(**asdict(effect.revenue)) if effect.revenue else None,
            )
            for effect in effects
        ],
        held=await count_held(session, name, since, until),
        outcomes=await count_outcomes(session, name, since, until),
    )


@router.get("/{name}/results.csv", summary="The same as a file", response_class=PlainTextResponse)
async def get_results_file(
    session: Session, settings: AppSettings, name: Name, since: Since = None, until: Until = None
) -> PlainTextResponse:
    """A line per group, with what an arm adds where it can be told; uplift in points of a hundred."""
    groups = await read_groups(session, name, since, until)
    effects = await read_effects(session, settings, name, clock.now(), since, until)
    return PlainTextResponse(write_csv(groups, effects), media_type="text/csv")


@router.get("/{name}/contacts/{contact_id}", summary="Why a contact was (not) written to, and all that happened")
async def get_why(
    session: Session, settings: AppSettings, name: Name, contact_id: ContactId, language: Language = Language.EN
) -> WhyOut:
    """By token, phone, user id or external id. `why`: every decision, and what would be decided now, in `language`."""
    _, journey = await read_current(session, name)
    contact = await session.get_one(Contact, contact_id)
    why = await explain_campaign(session, settings, contact_id, name, journey, language, clock.now())
    chain = await read_chain(session, name, contact_id)
    links = [LinkOut(**{key: value for key, value in asdict(one).items() if key != "enrollment_id"}) for one in chain]
    return WhyOut(contact=contact.token or "", campaign=name, why=why, chain=links)
