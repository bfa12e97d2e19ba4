"""Sends one approved message to one contact, filled with what is known of the contact."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.cart_values import read_cart_values
from campaigns.refusals import find_refusal
from campaigns.renewal_values import read_renewal
from campaigns.templates.definitions import Definition, Filled, MissingValueError, fill_template, load_templates
from campaigns.values import read_values
from contacts.consent import may_market
from core.settings import Settings
from core.tables import Contact
from core.types import Language, Purpose
from whatsapp.outbox import queue_template


class NotSendableError(Exception):
    """This template cannot go to this contact, the message says why. wrong: it never could, the request is wrong."""

    def __init__(self, problem: str, wrong: bool = False) -> None:
        super().__init__(problem)
        self.wrong = wrong


async def queue_approved(
    session: AsyncSession,
    settings: Settings,
    contact: Contact,
    template: str,
    parameters: dict[str, str],
    key: str,
    now: datetime,
) -> int | None:
    """Queues a template once per key; the id of its row, None if it was queued before. parameters: instead of ours."""
    filled = await fill_for(session, settings, contact, template, parameters, now)
    return await queue_filled(
        session, settings, contact.id, load_templates(settings.address)[template], filled, key, now
    )


async def queue_filled(
    session: AsyncSession,
    settings: Settings,
    contact_id: int,
    definition: Definition,
    filled: Filled,
    key: str,
    now: datetime,
) -> int | None:
    """Queues a template that is filled, once per key; the id of its row, None if it was queued before."""
    return await queue_template(
        session,
        contact_id=contact_id,
        phone_number_id=settings.phone_number_id,
        key=key,
        template=filled.template,
        text=filled.text,
        options=filled.options,
        purpose=definition.purpose,
        now=now,
        proposal=definition.proposal,
    )


async def fill_for(
    session: AsyncSession,
    settings: Settings,
    contact: Contact,
    template: str,
    parameters: dict[str, str],
    now: datetime,
) -> Filled:
    """The template as this contact would read it. NotSendableError: it may not be sent, or a value is missing."""
    templates = load_templates(settings.address)
    definition = templates.get(template)
    if definition is None:
        raise NotSendableError(f"template {template!r} is unknown: use {', '.join(templates)}", wrong=True)
    language = Language(contact.language) if contact.language else settings.language
    wording = definition.texts[language]
    if strange := set(parameters) - set(wording.parameters()):
        problem = f"parameters: {', '.join(sorted(strange))} is not in template {template!r}"
        raise NotSendableError(problem, wrong=True)
    if definition.purpose == Purpose.MARKETING and not await may_market(session, contact.id):
        raise NotSendableError("the contact has not agreed to marketing messages, or switched them off in WhatsApp")
    zone = contact.timezone or settings.timezone
    if refusal := await find_refusal(session, contact.id, definition.proposal, now, zone):
        raise NotSendableError(refusal)
    values = await read_values(session, contact.id, now, settings.timezone, definition.contract)
    values |= await read_cart_values(session, contact.id, language)
    values |= await read_renewal(session, contact.id, now, zone, language)
    try:
        return fill_template(template, language, wording, values | parameters)
    except MissingValueError as error:
        raise NotSendableError(str(error)) from error


async def list_sendable(session: AsyncSession, settings: Settings, contact: Contact, now: datetime) -> dict[str, str]:
    """The templates that can go to this contact now, with the text the person would read."""
    found = {}
    for name in load_templates(settings.address):
        try:
            found[name] = (await fill_for(session, settings, contact, name, {}, now)).text
        except NotSendableError:
            continue
    return found
