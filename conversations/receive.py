"""Stores what WhatsApp delivered, each thing once, and wakes the contacts that wait for an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import text

from contacts.holders import Sighting
from contacts.identity import resolve_sightings
from contacts.settle import change_address
from conversations.arrivals import store_messages
from conversations.preferences import store_preferences
from core.direct import Executes
from core.types import (
    AddressChange,
    Delivery,
    InboundMessage,
    PlatformUpdate,
    PreferenceChange,
    Update,
)
from whatsapp.deliveries import store_deliveries
from whatsapp.fields import NO_TIME
from whatsapp.json_body import write_json
from whatsapp.outbox import ring_contacts

INSERT_REPORTS = text(
    """
    INSERT INTO platform_report (key, field, account_id, value, received_at)
    SELECT key, field, account_id, CAST(value AS jsonb), :now FROM unnest(
      CAST(:keys AS text[]), CAST(:fields AS text[]), CAST(:accounts AS text[]), CAST(:vals AS text[]))
      AS v (key, field, account_id, value)
    ORDER BY key
    ON CONFLICT (key) DO NOTHING
    RETURNING key
    """
)


async def store_updates(
    session: Executes, updates: list[Update], now: datetime, burst_seconds: float, own_number: str = ""
) -> None:
    """Stores everything of one or more deliveries in the caller's transaction; what was stored before changes nothing.

    own_number: messages to other numbers of the account are kept as reports and not answered; empty: all are ours.
    """
    messages = [timed(update, now) for update in updates if isinstance(update, InboundMessage)]
    foreign = [m for m in messages if own_number and m.phone_number_id and m.phone_number_id != own_number]
    messages = [message for message in messages if message not in foreign] if foreign else messages
    changes = [update for update in updates if isinstance(update, AddressChange)]
    reports = [update for update in updates if isinstance(update, PlatformUpdate)]
    await store_reports(session, [*reports, *map(foreign_report, foreign)], changes, now)

    preferences = [replace(u, at=read_at(u.at, now)) for u in updates if isinstance(u, PreferenceChange)]
    deliveries = [replace(u, at=read_at(u.at, now)) for u in updates if isinstance(u, Delivery)]
    sightings = [Sighting(message.address, message.sent_at) for message in messages]
    sightings += [Sighting(preference.address, preference.at) for preference in preferences]
    sightings += [
        Sighting(delivery.address, delivery.at, creates=False)  # only tells that phone number and user id are one
        for delivery in deliveries
        if delivery.address and delivery.address.phone and delivery.address.user_id
    ]
    contacts = await resolve_sightings(session, sightings, now)
    if messages:
        owned = [(contacts[Sighting(message.address, message.sent_at)], message) for message in messages]
        await store_messages(session, owned, now, timedelta(seconds=burst_seconds))
    if preferences:
        wishes = [(contacts[Sighting(wish.address, wish.at)], wish) for wish in preferences]
        await ring_contacts(session, set(await store_preferences(session, wishes, now)))
    if deliveries:
        await store_deliveries(session, deliveries, now)


def timed(message: InboundMessage, now: datetime) -> InboundMessage:
    """The message, sent now if WhatsApp gave no readable time."""
    return replace(message, sent_at=now) if message.sent_at == NO_TIME else message


def read_at(at: datetime, now: datetime) -> datetime:
    """The time WhatsApp gave, or now."""
    return now if at == NO_TIME else at


def foreign_report(message: InboundMessage) -> PlatformUpdate:
    """A message to another number of the account: kept, but not ours to answer."""
    key = "message:" + hashlib.sha256(message.wamid.encode()).hexdigest()
    value = {"phone_number_id": message.phone_number_id, "messages": message.payload}
    return PlatformUpdate(key, "messages.other_number", "", value)


async def store_reports(
    session: Executes, reports: Iterable[PlatformUpdate], changes: list[AddressChange], now: datetime
) -> None:
    """Keeps reports and changes of address; a change acts only the first time it is told."""
    rows = {report.key: (report.field, report.account_id, write_json(report.value)) for report in reports}
    rows |= {change.key: ("address_change", "", write_json(change_value(change))) for change in changes}
    if not rows:
        return
    fields, accounts, values = zip(*rows.values(), strict=True)
    given = {"keys": list(rows), "fields": list(fields), "accounts": list(accounts), "vals": list(values), "now": now}
    new = set((await session.execute(INSERT_REPORTS, given)).scalars())
    for change in sorted(changes, key=lambda change: change.at):
        if change.key in new:
            new.discard(change.key)
            await change_address(session, replace(change, at=read_at(change.at, now)), now)


def change_value(change: AddressChange) -> dict[str, str | None]:
    """A change of address as it is kept."""
    return {
        "previous_phone": change.previous.phone,
        "previous_user_id": change.previous.user_id,
        "phone": change.current.phone,
        "user_id": change.current.user_id,
        "at": change.at.isoformat(),
    }
