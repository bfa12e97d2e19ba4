"""What is known of a contact, as the inbox's panel shows it: one question to the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

KNOWN = text("""
    SELECT c.token, c.name, coalesce(c.phone, c.username) AS address, c.place, c.region, c.language,
           (SELECT coalesce(jsonb_agg(k ORDER BY k.kind), '[]') FROM (
               SELECT kind, supplier, expires_on FROM contract WHERE contact_id = c.id) k) AS contracts,
           (SELECT coalesce(jsonb_agg(a ORDER BY a.at, a.name), '[]') FROM (
               SELECT DISTINCT ON (name) name, value, sentence, at, turn_key FROM answer WHERE contact_id = c.id
               ORDER BY name, at DESC, id DESC) a) AS answers,
           (SELECT to_jsonb(s) FROM (
               SELECT points, band, receipt, gate FROM score WHERE contact_id = c.id) s) AS score,
           (SELECT reason FROM next_offer WHERE contact_id = c.id) AS offer_reason,
           (SELECT to_jsonb(g) FROM (
               SELECT given, at, wording FROM consent WHERE contact_id = c.id AND purpose = 'marketing'
               ORDER BY at DESC, id DESC LIMIT 1) g) AS consent,
           coalesce((SELECT value = 'stop' FROM platform_preference WHERE contact_id = c.id
                     ORDER BY at DESC, id DESC LIMIT 1), false) AS switched_off
    FROM contact c WHERE c.id = :id
""")


@dataclass(frozen=True)
class Known:
    """answers: name, value, sentence, at; score: points, band, receipt, gate; consent: given, at, wording."""

    token: str
    name: str | None
    address: str | None
    place: str | None
    region: str | None
    language: str | None
    contracts: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    score: dict[str, Any] | None
    offer_reason: list[dict[str, Any]] | None
    consent: dict[str, Any] | None
    switched_off: bool


async def read_known(session: AsyncSession, contact_id: int) -> Known | None:
    """None if the contact is gone, merged into another one."""
    row = (await session.execute(KNOWN, {"id": contact_id})).mappings().one_or_none()
    return Known(**row) if row else None
