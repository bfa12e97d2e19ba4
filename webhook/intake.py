"""Stores what other systems send to /api, all of it or nothing. The caller commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.happened import EventRefused, store_events
from contacts.identify import Refused
from contacts.incoming import ContactIn, EventIn
from contacts.intake import Source, Stored, store_contacts
from core.tables import Offer
from offers.sweep import request_sweep
from webhook.api_models import OfferIn

CHANNEL = "api"
KINDS_OF = text("SELECT DISTINCT kind FROM offer WHERE code = ANY (:codes)")
REMEDIES = {
    Refused.UNKNOWN: "external_id {name!r} is not known yet: give phone or user_id too, to create the contact",
    Refused.TWO_CONTACTS: "external_id {name!r} and this phone or user_id belong to two contacts: correct one of them,"
    " or give the other contact a new external_id first",
    EventRefused.UNKNOWN: "contact {name!r} is not known: PUT it to /api/contacts first",
    EventRefused.FUTURE: "event {name!r} lies in the future: correct `at`",
}


class RefusedError(Exception):
    """Nothing is stored because of some items. status: for HTTP; errors: one per bad item, as FastAPI writes them."""

    def __init__(self, refused: Mapping[int, Refused | EventRefused], names: Mapping[int, str | None]) -> None:
        super().__init__(f"{len(refused)} refused")
        status = {Refused.TWO_CONTACTS: 409, EventRefused.UNKNOWN: 404}
        self.status = next((status[why] for why in refused.values() if why in status), 422)
        self.errors: list[dict[str, Any]] = [
            {"type": why.value, "loc": ["body", index], "msg": REMEDIES[why].format(name=names[index])}
            for index, why in refused.items()
        ]


async def take_contacts(session: AsyncSession, items: Sequence[ContactIn], now: datetime, secret: str) -> list[Stored]:
    """Creates or updates contacts; RefusedError if one of them cannot be."""
    stored = await store_contacts(session, items, Source(CHANNEL, secret, now))
    if refused := {index: one.refused for index, one in enumerate(stored) if one.refused}:
        raise RefusedError(refused, {index: items[index].external_id for index in refused})
    return stored


async def take_events(session: AsyncSession, items: Sequence[EventIn], now: datetime) -> int:
    """Stores events that are new, and says how many were; RefusedError if one cannot be stored."""
    stored = await store_events(session, items, now, CHANNEL)
    if refused := stored.refused:
        names = {
            index: items[index].contact if why == EventRefused.UNKNOWN else items[index].key
            for index, why in refused.items()
        }
        raise RefusedError(refused, names)
    return stored.new


async def store_offers(session: AsyncSession, items: Sequence[OfferIn]) -> None:
    """Adds offers or replaces those of the same code, also shipped ones."""
    rows = {item.code: item.model_dump() | {"source": CHANNEL} for item in items}
    statement = insert(Offer)
    changed = {name: statement.excluded[name] for name in next(iter(rows.values())) if name != "code"}
    upsert = statement.on_conflict_do_update(index_elements=["code"], set_=changed)
    before = set(await session.scalars(KINDS_OF, {"codes": list(rows)}))
    await session.execute(upsert, [rows[code] for code in sorted(rows)])
    await request_sweep(session, before | {item.kind for item in items})
