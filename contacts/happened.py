"""Stores what contacts did elsewhere, each event once. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.find import find_contacts
from contacts.incoming import EventIn
from contacts.intake import mark_stale
from contacts.locking import find_and_lock

AHEAD = timedelta(minutes=5)  # clocks of other systems differ a little

STORE_EVENTS = text(
    """
    INSERT INTO event (contact_id, kind, at, key, data)
    SELECT contact_id, kind, at, key, CAST(data AS jsonb)
    FROM unnest(CAST(:contacts AS bigint[]), CAST(:kinds AS text[]), CAST(:ats AS timestamptz[]),
                CAST(:keys AS text[]), CAST(:data AS text[])) AS new (contact_id, kind, at, key, data)
    ON CONFLICT (key) DO NOTHING RETURNING contact_id
    """
)


class EventRefused(StrEnum):
    """Why an event cannot be stored."""

    UNKNOWN = "unknown_person"
    FUTURE = "future"


@dataclass(frozen=True)
class StoredEvents:
    """How many were new, and by position in what was told, which are refused and why."""

    new: int
    refused: dict[int, EventRefused]


async def store_events(session: AsyncSession, items: Sequence[EventIn], now: datetime, channel: str) -> StoredEvents:
    """Stores events that are new and marks their contacts' scores; those that are refused are left out."""
    names = [item.contact for item in items]
    found, _ = await find_and_lock(session, lambda: find_contacts(session, names), lambda known: known.values())
    refused = {
        place: EventRefused.UNKNOWN if item.contact not in found else EventRefused.FUTURE
        for place, item in enumerate(items)
        if item.contact not in found or (item.at and item.at > now + AHEAD)
    }
    good = [item for place, item in enumerate(items) if place not in refused]
    values: dict[str, Any] = {
        "contacts": [found[item.contact] for item in good],
        "kinds": [item.kind.value for item in good],
        "ats": [item.at or now for item in good],
        "keys": [f"{channel}:{item.key}" for item in good],
        "data": [orjson.dumps(item.stored_data()).decode() for item in good],
    }
    touched = list(await session.scalars(STORE_EVENTS, values)) if good else []
    if touched:
        await mark_stale(session, sorted(set(touched)), now)
    return StoredEvents(len(touched), refused)
