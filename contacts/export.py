"""Everything held about a person, as plain JSON the person may have."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Contact
from scoring.explain import explain_line

VALID = timedelta(days=7)  # how long a link to a copy works
OPENED = timedelta(hours=1)  # and how long after it was first opened, since a download may fail

# Without keys of ours and without tokens that open something. What stands in no section is in ELSEWHERE.
SECTIONS = {
    "former_addresses": ("former_address", "phone, user_id, until", "until, id"),
    "consents": ("consent", "purpose, given, at, channel, wording, proof", "at, id"),
    "marketing_switch": ("platform_preference", "value, at, received_at", "at, id"),
    "contracts": (
        "contract",
        "kind, supplier, expires_on, yearly_kwh, yearly_cost, price_per_kwh, fixed_per_year, currency, source,"
        " updated_at",
        "kind",
    ),
    "answers": ("answer", "name, value, sentence, at", "at, id"),
    "messages_in": (
        "message",
        "wamid AS whatsapp_id, kind, text, reply_id, context_wamid AS answers_whatsapp_id, payload, sent_at,"
        " received_at",
        "sent_at, id",
    ),
    "messages_out": (
        "outbox",
        "wamid AS whatsapp_id, kind, purpose, text, options, body, state, reason, error_code, pricing, created_at,"
        " accepted_at, sent_at, delivered_at, read_at, failed_at",
        "created_at, id",
    ),
    "understood": (
        "turn",
        "text, decision, language, intent, confidence, open_question, slots, started_at, finished_at",
        "started_at, id",
    ),
    "events": ("event", "kind, at, data - 'token' AS data", "at, id"),
    "score": ("score", "pack, version, points, band, receipt, gate, computed_at", "computed_at"),
    "score_changes": (
        "score_change",
        "pack, version, points_before, points, band_before, band, receipt, at",
        "at, id",
    ),
    "score_facts": (
        "contact_stat",
        "contract_kind, expires_on, created_on, replied_on, reply_minutes, clicked_on, quoted_on, visited_on, form_on,"
        " cart_on, bought_on, lapses_on, orders, spent, cancelled_on, objected_on, ignored_in_a_row, ignored_on,"
        " sentiment, sentiment_on, price_days, bought_days, engaged_days, value, area_served, saving_percent,"
        " saving_on, rolled_at",
        "contact_id",
    ),
    "tasks": ("task", "kind, facts, created_at, due_on, done_at", "id"),
    "next_offer": (
        "next_offer",
        "kind, offer_code, supplier, yearly_saving, saving_percent, currency, valid_until_on, reason, computed_at",
        "computed_at",
    ),
    "contract_ends": ("contract_end", "kind, expires_on, noted_at", "noted_at, kind"),
    "learned_score": ("learned_score", "outcome, chance, reasons, computed_at", "outcome"),
    "handoffs": ("handoff", "reason, card, state, opened_at, first_response_at, closed_at", "opened_at, id"),
    "handoff_changes": ("handoff_change", "state_before, state, why, at", "at, id"),
    "notes": ("note", "text, at", "at, id"),
    "files": ("attachment", "kind, mime_type, name, encode(data, 'base64') AS content, created_at", "created_at, id"),
    "misunderstood": ("teaching", "sentence, language, heard, intent, at, accepted", "at, id"),
    "satisfaction": ("satisfaction", "stars, asked_at, answered_at", "asked_at, id"),
    "plans": ("plan", "campaign, occasion, due_at, until, outcome, done_at, created_at", "created_at, id"),
    "arms": ("arm_assignment", "campaign, arm, at", "campaign"),
    "enrollments": (
        "enrollment",
        "campaign, arm, segment, step, step_at, context, entered_at, ended_at, outcome, converted_at, revenue,"
        " currency",
        "entered_at, id",
    ),
    "send_decisions": (
        "send_decision",
        "campaign, step, arm, template, at, send, reason, again_at, facts",
        "at, id",
    ),
    "links": ("link", "url, offer_code, created_at", "created_at, url"),
}
# The profile; keys and the state of work. Steps stand in send decisions, what other desks are told in the messages.
ELSEWHERE = {"contact", "contact_merge", "lane", "data_copy", "composing", "hook_call", "enrollment_step", "wake"}
ELSEWHERE |= {"chatwoot_talk"}
PRIVATE = {"id", "token", "session_number", "session_seen_at", "score_stale_at"}

MAKE_LINK = text(
    "INSERT INTO data_copy (token, contact_id, turn_key, created_at, expires_at)"
    " VALUES (:token, :contact_id, :turn_key, :now, :expires_at)"
    " ON CONFLICT (turn_key) DO UPDATE SET turn_key = excluded.turn_key RETURNING token"
)
OPEN = text(
    "UPDATE data_copy SET expires_at = least(expires_at, :closes_at) WHERE token = :token AND expires_at > :now"
    " RETURNING contact_id"
)


async def export_contact(session: AsyncSession, contact_id: int) -> dict[str, Any]:
    """All that is held about a contact in a stable order; times are ISO, decimals text. LookupError: no contact."""
    contact = await session.get(Contact, contact_id, populate_existing=True)
    if contact is None:
        raise LookupError(f"contact {contact_id} does not exist")
    copy: dict[str, Any] = {
        "profile": {
            column.name: make_plain(getattr(contact, column.name))
            for column in Contact.__table__.columns
            if column.name not in PRIVATE
        }
    }
    for name, (table, columns, order) in SECTIONS.items():
        found = text(
            f"SELECT {columns} FROM {table} WHERE contact_id = :id ORDER BY {order}"  # noqa: S608
        )
        rows = (await session.execute(found, {"id": contact_id})).mappings()
        copy[name] = [{key: make_plain(value) for key, value in row.items()} for row in rows]
    for score in (*copy["score"], *copy["score_changes"]):
        score["in_words"] = [explain_line(line, contact.language or "en") for line in score["receipt"]]
    return copy


def make_plain(value: Any) -> Any:
    """The value as JSON has it; what was JSON in the store stays as it is."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return [make_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


async def link_copy(session: AsyncSession, contact_id: int, turn_key: str, now: datetime) -> str:
    """The token of a private link to the contact's copy, the same for the same turn; {public_url}/d/{token}."""
    row = {"token": secrets.token_urlsafe(32), "contact_id": contact_id, "turn_key": turn_key}
    return str(await session.scalar(MAKE_LINK, row | {"now": now, "expires_at": now + VALID}))


async def open_copy(session: AsyncSession, token: str, now: datetime) -> int | None:
    """The contact a private link belongs to, None if there is none (any more). Opened once, it closes in an hour."""
    found: int | None = await session.scalar(OPEN, {"token": token, "now": now, "closes_at": now + OPENED})
    return found
