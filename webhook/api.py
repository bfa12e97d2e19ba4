"""The API for other systems: contacts and events in, profile and score out, templates sent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Query
from pydantic import Field
from sqlalchemy import select, text

from campaigns.approved import NotSendableError, queue_approved
from campaigns.gate.wishes import Origin
from contacts.audit import audit_data, make_json
from contacts.find import find_contact_id
from core import clock
from core.tables import Contact, Outbox
from core.types import Language
from webhook.answer import PlainAnswer
from webhook.api_models import (
    ClockIn,
    ClockOut,
    ContactBody,
    ContactOut,
    EventBody,
    EventsOut,
    MessageIn,
    MessageOut,
    OfferIn,
)
from webhook.deps import AppSettings, Session, require_api_key
from webhook.intake import RefusedError, store_offers, take_contacts, take_events
from webhook.profile import read_history, read_profile

MOST = 1000  # entries of one request
router = APIRouter(prefix="/api", tags=["api"], dependencies=[Depends(require_api_key)])

type Many[T] = T | Annotated[list[T], Field(min_length=1, max_length=MOST)]


def as_list[T](value: T | list[T]) -> list[T]:
    return value if isinstance(value, list) else [value]


async def require_contact(session: Session, contact_id: str) -> int:
    """The contact a path or body names by token, phone, user id or external id."""
    found = await find_contact_id(session, contact_id)
    if found is None:
        raise HTTPException(404, f"contact {contact_id!r} is not known: give a token, phone, user id or external id")
    return found


type ContactId = Annotated[int, Depends(require_contact)]


@router.put("/contacts", summary="Create or update contacts")
async def put_contacts(
    session: Session, settings: AppSettings, body: Annotated[Many[ContactBody], Body()]
) -> list[ContactOut]:
    """One contact or up to 1,000, all or none; every bad one is named by its index. Told again changes nothing."""
    items = as_list(body)
    try:
        stored = await take_contacts(session, items, clock.now(), settings.secret_key.get_secret_value())
    except RefusedError as error:
        raise HTTPException(error.status, error.errors) from error
    await session.commit()
    return [ContactOut(token=one.token or "", external_id=one.external_id) for one in stored]


@router.post("/events", summary="Tell what contacts did elsewhere")
async def post_events(session: Session, body: Annotated[Many[EventBody], Body()]) -> EventsOut:
    """One event or up to 1,000, all or none; every bad one is named by its index. A known key is not stored again."""
    items = as_list(body)
    try:
        stored = await take_events(session, items, clock.now())
    except RefusedError as error:
        raise HTTPException(error.status, error.errors) from error
    await session.commit()
    return EventsOut(stored=stored, repeated=len(items) - stored)


@router.put("/offers", summary="Add or replace offers")
async def put_offers(session: Session, body: Annotated[Many[OfferIn], Body()]) -> dict[str, int]:
    """One offer or up to 1,000. An offer with a known code is replaced, also one that comes with Pronto."""
    items = as_list(body)
    await store_offers(session, items)
    await session.commit()
    return {"stored": len({item.code for item in items})}


@router.get("/audit", summary="Data quality, and which features it justifies")
async def get_audit(session: Session, settings: AppSettings) -> dict[str, Any]:
    """The counts of this moment against the limits in the settings. Of a million contacts it takes a minute."""
    return make_json(await audit_data(session, settings, clock.now()))


@router.get("/contacts/{contact_id}", summary="Profile, score with receipt, last turns and messages")
async def get_contact(session: Session, contact_id: ContactId, language: Language = Language.EN) -> PlainAnswer:
    """`language` is for the words of the receipt. Turns and outbox: newest first."""
    profile = await read_profile(session, contact_id, language)
    await session.commit()  # a rollback makes the connection forget its prepared statements
    return PlainAnswer(profile)


@router.get("/contacts/{contact_id}/messages", summary="Message history with attempts and statuses")
async def get_messages(
    session: Session, contact_id: ContactId, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> PlainAnswer:
    """The newest messages in both directions, oldest first."""
    history = await read_history(session, contact_id, limit)
    await session.commit()  # as above
    return PlainAnswer(history)


@router.post("/messages", summary="Send an approved template to a contact")
async def post_message(session: Session, settings: AppSettings, body: MessageIn) -> MessageOut:
    """Queued once per occasion (`key`). 409 with the reason if the gate holds it, and when to ask again.

    The gate asks for consent, an open handoff or conversation, the approval of the template and its values, caps,
    quiet hours and holidays where the contact lives, the daily limit of WhatsApp and the budget.
    """
    contact = await session.get_one(Contact, await require_contact(session, body.contact))
    now = clock.now()
    key = f"api:{body.key or f'{body.template}:{contact.token}:{now:%Y-%m-%d}'}"
    try:
        origin = Origin.PERSON if body.at_once else Origin.SYSTEM
        queued = await queue_approved(session, settings, contact, body.template, body.parameters, key, now, origin)
    except NotSendableError as error:
        await session.commit()  # the decision
        raise HTTPException(422 if error.wrong else 409, str(error)) from error
    row = (await session.scalars(select(Outbox).where(Outbox.key == key))).one()
    await session.commit()
    return MessageOut(id=row.id, state=row.state, text=row.text, repeated=queued is None)


@router.post("/clock", summary="Demo only: move the clock forward")
async def post_clock(session: Session, settings: AppSettings, body: ClockIn) -> ClockOut:
    """Every process follows, and every score is computed anew: deadlines came nearer."""
    if not settings.demo:
        raise HTTPException(404, "the clock can be moved in demo mode only")
    await clock.move_clock(session, body.seconds)
    await clock.sync_clock(session)
    await session.execute(
        text("UPDATE contact SET score_stale_at = :now WHERE erased_at IS NULL"), {"now": clock.now()}
    )
    await session.commit()
    return ClockOut(now=clock.now())
