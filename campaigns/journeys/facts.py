"""Reads what journeys look at, for many contacts in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.conditions import Facts, Happening
from campaigns.journeys.journey import Journey
from core.settings import Settings

REMEMBERED = 50  # events of each contact, the newest

# The score counts only if it is of the journey's pack, and the saving only if it is on the journey's contract. Of two
# answers about consent at the same moment the withdrawal counts, as everywhere.
READ = text(
    """
    SELECT c.id, c.erased_at IS NULL AND c.erase_at IS NULL AND (c.phone IS NOT NULL OR c.user_id IS NOT NULL) AS open,
           coalesce(c.language, :language) AS language, c.country, c.region, c.value, c.last_inbound_at,
           s.points, s.band, coalesce(t.orders, 0) AS orders, n.saving_percent, k.days_left, a.answers, e.happenings,
           EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id AND h.closed_at IS NULL) AS handoff_open,
           coalesce(NOT w.given, false) OR CAST(:purpose AS text) <> 'service' AND coalesce(p.value = 'stop', false)
               AS opted_out
    FROM contact c
    LEFT JOIN score s ON s.contact_id = c.id AND s.pack = :pack
    LEFT JOIN contact_stat t ON t.contact_id = c.id
    LEFT JOIN next_offer n ON n.contact_id = c.id AND n.kind = coalesce(CAST(:contract AS text), n.kind)
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(kind, expires_on - CAST(
            CAST(:now AS timestamptz) AT TIME ZONE coalesce(c.timezone, :zone) AS date)) AS days_left
        FROM contract WHERE contact_id = c.id AND expires_on IS NOT NULL) k ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(name, value) AS answers FROM (
            SELECT DISTINCT ON (name) name, value FROM answer
            WHERE contact_id = c.id AND name = ANY(CAST(:answers AS text[])) ORDER BY name, at DESC, id DESC) newest
        ) a ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(kind, at, data) ORDER BY at DESC, id DESC) AS happenings FROM (
            SELECT id, kind, at, data FROM event WHERE contact_id = c.id AND kind = ANY(CAST(:kinds AS text[]))
            ORDER BY at DESC, id DESC LIMIT :most) newest) e ON true
    LEFT JOIN LATERAL (
        SELECT given FROM consent WHERE contact_id = c.id AND purpose = :purpose
        ORDER BY at DESC, given, id DESC LIMIT 1) w ON true
    LEFT JOIN LATERAL (
        SELECT value FROM platform_preference WHERE contact_id = c.id ORDER BY at DESC, value = 'stop' DESC LIMIT 1
        ) p ON true
    WHERE c.id = ANY(CAST(:ids AS bigint[]))
    """
)


async def load_facts(
    session: AsyncSession, settings: Settings, journey: Journey, contact_ids: Sequence[int], now: datetime
) -> Mapping[int, Facts]:
    """What a journey's conditions and exits look at, by contact; who does not exist any more is left out."""
    values = {
        "ids": sorted(set(contact_ids)),
        "now": now,
        "zone": settings.timezone,
        "language": settings.language.value,
        "purpose": journey.purpose.value,
        "pack": journey.pack,
        "contract": journey.contract,
        "answers": journey.list_answers(),
        "kinds": journey.list_kinds(),
        "most": REMEMBERED,
    }
    return {row.id: read_facts(row) for row in await session.execute(READ, values)}


def read_facts(row: Row[Any]) -> Facts:
    """One contact's row."""
    return Facts(
        contact_id=row.id,
        open_contact=row.open,
        opted_out=row.opted_out,
        handoff_open=row.handoff_open,
        score=row.points,
        band=row.band,
        days_left=row.days_left or {},
        saving_percent=row.saving_percent,
        value=row.value,
        orders=row.orders,
        language=row.language,
        country=row.country,
        region=row.region,
        last_inbound_at=row.last_inbound_at,
        answers=row.answers or {},
        happenings=tuple(Happening(kind, datetime.fromisoformat(at), data) for kind, at, data in row.happenings or ()),
    )
