"""WhatsApp's own switch for marketing messages: what a customer set there is kept and acted on at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from core.direct import Executes
from core.types import Preference, PreferenceChange
from whatsapp.json_body import write_json

INSERT_PREFERENCES = text(
    """
    INSERT INTO platform_preference (contact_id, value, at, received_at, payload)
    SELECT contact_id, value, at, :now, CAST(payload AS jsonb) FROM unnest(
      CAST(:contact_ids AS bigint[]), CAST(:vals AS text[]), CAST(:times AS timestamptz[]), CAST(:payloads AS text[]))
      AS v (contact_id, value, at, payload)
    ORDER BY contact_id, at, value
    ON CONFLICT (contact_id, value, at) DO NOTHING
    """
)
# A row a sender holds right now is skipped: it has left, or the send gate sees the stop.
CANCEL_MARKETING = text(
    """
    UPDATE outbox SET state = 'cancelled', reason = 'the customer stopped marketing messages in WhatsApp'
    WHERE id IN (
      SELECT id FROM outbox WHERE contact_id = ANY(CAST(:contact_ids AS bigint[])) AND state = 'queued'
        AND purpose = 'marketing' FOR UPDATE SKIP LOCKED)
    """
)


async def store_preferences(session: Executes, wishes: list[tuple[int, PreferenceChange]], now: datetime) -> list[int]:
    """Keeps stops and resumes; a stop also withdraws the marketing that waits to leave. Returns the contacts."""
    contact_ids = [contact_id for contact_id, _ in wishes]
    values = {
        "contact_ids": contact_ids,
        "vals": [wish.value.value for _, wish in wishes],
        "times": [wish.at for _, wish in wishes],
        "payloads": [write_json(wish.payload) for _, wish in wishes],
        "now": now,
    }
    await session.execute(INSERT_PREFERENCES, values)
    stopped = [contact_id for contact_id, wish in wishes if wish.value is Preference.STOP]
    if stopped:
        await session.execute(CANCEL_MARKETING, {"contact_ids": stopped})
    return contact_ids
