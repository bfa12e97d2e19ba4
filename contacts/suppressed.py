"""Addresses whose owners had everything erased, kept as keyed hashes only: no import may bring such a person back."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.consent import Said, withdraw_consent
from core.types import Address, Purpose

KEEP = text(
    "INSERT INTO suppressed (hash, at) SELECT hash, :at FROM unnest(CAST(:hashes AS text[])) AS hash"
    " ON CONFLICT (hash) DO UPDATE SET at = greatest(suppressed.at, excluded.at)"
)
FIND = text("SELECT hash, at FROM suppressed WHERE hash = ANY(CAST(:hashes AS text[]))")


def hash_id(secret: str, value: str) -> str:
    """A phone number or user id as it is kept; without the key nobody can try all numbers."""
    return hmac.new(secret.encode(), b"suppressed:" + value.encode(), hashlib.sha256).hexdigest()


async def suppress(session: AsyncSession, secret: str, ids: Iterable[str | None], at: datetime) -> None:
    """Keeps that the owner of these phone numbers and user ids was erased."""
    await session.execute(KEEP, {"hashes": [hash_id(secret, value) for value in ids if value], "at": at})


async def find_suppressed(session: AsyncSession, secret: str, ids: Iterable[str | None]) -> dict[str, datetime]:
    """Of these phone numbers and user ids, those erased, and when."""
    hashes = {hash_id(secret, value): value for value in ids if value}
    rows = (await session.execute(FIND, {"hashes": list(hashes)})).all() if hashes else []
    return {hashes[row.hash]: row.at for row in rows}


async def keep_refusals(session: AsyncSession, secret: str, contacts: Mapping[int, Address]) -> None:
    """Those who come back from elsewhere have refused at the time of their erasure; only a later consent counts."""
    ids = [value for address in contacts.values() for value in (address.phone, address.user_id)]
    if erased := await find_suppressed(session, secret, ids):
        for contact_id, address in contacts.items():
            for at in {erased[value] for value in (address.phone, address.user_id) if value in erased}:
                said = Said("had everything erased", "erasure", f"erasure:{at.isoformat()}", at)
                await withdraw_consent(session, contact_id, said, *Purpose)
