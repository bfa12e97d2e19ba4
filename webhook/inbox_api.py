"""Handoffs for other systems: the list, the card, what can be done with one, numbers, what agents teach."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import text

from accounts.login import find_active
from contacts.incoming import Text
from core import clock
from core.tables import Handoff
from core.types import HandoffState, Language
from inbox import states
from inbox.card import read_card
from inbox.numbers import read_numbers, write_csv
from inbox.reply import WindowClosedError, reply
from inbox.satisfaction import read_satisfaction, write_satisfaction_csv
from inbox.teaching import export_teachings
from inbox.words import RefusedError
from webhook.api_models import Strict
from webhook.deps import AppSettings, Session, require_api_key

router = APIRouter(prefix="/api/handoffs", tags=["handoffs"], dependencies=[Depends(require_api_key)])
LIST = text("""
    SELECT h.id, c.token AS contact, c.name, coalesce(c.language, h.card ->> 'language') AS language, h.reason, h.state,
           a.email AS agent, h.opened_at, h.unanswered_since, h.first_response_at, h.snoozed_until, h.closed_at
    FROM handoff h JOIN contact c ON c.id = h.contact_id LEFT JOIN account a ON a.id = h.account_id
    WHERE (h.state = CAST(:state AS text) OR (CAST(:state AS text) IS NULL AND h.closed_at IS NULL))
      AND h.id > :after ORDER BY h.id LIMIT :limit
""")
CHANGES = text("""
    SELECT g.at, a.email AS by, g.state_before AS "from", g.state AS "to", o.email AS agent, g.why
    FROM handoff_change g LEFT JOIN account a ON a.id = g.account_id LEFT JOIN account o ON o.id = g.assigned_to
    WHERE g.handoff_id = :id ORDER BY g.id
""")


class HandoffOut(BaseModel):
    """A handoff as other desks list it. agent: whose it is."""

    id: int
    contact: str
    name: str | None
    language: str | None
    reason: str
    state: HandoffState
    agent: str | None
    opened_at: datetime
    unanswered_since: datetime | None
    first_response_at: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None


class DeedIn(Strict):
    """Who does it: the email of an account."""

    agent: Text = Field(examples=["sofia@example.org"])


class AssignIn(DeedIn):
    to: Text = Field(description="Email of the account that gets it")
    why: str = "assigned"


class SnoozeIn(DeedIn):
    until: AwareDatetime


class CloseIn(DeedIn):
    why: str = ""
    tell: bool = Field(True, description="Tell the customer that the assistant answers again")


class ReplyIn(DeedIn):
    text: Text
    key: Text = Field(description="Of this answer; sent twice with the same key it leaves once")


class ReplyOut(BaseModel):
    """The ids of the queued messages; none if this key was queued before."""

    ids: list[int]


@asynccontextmanager
async def answering(session: Session) -> AsyncIterator[None]:
    """Commits what was done; a refusal becomes 409 with its sentence, an unknown handoff 404."""
    try:
        yield
    except LookupError as error:
        raise HTTPException(404, str(error)) from error
    except WindowClosedError as error:
        raise HTTPException(409, {"problem": str(error), "templates": error.templates}) from error
    except RefusedError as error:
        raise HTTPException(409, str(error)) from error
    await session.commit()


async def find_account(session: Session, email: str) -> int:
    """The account of an email. 422: there is none that works here."""
    found = await find_active(session, email)
    if found is None:
        raise HTTPException(422, f"agent {email!r} has no active account: add one with `pronto user add`")
    return found.id


@router.get("", summary="Handoffs, oldest first")
async def get_handoffs(
    session: Session,
    state: HandoffState | None = None,
    after: int = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[HandoffOut]:
    """Those of a state, without one all that are not closed. `after`: the last id of the page before."""
    rows = (await session.execute(LIST, {"state": state, "after": after, "limit": limit})).mappings()
    return [HandoffOut(**row) for row in rows]


@router.get("/numbers.csv", summary="Response times, reasons, satisfaction", response_class=PlainTextResponse)
async def get_numbers(
    session: Session, since: AwareDatetime | None = None, until: AwareDatetime | None = None
) -> PlainTextResponse:
    """Of the handoffs opened since then, 30 days without a time; by agent, language and reason."""
    end = until or clock.now()
    numbers = await read_numbers(session, since or end - timedelta(days=30), end)
    return PlainTextResponse(write_csv(numbers), media_type="text/csv")


@router.get("/satisfaction.csv", summary="Stars by agent, language and week", response_class=PlainTextResponse)
async def get_satisfaction(
    session: Session, settings: AppSettings, since: AwareDatetime | None = None, until: AwareDatetime | None = None
) -> PlainTextResponse:
    """Of the questions asked since then, 30 days without a time."""
    end = until or clock.now()
    lines = await read_satisfaction(session, since or end - timedelta(days=30), end, settings.timezone)
    return PlainTextResponse(write_satisfaction_csv(lines), media_type="text/csv")


@router.get("/teachings.yml", summary="Accepted sentences as training data", response_class=PlainTextResponse)
async def get_teachings(session: Session, language: Language) -> PlainTextResponse:
    return PlainTextResponse(await export_teachings(session, language), media_type="application/yaml")


@router.get("/{handoff_id}", summary="The card, and every change")
async def get_handoff(
    session: Session, settings: AppSettings, handoff_id: int, language: Language = Language.EN, agent: str = ""
) -> JSONResponse:
    """`language` is the reader's; `agent` the name that stands in the suggested replies."""
    async with answering(session):
        card = await read_card(session, settings, handoff_id, language, agent or settings.company)
        changes = [dict(row) for row in (await session.execute(CHANGES, {"id": handoff_id})).mappings()]
    return JSONResponse(jsonable_encoder({"card": card, "changes": changes}))


@router.post("/{handoff_id}/assign", summary="Give it to somebody")
async def post_assign(session: Session, handoff_id: int, body: AssignIn) -> dict[str, Any]:
    async with answering(session):
        by, to = await find_account(session, body.agent), await find_account(session, body.to)
        handoff = await states.assign(session, handoff_id, to, by, clock.now(), body.why or "assigned")
    return describe(handoff)


@router.post("/{handoff_id}/snooze", summary="Out of sight until a time or a message")
async def post_snooze(session: Session, handoff_id: int, body: SnoozeIn) -> dict[str, Any]:
    async with answering(session):
        by = await find_account(session, body.agent)
        handoff = await states.snooze(session, handoff_id, by, body.until, clock.now())
    return describe(handoff)


@router.post("/{handoff_id}/close", summary="Give the contact back to the assistant")
async def post_close(session: Session, settings: AppSettings, handoff_id: int, body: CloseIn) -> dict[str, bool]:
    """`told`: whether the customer could be told; outside the 24-hour window nobody can."""
    async with answering(session):
        by = await find_account(session, body.agent)
        told = await states.close(session, settings, handoff_id, by, clock.now(), body.why, body.tell)
    return {"told": told}


@router.post("/{handoff_id}/reopen", summary="Take a closed one up again")
async def post_reopen(session: Session, handoff_id: int, body: DeedIn) -> dict[str, Any]:
    async with answering(session):
        by = await find_account(session, body.agent)
        handoff = await states.reopen(session, handoff_id, by, clock.now())
    return describe(handoff)


@router.post("/{handoff_id}/reply", summary="Answer the customer")
async def post_reply(session: Session, settings: AppSettings, handoff_id: int, body: ReplyIn) -> ReplyOut:
    """409 with the templates that may be sent instead, once the 24-hour window is closed."""
    async with answering(session):
        by = await find_account(session, body.agent)
        ids = await reply(session, settings, handoff_id, by, body.text, body.key, clock.now())
    return ReplyOut(ids=ids)


def describe(handoff: Handoff) -> dict[str, Any]:
    return {"id": handoff.id, "state": handoff.state, "account": handoff.account_id}
