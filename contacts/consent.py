"""Consent given and withdrawn, with its proof, and WhatsApp's own marketing switch beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
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
# What is told again, in whichever file or request, is not noted again.
NOTE_MANY = text(
    """
    INSERT INTO consent (contact_id, purpose, given, at, channel, wording, proof)
    SELECT n.* FROM unnest(
      CAST(:contact_id AS bigint[]), CAST(:purpose AS text[]), CAST(:given AS boolean[]), CAST(:at AS timestamptz[]),
      CAST(:channel AS text[]), CAST(:wording AS text[]), CAST(:proof AS text[]))
      AS n (contact_id, purpose, given, at, channel, wording, proof)
    WHERE NOT EXISTS (
      SELECT 1 FROM consent k WHERE (k.contact_id, k.purpose, k.given, k.at, k.channel, k.wording)
        = (n.contact_id, n.purpose, n.given, n.at, n.channel, n.wording))
    ON CONFLICT (contact_id, purpose, proof) DO NOTHING
    RETURNING contact_id, purpose, given
    """
)
# Of two rows of the same moment the withdrawal counts: when in doubt, do not write.
STATE = text(
    """
    (SELECT DISTINCT ON (purpose) purpose, given, at, channel, wording, proof, NULL AS value FROM consent
     WHERE contact_id = :contact_id ORDER BY purpose, at DESC, given, id DESC)
    UNION ALL
    (SELECT 'platform', NULL, at, NULL, NULL, NULL, value FROM platform_preference
     WHERE contact_id = :contact_id ORDER BY at DESC, value = 'stop' DESC LIMIT 1)
    """
)
NOTED, SWITCHED = ("given", "at", "channel", "wording", "proof"), ("value", "at")


@dataclass(frozen=True)
class Said:
    """What a person agreed to or said, where and when. proof: WhatsApp id, file and line, or request id."""

    wording: str
    channel: str  # whatsapp, import, api
    proof: str | None
    at: datetime


@dataclass(frozen=True)
class Note:
    """A consent of one contact, given or withdrawn, as it is noted."""

    contact_id: int
    purpose: Purpose
    given: bool
    at: datetime
    channel: str
    wording: str
    proof: str


async def note_consents(session: AsyncSession, notes: Sequence[Note]) -> list[Row[Any]]:
    """Notes the consents of many; the rows that are new, with contact_id and given."""
    if not notes:
        return []
    told = {(n.contact_id, n.purpose, n.given, n.at, n.channel, n.wording): n for n in reversed(notes)}
    columns = {name: [getattr(note, name) for note in told.values()] for name in Note.__dataclass_fields__}
    columns["purpose"] = [note.purpose.value for note in told.values()]
    return list((await session.execute(NOTE_MANY, columns)).all())


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
    rows = {row.purpose: row._mapping for row in await session.execute(STATE, {"contact_id": contact_id})}
    state: dict[str, Any] = {
        name: {part: rows[name][part] for part in parts} if name in rows else None
        for name, parts in (*((purpose.value, NOTED) for purpose in Purpose), ("platform", SWITCHED))
    }
    switch = state["platform"]
    agreed = state[Purpose.MARKETING.value]
    state["may_market"] = bool(agreed and agreed["given"]) and not (switch and switch["value"] == Preference.STOP)
    return state
