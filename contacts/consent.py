"""Consent given and withdrawn, with its proof, and WhatsApp's own marketing switch beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import Preference, Purpose

NOTE = text(
    """
    INSERT INTO consent (contact_id, purpose, given, at, channel, wording, proof)
    SELECT :contact_id, purpose, :given, :at, :channel, :wording, :proof
    FROM unnest(CAST(:purposes AS text[])) AS purpose
    ON CONFLICT (contact_id, purpose, proof) DO NOTHING
    """
)
# Of two rows of the same moment the withdrawal counts: when in doubt, do not write.
NEWEST = text(
    """
    SELECT DISTINCT ON (purpose) purpose, given, at, channel, wording, proof FROM consent
    WHERE contact_id = :contact_id ORDER BY purpose, at DESC, given, id DESC
    """
)
SWITCH = text(
    """
    SELECT value, at FROM platform_preference
    WHERE contact_id = :contact_id ORDER BY at DESC, value = 'stop' DESC LIMIT 1
    """
)


@dataclass(frozen=True)
class Said:
    """What a person agreed to or said, where and when. proof: WhatsApp id, file and line, or request id."""

    wording: str
    channel: str  # whatsapp, import, api
    proof: str | None
    at: datetime


async def give_consent(session: AsyncSession, contact_id: int, said: Said, *purposes: Purpose) -> None:
    """Notes a consent, which lifts an earlier withdrawal but never WhatsApp's own switch. A proof counts once."""
    await _note(session, contact_id, said, purposes, given=True)


async def withdraw_consent(session: AsyncSession, contact_id: int, said: Said, *purposes: Purpose) -> None:
    """Notes a withdrawal; those of marketing leave service alone. The caller cancels what is still queued."""
    await _note(session, contact_id, said, purposes, given=False)


async def _note(
    session: AsyncSession, contact_id: int, said: Said, purposes: Iterable[Purpose], *, given: bool
) -> None:
    names = [purpose.value for purpose in purposes]
    await session.execute(NOTE, asdict(said) | {"contact_id": contact_id, "purposes": names, "given": given})


async def may_market(session: AsyncSession, contact_id: int) -> bool:
    """Whether the contact agreed to marketing and has not switched it off in WhatsApp."""
    return bool((await consent_state(session, contact_id))["may_market"])


async def consent_state(session: AsyncSession, contact_id: int) -> dict[str, Any]:
    """What counts now: per purpose the newest consent (None if never asked), WhatsApp's switch, and may_market."""
    rows = (await session.execute(NEWEST, {"contact_id": contact_id})).mappings().all()
    switch = (await session.execute(SWITCH, {"contact_id": contact_id})).mappings().one_or_none()
    newest = {row["purpose"]: {key: row[key] for key in row if key != "purpose"} for row in rows}
    state: dict[str, Any] = {purpose.value: newest.get(purpose.value) for purpose in Purpose}
    state["platform"] = dict(switch) if switch else None
    agreed = state[Purpose.MARKETING.value]
    state["may_market"] = bool(agreed and agreed["given"]) and not (switch and switch["value"] == Preference.STOP)
    return state
