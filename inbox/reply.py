"""An agent answers: a free text inside the 24-hour window, an approved template outside it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.approved import NotSendableError, list_sendable, queue_approved
from core.settings import Settings
from core.tables import Composing, Contact, Handoff
from core.types import HandoffState, Media, Outbound
from inbox.states import change, lock_open
from inbox.telling import choose_language, find_number
from inbox.words import RefusedError
from whatsapp.outbox import queue_reply
from whatsapp.window import close_window_at, is_window_open


class WindowClosedError(RefusedError):
    """WhatsApp takes no free text any more; templates: what may be sent now, name to text."""

    def __init__(self, closed_at: datetime | None, templates: dict[str, str]) -> None:
        self.closed_at, self.templates = closed_at, templates
        super().__init__("window_closed" if closed_at else "never_wrote", at=closed_at)


async def reply(
    session: AsyncSession,
    settings: Settings,
    handoff_id: int,
    by: int,
    words: str,
    key: str,
    now: datetime,
    media: tuple[Media, ...] = (),
) -> list[int]:
    """Queues an agent's answer; the ids in the outbox, none if this key was queued before. The caller commits.

    key: made by the page once per answer, so that a double click sends one. A handoff of nobody's becomes the agent's.
    RefusedError: somebody else has it, it is closed, empty, or nothing WhatsApp takes. WindowClosedError: too late.
    """
    handoff = await lock_open(session, handoff_id, by)
    contact = await session.get_one(Contact, handoff.contact_id, populate_existing=True)
    if not words.strip() and not media:
        raise RefusedError("empty")
    await require_window(session, settings, contact, now)
    try:
        queued = await queue_reply(
            session,
            contact_id=contact.id,
            phone_number_id=await find_number(session, contact.id, settings),
            key=key_of(handoff, by, key),
            message=Outbound(words.strip(), media=media),
            language=choose_language(contact, settings),
            now=now,
        )
    except ValueError as error:
        raise RefusedError("cannot_say", problem=str(error)) from error
    if queued:
        await note_answer(session, handoff, by, now)
    return queued


async def send_template(
    session: AsyncSession,
    settings: Settings,
    handoff_id: int,
    by: int,
    template: str,
    parameters: dict[str, str],
    key: str,
    now: datetime,
) -> int | None:
    """Queues an approved template, as POST /api/messages does; its id, None if this key was queued before.

    RefusedError: somebody else has it, it is closed, or the template may not go to this contact or lacks a value.
    """
    handoff = await lock_open(session, handoff_id, by)
    contact = await session.get_one(Contact, handoff.contact_id, populate_existing=True)
    try:
        queued = await queue_approved(session, settings, contact, template, parameters, key_of(handoff, by, key), now)
    except NotSendableError as error:
        raise RefusedError("template", problem=str(error)) from error
    if queued is not None:
        await note_answer(session, handoff, by, now)
    return queued


async def require_window(session: AsyncSession, settings: Settings, contact: Contact, now: datetime) -> None:
    """Raises WindowClosedError, with what may be sent instead, unless a free text may leave."""
    if not is_window_open(contact.last_inbound_at, now):
        closed_at = close_window_at(contact.last_inbound_at) if contact.last_inbound_at else None
        raise WindowClosedError(closed_at, await list_sendable(session, settings, contact, now))


async def note_answer(session: AsyncSession, handoff: Handoff, by: int, now: datetime) -> None:
    """The customer has an answer: now it is their move."""
    columns = {"first_response_at": handoff.first_response_at or now, "unanswered_since": None, "snoozed_until": None}
    await change(session, handoff, HandoffState.WAITING, by, now, "answered", account_id=by, **columns)
    handoff.read_at = now
    await session.execute(delete(Composing).where(Composing.handoff_id == handoff.id, Composing.account_id == by))


def key_of(handoff: Handoff, by: int, key: str) -> str:
    """The outbox key of an agent's message: agent:<account>:<handoff>:<key>."""
    return f"agent:{by}:{handoff.id}:{key}"
