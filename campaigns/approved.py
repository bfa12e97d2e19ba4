"""Sends one approved message to one contact, through the gate, because a person or another system wants it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.deciding import decide_many, foresee_many
from campaigns.gate.explain import explain_held
from campaigns.gate.wishes import Held, Origin, SendWish
from campaigns.templates.definitions import load_templates
from core.settings import Settings
from core.tables import Contact
from core.types import Language


class NotSendableError(Exception):
    """This template cannot go to this contact, the message says why. wrong: it never could, the request is wrong."""

    def __init__(self, problem: str, wrong: bool = False, held: Held | None = None) -> None:
        super().__init__(problem)
        self.wrong, self.held = wrong, held


async def queue_approved(
    session: AsyncSession,
    settings: Settings,
    contact: Contact,
    template: str,
    parameters: dict[str, str],
    key: str,
    now: datetime,
    origin: Origin = Origin.PERSON,
) -> int | None:
    """Queues a template once per key; the id of its row, None if it was queued before. parameters: instead of ours.

    NotSendableError: it is held. The decision is stored all the same, if the caller commits.
    """
    require_parameters(settings, contact, template, parameters)
    wish = SendWish(contact.id, template, key, values=parameters, origin=origin)
    (verdict,) = await decide_many(session, settings, [wish], now)
    if isinstance(verdict, Held):
        raise NotSendableError(explain_held(verdict, "en", contact.timezone or settings.timezone), held=verdict)
    return None if verdict.repeated else verdict.outbox_id


def require_parameters(settings: Settings, contact: Contact, template: str, parameters: dict[str, str]) -> None:
    """NotSendableError where the template or one of its values is not known."""
    templates = load_templates(settings.address)
    if (definition := templates.get(template)) is None:
        raise NotSendableError(f"template {template!r} is unknown: use {', '.join(templates)}", wrong=True)
    own = contact.language
    wording = definition.texts[Language(own) if own in set(Language) else settings.language]
    if strange := set(parameters) - {*wording.parameters(), definition.link}:
        problem = f"parameters: {', '.join(sorted(strange))} is not in template {template!r}"
        raise NotSendableError(problem, wrong=True)


async def list_sendable(session: AsyncSession, settings: Settings, contact: Contact, now: datetime) -> dict[str, str]:
    """The templates a person of ours can send to this contact now, with the text the contact would read."""
    names = load_templates(settings.address)
    wishes = [SendWish(contact.id, name, f"may:{name}", origin=Origin.PERSON) for name in names]
    foreseen = await foresee_many(session, settings, wishes, now)
    return {one.wish.template: one.text for one in foreseen if one.held is None and one.text}
