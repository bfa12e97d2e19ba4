"""Reads what the gate looks at, for many contacts in a few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.details import Detail, describe
from campaigns.templates.meta import is_same
from core.db import LOCK_CONTACTS
from core.settings import Settings
from core.types import HoldReason

BACK = timedelta(days=8)  # a week of calendar days, whatever the time zone
UNDELIVERABLE = {130403, 131026}  # we blocked the contact; it blocked us, or has no WhatsApp
ARRIVED = {"delivered", "read"}
NEVER_LEFT = {"blocked", "cancelled", "failed"}

# The order is written as a sum so that PostgreSQL takes the index of the contact: with statistics of a time when the
# outbox was nearly empty it would go through everybody's messages by time, for each contact.
CONTACTS = text(
    """
    SELECT c.id, c.name, c.place, c.postcode, c.region, c.country, c.language, c.last_inbound_at, c.session_seen_at,
           coalesce(c.timezone, :zone) AS zone, c.erased_at IS NOT NULL OR c.erase_at IS NOT NULL AS erased,
           c.phone IS NOT NULL OR c.user_id IS NOT NULL AS reachable,
           (SELECT value FROM platform_preference p WHERE p.contact_id = c.id
            ORDER BY at DESC, value = 'stop' DESC LIMIT 1) AS preference,
           (SELECT given FROM consent k WHERE k.contact_id = c.id AND k.purpose = 'marketing'
            ORDER BY at DESC, given, id DESC LIMIT 1) AS marketing,
           (SELECT given FROM consent k WHERE k.contact_id = c.id AND k.purpose = 'service'
            ORDER BY at DESC, given, id DESC LIMIT 1) AS service,
           (SELECT given FROM consent k WHERE k.contact_id = c.id AND k.purpose = 'back_in_stock'
            ORDER BY at DESC, given, id DESC LIMIT 1) AS back_in_stock,
           EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id AND h.closed_at IS NULL) AS handoff_open,
           (SELECT t.open_question IS NOT NULL FROM turn t WHERE t.contact_id = c.id AND t.finished_at IS NOT NULL
            AND t.session_number = c.session_number ORDER BY t.id DESC LIMIT 1) AS question_open,
           recent.at AS sent_at, recent.failed, recent.states, recent.codes
    FROM contact c CROSS JOIN LATERAL (
        SELECT array_agg(o.created_at) AS at, array_agg(coalesce(o.failed_at, o.created_at)) AS failed,
               array_agg(o.state) AS states, array_agg(o.error_code) AS codes
        FROM (SELECT created_at, failed_at, state, error_code FROM outbox
              WHERE contact_id = c.id AND kind = 'template'
              ORDER BY created_at + interval '0 s' DESC LIMIT 40) AS o) AS recent
    WHERE c.id = ANY(CAST(:ids AS bigint[]))
    """
)
CONTRACTS = text(
    """
    SELECT k.contact_id, k.kind, k.expires_on, k.supplier,
           k.expires_on - CAST(CAST(:now AS timestamptz) AT TIME ZONE coalesce(c.timezone, :zone) AS date) AS days
    FROM contract k JOIN contact c ON c.id = k.contact_id
    WHERE k.contact_id = ANY(CAST(:ids AS bigint[])) AND k.kind = ANY(CAST(:kinds AS text[]))
    """
)
STATES = text("SELECT name, language, status, category, reason, components FROM template_state")
QUEUED = text("SELECT key, id FROM outbox WHERE key = ANY(CAST(:keys AS text[]))")


@dataclass
class Person:
    """A contact with what decides. sent_at: what opened a conversation lately, with what this batch adds."""

    row: Row[Any]
    sent_at: list[datetime]
    undelivered: int
    refused_at: datetime | None

    @property
    def id(self) -> int:
        return int(self.row.id)


@dataclass(frozen=True)
class Deadline:
    """The end of a contract of one kind. days: left, on the contact's own calendar."""

    ends_on: date | None
    days: int | None
    supplier: str | None


@dataclass(frozen=True)
class TemplateWord:
    """WhatsApp's word about one template in one language."""

    problem: HoldReason | None = None
    detail: Detail | None = None
    marketing: bool = False  # counted as marketing there, whatever we filed it as


async def lock_contacts(session: AsyncSession, ids: Sequence[int]) -> None:
    """Holds their rows: nobody else decides about them until the caller commits."""
    await session.execute(LOCK_CONTACTS, {"ids": list(ids)})


async def read_people(session: AsyncSession, ids: Sequence[int], now: datetime, zone: str) -> dict[int, Person]:
    """Contacts by id; those that are no more are left out."""
    rows = (await session.execute(CONTACTS, {"ids": list(ids), "zone": zone})).all()
    return {row.id: read_person(row, now) for row in rows}


def read_person(row: Row[Any], now: datetime) -> Person:
    """From a row to a person: what was sent in the last days, what did not arrive since the last sign of life."""
    recent = list(zip(row.sent_at or (), row.failed or (), row.states or (), row.codes or (), strict=True))
    sent_at = [at for at, _, state, _ in recent if state not in NEVER_LEFT and at > now - BACK]
    refused = [failed_at for _, failed_at, _, code in recent if code == 131049]
    undelivered = 0
    for at, _, state, code in recent:  # the newest first
        if state in ARRIVED or (row.last_inbound_at and row.last_inbound_at > at):
            break
        undelivered += code in UNDELIVERABLE
    return Person(row, sent_at, undelivered, max(refused, default=None))


async def read_deadlines(
    session: AsyncSession, ids: Sequence[int], kinds: Sequence[str], now: datetime, zone: str
) -> dict[tuple[int, str], Deadline]:
    """The contracts of these kinds, by contact and kind."""
    if not kinds:
        return {}
    values = {"ids": list(ids), "kinds": list(kinds), "now": now, "zone": zone}
    rows = await session.execute(CONTRACTS, values)
    return {(row.contact_id, row.kind): Deadline(row.expires_on, row.days, row.supplier) for row in rows}


async def read_words(session: AsyncSession, settings: Settings) -> Words:
    """What WhatsApp says of all templates."""
    rows = (await session.execute(STATES)).all()
    return Words({(row.name, row.language): row for row in rows}, settings.demo)


async def read_queued(session: AsyncSession, keys: Sequence[str]) -> dict[str, int]:
    """The outbox ids of what was queued under these keys before."""
    return {row.key: row.id for row in await session.execute(QUEUED, {"keys": list(keys)})}


@dataclass
class Words:
    """WhatsApp's word about every template. demo: the sandbox approves what nobody has spoken about yet."""

    rows: dict[tuple[str, str], Row[Any]]
    demo: bool
    found: dict[tuple[str, str], TemplateWord] = field(default_factory=dict)

    def find(self, name: str, language: str, components: list[dict[str, Any]]) -> TemplateWord:
        """Whether it may be sent. name: with its suffix. components: as we would hand it in."""
        if (name, language) not in self.found:
            self.found[name, language] = self.judge(name, language, components)
        return self.found[name, language]

    def judge(self, name: str, language: str, components: list[dict[str, Any]]) -> TemplateWord:
        row = self.rows.get((name, language))
        if row is None:
            if self.demo:
                return TemplateWord()
            elsewhere = any(known == name for known, _ in self.rows)
            problem = HoldReason.LANGUAGE_MISSING if elsewhere else HoldReason.TEMPLATE_UNAPPROVED
            return TemplateWord(problem, describe("template_push", template=name, language=language))
        marketing = row.category == "MARKETING"
        status = describe("template_status", template=name, language=language, status=row.status)
        if row.status in ("PAUSED", "DISABLED"):
            return TemplateWord(HoldReason.TEMPLATE_PAUSED, status, marketing)
        if row.status != "APPROVED":
            return TemplateWord(HoldReason.TEMPLATE_UNAPPROVED, status, marketing)
        if row.components is not None and not is_same(components, row.components):
            changed = describe("template_changed", template=name, language=language)
            return TemplateWord(HoldReason.TEMPLATE_UNAPPROVED, changed, marketing)
        return TemplateWord(None, None, marketing)
