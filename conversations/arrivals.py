"""New messages into the store, each once: they wake the lanes of their contacts and tell what else is new of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text

from core.direct import Executes
from core.types import InboundMessage, MessageKind

TAPS = {MessageKind.BUTTON_REPLY, MessageKind.LIST_REPLY, MessageKind.FLOW_REPLY, MessageKind.BUTTON}
SILENT = {  # kept and shown, but no turn answers them
    MessageKind.SYSTEM,
    MessageKind.REACTION,
    MessageKind.CALL_PERMISSION_REPLY,
    MessageKind.EDIT,
    MessageKind.REVOKE,
    MessageKind.UNKNOWN,
}
NOT_WRITTEN = {MessageKind.SYSTEM, MessageKind.EDIT, MessageKind.REVOKE}  # do not open the 24-hour window
LONGEST_BURST = 4  # a customer who types on and on is answered after so many bursts

# Rows come as one JSON text: a dozen arrays cost Python several times as much. A lane is ready at once after a tap,
# after typing when the burst is over. Only inserts here: they act on the newest row after waiting for a lock, whereas
# an update that reads from other parts of its own statement cannot.
STORE = text(
    """
    WITH given AS MATERIALIZED (
      SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS g (
        contact_id bigint, wamid text, phone_number_id text, kind text, text text, reply_id text, context_wamid text,
        payload jsonb, sent_at timestamptz, written_at timestamptz, name text, username text, wakes boolean,
        tapped boolean)),
    new AS (
      INSERT INTO message (contact_id, wamid, phone_number_id, kind, text, reply_id, context_wamid, payload, sent_at,
        received_at)
      SELECT contact_id, wamid, phone_number_id, kind, text, reply_id, context_wamid, payload, sent_at, :now FROM given
      ON CONFLICT (wamid) DO NOTHING
      RETURNING id, wamid),
    arrived AS MATERIALIZED (
      SELECT contact_id, max(written_at) AS written_at, bool_or(wakes) AS wakes, bool_or(tapped) AS tapped,
        (array_agg(name ORDER BY new.id DESC) FILTER (WHERE name IS NOT NULL))[1] AS name,
        (array_agg(username ORDER BY new.id DESC) FILTER (WHERE username IS NOT NULL))[1] AS username
      FROM given JOIN new USING (wamid) GROUP BY contact_id),
    woken AS (
      INSERT INTO lane AS l (contact_id, waiting_since, ready_at)
      SELECT contact_id, :now, CASE WHEN tapped THEN CAST(:now AS timestamptz) ELSE CAST(:later AS timestamptz) END
      FROM arrived WHERE wakes ORDER BY contact_id
      ON CONFLICT (contact_id) DO UPDATE SET
        waiting_since = coalesce(l.waiting_since, excluded.waiting_since),
        ready_at = least(excluded.ready_at, coalesce(l.waiting_since, excluded.waiting_since) + :longest))
    SELECT CAST(json_agg(arrived ORDER BY contact_id) AS text) FROM arrived
    """
)
# After the lanes, and in id order too: turns lock them in this order, so nobody waits in a circle. An array, because
# of some forms of `IN (SELECT ...)` PostgreSQL drops rows whose lock it had to wait for. A name from elsewhere stays.
TOUCH = text(
    """
    WITH arrived AS MATERIALIZED (
      SELECT * FROM json_to_recordset(CAST(:arrived AS json)) AS a (
        contact_id bigint, written_at timestamptz, wakes boolean, name text, username text)),
    locked AS MATERIALIZED (
      SELECT id FROM contact WHERE id = ANY(ARRAY(SELECT contact_id FROM arrived)) ORDER BY id FOR NO KEY UPDATE),
    touched AS (
      UPDATE contact c SET last_inbound_at = greatest(c.last_inbound_at, a.written_at), name = coalesce(c.name, a.name),
        username = coalesce(a.username, c.username), score_stale_at = :now, updated_at = :now
      FROM locked JOIN arrived a ON a.contact_id = locked.id
      WHERE c.id = locked.id)
    SELECT CASE WHEN wakes THEN pg_notify('inbox', '') END, pg_notify('contact', CAST(contact_id AS text)) FROM arrived
    """
)


async def store_messages(
    session: Executes, owned: Sequence[tuple[int, InboundMessage]], now: datetime, burst: timedelta
) -> None:
    """Stores the messages not seen before, in the order they were sent. Each comes with the id of its contact."""
    rows: dict[str, dict[str, Any]] = {}
    for contact_id, message in sorted(owned, key=read_order):  # one order in every process
        rows.setdefault(message.wamid, describe(contact_id, message, now))
    values = {"rows": orjson.dumps([*rows.values()]).decode(), "now": now, "later": now + burst}
    arrived = (await session.execute(STORE, values | {"longest": LONGEST_BURST * burst})).scalar_one()
    if arrived is not None:
        await session.execute(TOUCH, {"arrived": arrived, "now": now})


def read_order(owned: tuple[int, InboundMessage]) -> tuple[datetime, str]:
    """What the messages of a batch are sorted by."""
    return owned[1].sent_at, owned[1].wamid


def describe(contact_id: int, message: InboundMessage, now: datetime) -> dict[str, Any]:
    """The message as STORE reads it. A time in the future would keep the window open, so it was written now."""
    return {
        "contact_id": contact_id,
        "wamid": message.wamid,
        "phone_number_id": message.phone_number_id,
        "kind": message.kind,
        "text": message.text,
        "reply_id": message.reply_id,
        "context_wamid": message.context_wamid,
        "payload": message.payload,
        "sent_at": message.sent_at,
        "written_at": None if message.kind in NOT_WRITTEN else min(message.sent_at, now),
        "name": message.profile_name,
        "username": message.username,
        "wakes": message.kind not in SILENT,
        "tapped": message.kind in TAPS,
    }
