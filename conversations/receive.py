"""Stores what WhatsApp delivered, each thing once, and wakes the contacts that wait for an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.holders import Sighting
from contacts.identity import resolve_sightings
from contacts.settle import change_address
from conversations.preferences import store_preferences
from core.types import (
    AddressChange,
    Delivery,
    InboundMessage,
    MessageKind,
    PlatformUpdate,
    PreferenceChange,
    Update,
)
from whatsapp.deliveries import store_deliveries
from whatsapp.fields import NO_TIME
from whatsapp.json_body import write_json

TAPS = {MessageKind.BUTTON_REPLY, MessageKind.LIST_REPLY, MessageKind.FLOW_REPLY, MessageKind.BUTTON}
SILENT = {  # kept and shown, but no turn answers them
    MessageKind.SYSTEM,
    MessageKind.REACTION,
    MessageKind.CALL_PERMISSION_REPLY,
    MessageKind.EDIT,
    MessageKind.REVOKE,
    MessageKind.UNKNOWN,
}
NOT_WRITTEN = {MessageKind.SYSTEM, MessageKind.EDIT, MessageKind.REVOKE}  # do not open the 24-hour window
LONGEST_BURST = 4  # a customer who types on and on is answered after so many bursts

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
INSERT_MESSAGES = text(
    """
    INSERT INTO message (contact_id, wamid, phone_number_id, kind, text, reply_id, context_wamid, payload, sent_at,
      received_at)
    SELECT contact_id, wamid, phone_number_id, kind, text, reply_id, context_wamid, CAST(payload AS jsonb), sent_at,
      :now FROM unnest(
      CAST(:contact_ids AS bigint[]), CAST(:wamids AS text[]), CAST(:numbers AS text[]), CAST(:kinds AS text[]),
      CAST(:texts AS text[]), CAST(:reply_ids AS text[]), CAST(:contexts AS text[]), CAST(:payloads AS text[]),
      CAST(:times AS timestamptz[]))
      AS v (contact_id, wamid, phone_number_id, kind, text, reply_id, context_wamid, payload, sent_at)
    ON CONFLICT (wamid) DO NOTHING
    RETURNING wamid
    """
)
# Lanes before contacts, both in id order: turns lock them in this order too, so nobody waits in a circle.
WAKE_LANES = text(
    """
    INSERT INTO lane AS l (contact_id, waiting_since, ready_at)
    SELECT contact_id, :now, CASE WHEN tapped THEN CAST(:now AS timestamptz) ELSE CAST(:later AS timestamptz) END
    FROM unnest(CAST(:contact_ids AS bigint[]), CAST(:tapped AS boolean[])) AS v (contact_id, tapped)
    ORDER BY contact_id
    ON CONFLICT (contact_id) DO UPDATE SET
      waiting_since = coalesce(l.waiting_since, excluded.waiting_since),
      ready_at = least(excluded.ready_at, coalesce(l.waiting_since, excluded.waiting_since) + :longest)
    """
)
TOUCH_CONTACTS = text(
    """
    UPDATE contact c SET last_inbound_at = greatest(c.last_inbound_at, v.last_at), name = coalesce(c.name, v.name),
      username = coalesce(v.username, c.username), score_stale_at = :now, updated_at = :now
    FROM (SELECT id FROM contact WHERE id = ANY(CAST(:contact_ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE) AS locked
    JOIN unnest(CAST(:contact_ids AS bigint[]), CAST(:last AS timestamptz[]), CAST(:names AS text[]),
      CAST(:usernames AS text[])) AS v (id, last_at, name, username) ON v.id = locked.id
    WHERE c.id = v.id
    """
)
RING = text(
    """
    SELECT CASE WHEN :waking THEN pg_notify('inbox', '') END, pg_notify('contact', id::text)
    FROM unnest(CAST(:contact_ids AS bigint[])) AS id
    """
)


@dataclass
class Arrival:
    """What the new messages of one contact change about it."""

    last_at: datetime | None = None
    name: str | None = None
    username: str | None = None
    wakes: bool = False
    tapped: bool = False


async def store_updates(
    session: AsyncSession, updates: list[Update], now: datetime, burst_seconds: float, own_number: str = ""
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
    arrivals: dict[int, Arrival] = {}
    if messages:
        owned = [(contacts[Sighting(message.address, message.sent_at)], message) for message in messages]
        arrivals = await store_messages(session, owned, now)
        await wake_lanes(session, arrivals, now, timedelta(seconds=burst_seconds))
        await touch_contacts(session, arrivals, now)
    switched: list[int] = []
    if preferences:
        wishes = [(contacts[Sighting(wish.address, wish.at)], wish) for wish in preferences]
        switched = await store_preferences(session, wishes, now)
    if deliveries:
        await store_deliveries(session, deliveries, now)
    if arrivals or switched:
        waking = any(arrival.wakes for arrival in arrivals.values())
        await session.execute(RING, {"waking": waking, "contact_ids": sorted({*arrivals, *switched})})


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
    session: AsyncSession, reports: Iterable[PlatformUpdate], changes: list[AddressChange], now: datetime
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


async def store_messages(
    session: AsyncSession, owned: list[tuple[int, InboundMessage]], now: datetime
) -> dict[int, Arrival]:
    """Inserts the messages not seen before, in the order they were sent, and returns what they change by contact."""
    owned = sorted(owned, key=lambda pair: (pair[1].sent_at, pair[1].wamid))  # one order in every process
    values = {
        "contact_ids": [contact_id for contact_id, _ in owned],
        "wamids": [message.wamid for _, message in owned],
        "numbers": [message.phone_number_id for _, message in owned],
        "kinds": [message.kind.value for _, message in owned],
        "texts": [message.text for _, message in owned],
        "reply_ids": [message.reply_id for _, message in owned],
        "contexts": [message.context_wamid for _, message in owned],
        "payloads": [write_json(message.payload) for _, message in owned],
        "times": [message.sent_at for _, message in owned],
        "now": now,
    }
    new = set((await session.execute(INSERT_MESSAGES, values)).scalars())
    arrivals: dict[int, Arrival] = {}
    for contact_id, message in owned:
        if message.wamid in new:
            new.discard(message.wamid)
            note_arrival(arrivals.setdefault(contact_id, Arrival()), message, now)
    return dict(sorted(arrivals.items()))


def note_arrival(arrival: Arrival, message: InboundMessage, now: datetime) -> None:
    """Adds one message. A time in the future would keep the window open, so it counts as now."""
    if message.kind not in NOT_WRITTEN:
        sent_at = min(message.sent_at, now)
        arrival.last_at = max(arrival.last_at or sent_at, sent_at)
    arrival.name = message.profile_name or arrival.name
    arrival.username = message.username or arrival.username
    arrival.wakes = arrival.wakes or message.kind not in SILENT
    arrival.tapped = arrival.tapped or message.kind in TAPS


async def wake_lanes(session: AsyncSession, arrivals: dict[int, Arrival], now: datetime, burst: timedelta) -> None:
    """Makes the lanes ready: at once after a tap, after typing when the burst is over."""
    waking = {contact_id: arrival for contact_id, arrival in arrivals.items() if arrival.wakes}
    if waking:
        values = {
            "contact_ids": list(waking),
            "tapped": [arrival.tapped for arrival in waking.values()],
            "now": now,
            "later": now + burst,
            "longest": LONGEST_BURST * burst,
        }
        await session.execute(WAKE_LANES, values)


async def touch_contacts(session: AsyncSession, arrivals: dict[int, Arrival], now: datetime) -> None:
    """Notes when the contacts wrote and how they call themselves; a name we have from elsewhere stays."""
    if arrivals:
        values = {
            "contact_ids": list(arrivals),
            "last": [arrival.last_at for arrival in arrivals.values()],
            "names": [arrival.name for arrival in arrivals.values()],
            "usernames": [arrival.username for arrival in arrivals.values()],
            "now": now,
        }
        await session.execute(TOUCH_CONTACTS, values)
