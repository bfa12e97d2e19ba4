"""What is said on WhatsApp, and who works on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.tables.base import Base, Xid, contact_key, row_id


class Message(Base):
    """A message a customer sent, as received. turn_id is set when a turn takes it up."""

    __tablename__ = "message"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    wamid: Mapped[str] = mapped_column(unique=True)
    phone_number_id: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str | None]
    reply_id: Mapped[str | None]
    context_wamid: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turn.id"), index=True)
    __table_args__ = (
        Index("ix_message_contact", "contact_id", "sent_at", "id"),
        Index("ix_message_open", "contact_id", "sent_at", "id", postgresql_where=sql("turn_id IS NULL")),
    )


class Turn(Base):
    """One or more messages of a contact handled together. Its messages are fixed before Rasa is asked."""

    __tablename__ = "turn"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    session_number: Mapped[int]
    text: Mapped[str]  # what is asked of Rasa
    decision: Mapped[str | None]
    language: Mapped[str | None]
    intent: Mapped[str | None]
    confidence: Mapped[float | None]
    open_question: Mapped[dict[str, Any] | None]  # {"slot": ..., "takes_number": ...} after this turn
    slots: Mapped[dict[str, Any] | None]  # what Rasa holds after this turn
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    error: Mapped[str | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    xact: Mapped[int | None] = mapped_column(Xid(), index=True)  # the transaction that finished it
    __table_args__ = (
        Index("ix_turn_contact", "contact_id", "id"),
        Index("uq_turn_open", "contact_id", unique=True, postgresql_where=sql("finished_at IS NULL")),
    )


class Lane(Base):
    """One mailbox per contact: whose turn it is. A webhook sets ready_at, a claim clears it, a release clears owner."""

    __tablename__ = "lane"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    ready_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    owner: Mapped[int | None]
    epoch: Mapped[int] = mapped_column(server_default="0")
    pair_tat: Mapped[datetime | None]  # pair rate: theoretical arrival time of the next message to this contact
    __table_args__ = (
        Index("ix_lane_ready", "ready_at", postgresql_where=sql("ready_at IS NOT NULL AND owner IS NULL")),
        Index("ix_lane_owner", "owner", postgresql_where=sql("owner IS NOT NULL")),
    )


class Worker(Base):
    """A running worker. One whose beat is old is dead, and the others take over its work."""

    __tablename__ = "worker"
    id: Mapped[int] = row_id()
    name: Mapped[str]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]


class Door(Base):
    """A web app and since when WhatsApp can reach it without a gap: only then can a status have come in."""

    __tablename__ = "door"
    id: Mapped[int] = row_id()
    opened_at: Mapped[datetime]
    beat_at: Mapped[datetime]


class Sender(Base):
    """One WhatsApp number: its pace, shared by all workers, and whether sending is paused and why."""

    __tablename__ = "sender"
    phone_number_id: Mapped[str] = mapped_column(primary_key=True)
    tat: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    pause_reason: Mapped[str | None]


class Outbox(Base):
    """A message to a person, from queued to read. callback is what WhatsApp echoes on every status."""

    __tablename__ = "outbox"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    phone_number_id: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)  # the same occasion never queues twice
    callback: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # OutboundKind
    purpose: Mapped[str]  # Purpose
    body: Mapped[dict[str, Any]]  # the request body without receiver and callback
    text: Mapped[str]  # what a person reads, for history and agents
    options: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"))  # [{"id", "title"}] as offered
    proposal: Mapped[str | None]  # what a plain "yes" to this message means to Rasa
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turn.id"), index=True)
    state: Mapped[str] = mapped_column(server_default="queued")
    reason: Mapped[str | None]  # why it was blocked, failed or cancelled
    error_code: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    due_at: Mapped[datetime]
    leave_before: Mapped[datetime | None]  # later it must not leave any more: night begins where the contact lives
    owner: Mapped[int | None]
    claimed_at: Mapped[datetime | None]
    wamid: Mapped[str | None] = mapped_column(unique=True)
    pricing: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_outbox_contact", "contact_id", "id"),
        Index("ix_outbox_due", "phone_number_id", "due_at", "id", postgresql_where=sql("state = 'queued'")),
        Index(
            "ix_outbox_open",
            "contact_id",
            "id",
            postgresql_where=sql("state IN ('queued', 'sending', 'unknown')"),
        ),
        Index(
            "ix_outbox_delivered",
            "delivered_at",
            postgresql_where=sql("kind = 'template' AND delivered_at IS NOT NULL"),
        ),
        # What opened conversations: of one contact lately, of all today.
        Index("ix_outbox_opening", "contact_id", "created_at", postgresql_where=sql("kind = 'template'")),
        Index("ix_outbox_opened", "created_at", "contact_id", postgresql_where=sql("kind = 'template'")),
        Index("ix_outbox_sending", "owner", postgresql_where=sql("state = 'sending'")),
        Index("ix_outbox_unknown", "claimed_at", postgresql_where=sql("state = 'unknown'")),
    )


class Attempt(Base):
    """One request to the Graph API for an outgoing message, and what came of it. Holds no token."""

    __tablename__ = "attempt"
    id: Mapped[int] = row_id()
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[str]  # accepted, error, unknown
    http_status: Mapped[int | None]
    code: Mapped[int | None]
    detail: Mapped[str | None]


class DeliveryReport(Base):
    """Each status WhatsApp reported, once per message and status, also for messages we do not know yet."""

    __tablename__ = "delivery_report"
    id: Mapped[int] = row_id()
    wamid: Mapped[str]
    status: Mapped[str]
    callback: Mapped[str | None] = mapped_column(index=True)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), index=True)
    at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    pricing: Mapped[dict[str, Any] | None]
    errors: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"))
    __table_args__ = (UniqueConstraint("wamid", "status"),)


class PlatformReport(Base):
    """Everything else WhatsApp told: templates, quality, account, errors, fields we do not know. Kept as received."""

    __tablename__ = "platform_report"
    id: Mapped[int] = row_id()
    key: Mapped[str] = mapped_column(unique=True)
    field: Mapped[str] = mapped_column(index=True)
    account_id: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    handled_at: Mapped[datetime | None]  # of those about templates: when their state was brought up to it
    __table_args__ = (
        Index(
            "ix_platform_report_waiting",
            "id",
            postgresql_where=sql("handled_at IS NULL AND field LIKE '%template%'"),
        ),
    )


class Link(Base):
    """A tracked link: /l/{token} notes the click and leads on to url."""

    __tablename__ = "link"
    token: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = contact_key()
    url: Mapped[str]
    offer_code: Mapped[str | None]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("contact_id", "url"),)


class Clock(Base):
    """How far the demo's clock was moved forward. One row at most, and only in demo mode."""

    __tablename__ = "clock"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    moved_seconds: Mapped[float]
