"""Consent given and withdrawn, with its proof, and WhatsApp's own marketing switch beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.types import Preference, Purpose

NOTE = text(
    """
    INSERT INTO consent (contact_id, purpose, given, at, channel, wording, proof)
    VALUES (:contact_id, :purpose, :given, :at, :channel, :wording, :proof)
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


async def give_consent(
    session: AsyncSession,
    contact_id: int,
    purpose: Purpose,
    wording: str,
    channel: str,
    proof: str | None,
    at: datetime,
) -> None:
    """Notes a consent. wording: what the person agreed to. proof: WhatsApp id, file and line, or request id."""
    await note_consent(session, contact_id, purpose, True, wording, channel, proof, at)


async def withdraw_consent(
    session: AsyncSession,
    contact_id: int,
    purpose: Purpose,
    wording: str,
    channel: str,
    proof: str | None,
    at: datetime,
) -> None:
    """Notes a withdrawal. wording: what the person said. The caller cancels what is still queued."""
    await note_consent(session, contact_id, purpose, False, wording, channel, proof, at)


async def note_consent(
    session: AsyncSession,
    contact_id: int,
    purpose: Purpose,
    given: bool,
    wording: str,
    channel: str,
    proof: str | None,
    at: datetime,
) -> None:
    """Adds a row; the same proof for the same purpose counts once."""
    values = {"given": given, "wording": wording, "channel": channel, "proof": proof, "at": at}
    await session.execute(NOTE, {"contact_id": contact_id, "purpose": purpose.value, **values})


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
