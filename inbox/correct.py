"""Corrections agents make to what the assistant collected."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, Deed, note_deed
from core.db import RING_CONTACTS
from core.tables import Contact
from inbox.words import RefusedError
from offers.places import find_places

MOST_CHARS = 200
FIND = text("SELECT value FROM answer WHERE contact_id = :contact AND name = :name ORDER BY id DESC LIMIT 1")
STORE = text(
    "INSERT INTO answer (contact_id, name, value, sentence, turn_key, at)"
    " VALUES (:contact, :name, CAST(:value AS jsonb), :sentence, :key, :now)"
)
STALE = text("UPDATE contact SET score_stale_at = :now, updated_at = :now WHERE id = :contact")


async def correct_answer(
    session: AsyncSession, contact_id: int, name: str, value: str, actor: Actor, now: datetime
) -> Any:
    """Writes a new answer in place of what was collected, with who did it; the value as stored. The caller commits.

    The contact's score and next offer are computed anew with it. RefusedError: no such answer, or not of its kind.
    """
    before = (await session.execute(FIND, {"contact": contact_id, "name": name})).one_or_none()
    if before is None:
        raise RefusedError("no_such_value", name=name)
    fitting = fit_value(name, before.value, value)
    key = f"agent:{actor.account_id}:{now.timestamp():.6f}"
    row = {"contact": contact_id, "name": name, "value": json.dumps(fitting), "key": key, "now": now}
    await session.execute(STORE, row | {"sentence": f"✎ {actor.email}"})
    if name == "postcode":
        await move_home(session, contact_id, str(fitting))
    await session.execute(STALE, {"contact": contact_id, "now": now})
    token = await session.scalar(select(Contact.token).where(Contact.id == contact_id))
    await note_deed(session, actor, Deed.ANSWER_CORRECTED, now, token, name=name, before=before.value, value=fitting)
    await session.execute(RING_CONTACTS, {"ids": [contact_id]})
    return fitting


async def move_home(session: AsyncSession, contact_id: int, postcode: str) -> None:
    """Writes the postcode and its place on the contact. RefusedError: it does not exist in the contact's country."""
    contact = await session.get_one(Contact, contact_id)
    places = await find_places(session, postcode, contact.country) if contact.country else []
    if not places:
        raise RefusedError("bad_value", name="postcode", value=postcode, problem=str(contact.country or "?"))
    contact.postcode, contact.place, contact.region = postcode, places[0].name, places[0].region


def fit_value(name: str, before: Any, value: str) -> Any:
    """The text as a value of the same kind as before: number, yes or no, or words."""
    plain = value.strip()
    if not plain or len(plain) > MOST_CHARS:
        raise RefusedError("bad_value", name=name, value=plain[:40], problem=f"1-{MOST_CHARS}")
    if isinstance(before, bool):
        if plain.lower() not in ("true", "false"):
            raise RefusedError("bad_value", name=name, value=plain, problem="true / false")
        return plain.lower() == "true"
    if isinstance(before, int | float):
        try:
            number = Decimal(plain.replace(",", "."))
        except InvalidOperation as error:
            raise RefusedError("bad_value", name=name, value=plain, problem="123") from error
        if not number.is_finite() or not 0 <= number < 10**9:
            raise RefusedError("bad_value", name=name, value=plain, problem="0-999999999")
        return int(number) if number == int(number) else float(number)
    if isinstance(before, dict | list):
        raise RefusedError("bad_value", name=name, value=plain, problem="JSON")
    return plain
