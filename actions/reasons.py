"""Why we write to a customer and where the number came from, as our own records tell it."""

from __future__ import annotations

import textwrap
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from actions import store
from actions.contracts import read_today
from actions.message import read_language
from actions.rights import Events
from actions.wording import format_date
from contacts.consent import consent_state
from contacts.rights import name_channel, tell_facts
from core.tables import Contact
from core.types import Purpose

QUOTED = 90  # letters of a consent's wording that are told
SKEW = timedelta(minutes=1)  # between WhatsApp's clock and ours

TEMPLATE = text(
    "SELECT purpose, coalesce(sent_at, accepted_at, created_at) AS at FROM outbox WHERE contact_id = :id"
    " AND kind = 'template' AND state IN ('accepted', 'held_for_quality_assessment', 'sent', 'delivered', 'read')"
    " ORDER BY id DESC LIMIT 1"
)
RECEIPT = text("SELECT receipt FROM score WHERE contact_id = :id")
FIRST_MESSAGE = text("SELECT min(sent_at) FROM message WHERE contact_id = :id")
FIRST_CONSENT = text(
    "SELECT at, channel, wording FROM consent WHERE contact_id = :id AND given ORDER BY at, id LIMIT 1"
)


async def explain_contact(dispatcher: Any, tracker: Any, domain: Any = None) -> Events:
    """Tells when we wrote first, the consent behind it, what spoke for it, and how to stop."""
    language = read_language(tracker)
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        own = {"id": contact.id}
        template = (await session.execute(TEMPLATE, own)).one_or_none()
        consent = (await consent_state(session, contact.id))[template.purpose if template else Purpose.MARKETING]
        receipt = await session.scalar(RECEIPT, own) or []
        facts = tell_facts(receipt, language, store.get_settings().address)
    if template is None:
        dispatcher.utter_message(response="utter_why_writing_no_template")
        return []
    sent_on = say_day(template.at, contact, language)
    if consent and consent["given"]:
        words = describe_consent(consent, contact, language)
        dispatcher.utter_message(response="utter_why_writing", sent_on=sent_on, **words)
    elif template.purpose == Purpose.SERVICE:
        dispatcher.utter_message(response="utter_why_writing_service", sent_on=sent_on)
    else:
        dispatcher.utter_message(response="utter_why_writing_no_consent", sent_on=sent_on)
    if facts and template.purpose == Purpose.MARKETING:
        dispatcher.utter_message(response="utter_why_facts", facts="; ".join(facts))
    dispatcher.utter_message(response="utter_how_to_stop")
    return []


async def tell_number_source(dispatcher: Any, tracker: Any, domain: Any = None) -> Events:
    """Tells how the number reached us: the customer wrote first, agreed somewhere, or our records do not say."""
    language = read_language(tracker)
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        wrote_at = await session.scalar(FIRST_MESSAGE, {"id": contact.id})
        consent = (await session.execute(FIRST_CONSENT, {"id": contact.id})).mappings().one_or_none()
    if wrote_at and wrote_at <= contact.created_at + SKEW:  # nobody had told us of the number before
        dispatcher.utter_message(response="utter_number_source_wrote_us", on=say_day(wrote_at, contact, language))
    elif consent:
        words = describe_consent(consent, contact, language)
        dispatcher.utter_message(response="utter_number_source_consent", **words)
    else:
        dispatcher.utter_message(response="utter_number_source_unknown")
    return []


def describe_consent(consent: Any, contact: Contact, language: str) -> dict[str, str]:
    """Day, channel and wording, shortened."""
    return {
        "given_on": say_day(consent["at"], contact, language),
        "channel": name_channel(consent["channel"], language),
        "wording": textwrap.shorten(consent["wording"], QUOTED, placeholder=" …"),
    }


def say_day(at: datetime, contact: Contact, language: str) -> str:
    """The day as it was where the customer lives."""
    return format_date(read_today(contact, at), language)
