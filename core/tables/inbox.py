"""Handoffs to people, and how agents work."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from core.tables.base import Base, contact_key, row_id


class Handoff(Base):
    """A person has to take over this contact. Open while closed_at is empty; the assistant stays silent meanwhile."""

    __tablename__ = "handoff"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    reason: Mapped[str]
    turn_key: Mapped[str] = mapped_column(unique=True)
    card: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(server_default="open")  # HandoffState
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # whose it is
    assigned_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    unanswered_since: Mapped[datetime | None]  # the customer waits for an answer; empty: it was given
    first_response_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]  # whose it is has seen what came until then
    alerted_at: Mapped[datetime | None]  # it was told that nobody answers
    told_at: Mapped[datetime | None]  # the customer was told that it takes longer
    __table_args__ = (
        Index("uq_handoff_open", "contact_id", unique=True, postgresql_where=sql("closed_at IS NULL")),
        Index("ix_handoff_queue", "state", "account_id", postgresql_where=sql("closed_at IS NULL")),
        Index("ix_handoff_contact", "contact_id", "closed_at"),
        Index("ix_handoff_opened_at", "opened_at"),
    )


class HandoffChange(Base):
    """What happened with a handoff: from which state to which, by whom (empty: by Pronto itself), and why."""

    __tablename__ = "handoff_change"
    id: Mapped[int] = row_id()
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoff.id"), index=True)
    contact_id: Mapped[int] = contact_key()
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    state_before: Mapped[str | None]
    state: Mapped[str]
    assigned_to: Mapped[int | None]  # whose it is from now on: an account
    why: Mapped[str]


class Agent(Base):
    """How someone works in the inbox. Without languages or skills: any. away: gets nothing assigned."""

    __tablename__ = "agent"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")  # energy, insurance, gym, shop
    team: Mapped[str | None]
    most_open: Mapped[int] = mapped_column(server_default="10")  # handoffs at a time, of those assigned by themselves
    away: Mapped[bool] = mapped_column(server_default=sql("false"))
    seen_at: Mapped[datetime | None]


class Composing(Base):
    """Someone writes an answer just now; a row older than a few seconds says nothing."""

    __tablename__ = "composing"
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoff.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    at: Mapped[datetime]


class Note(Base):
    """What agents tell each other about a contact; the customer never sees it. mentions: accounts it calls."""

    __tablename__ = "note"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    handoff_id: Mapped[int | None] = mapped_column(ForeignKey("handoff.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str]
    mentions: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    unread_by: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")  # of those it calls
    at: Mapped[datetime]
    __table_args__ = (Index("ix_note_unread_by", "unread_by", postgresql_using="gin"),)


class CannedReply(Base):
    """A text agents use again and again, found by its name; texts: language to text with {name} and the like."""

    __tablename__ = "canned_reply"
    id: Mapped[int] = row_id()
    name: Mapped[str] = mapped_column(unique=True)
    texts: Mapped[dict[str, Any]]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    updated_at: Mapped[datetime]


class Teaching(Base):
    """A sentence the assistant misunderstood, and what it means; a marketer accepts it as training data or not."""

    __tablename__ = "teaching"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    sentence: Mapped[str]
    language: Mapped[str]
    heard: Mapped[str | None]  # the intent the assistant heard
    intent: Mapped[str]  # the right one
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    accepted: Mapped[bool | None]
    reviewed_by: Mapped[int | None]
    reviewed_at: Mapped[datetime | None]


class Satisfaction(Base):
    """The question after a handoff how it was; stars: 1 to 5, empty as long as nothing was answered."""

    __tablename__ = "satisfaction"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoff.id"), unique=True)
    stars: Mapped[int | None] = mapped_column(SmallInteger)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class HookCall(Base):
    """Something another desk is to be told; kept until it said yes, or too often no. desk: webhook or chatwoot."""

    __tablename__ = "hook_call"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    desk: Mapped[str] = mapped_column(server_default="webhook")
    kind: Mapped[str]
    key: Mapped[str]
    body: Mapped[dict[str, Any]]
    due_at: Mapped[datetime | None]  # empty: told, or given up
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("desk", "key"),
        Index("ix_hook_call_due", "desk", "due_at", "id", postgresql_where=sql("due_at IS NOT NULL")),
        Index("ix_hook_call_told", "created_at", postgresql_where=sql("due_at IS NULL")),
    )


class ChatwootTalk(Base):
    """A handoff as Chatwoot knows it: its contact and its conversation, by Chatwoot's own numbers."""

    __tablename__ = "chatwoot_talk"
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoff.id"), primary_key=True)
    contact_id: Mapped[int] = contact_key()
    chatwoot_contact: Mapped[int]
    conversation: Mapped[int] = mapped_column(unique=True)
    made_at: Mapped[datetime]


class Attachment(Base):
    """A file of a conversation: one a customer sent (message_id), or one an agent sends (account_id).

    media_id: WhatsApp's name for it, good for 30 days after uploaded_at. Without data it could not be fetched: error.
    """

    __tablename__ = "attachment"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str]  # MessageKind
    mime_type: Mapped[str]
    name: Mapped[str]
    data: Mapped[bytes | None]
    error: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    due_at: Mapped[datetime | None]  # when to fetch it again; empty: it is there, or cannot be had
    media_id: Mapped[str | None]
    uploaded_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (Index("ix_attachment_due", "due_at", postgresql_where=sql("due_at IS NOT NULL")),)


class Task(Base):
    """Something a person should do about a contact. key: the same occasion never makes two tasks."""

    __tablename__ = "task"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    kind: Mapped[str]  # band_crossed, by_hand, campaign
    facts: Mapped[dict[str, Any]]  # what its title tells; by hand: {"title"}; of a campaign: {"it", "de", "en"}
    key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    due_on: Mapped[date]
    assigned_to: Mapped[int | None]  # an account
    created_by: Mapped[int | None]  # an account; empty: Pronto
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None]
    __table_args__ = (Index("ix_task_open", "due_on", "id", postgresql_where=sql("done_at IS NULL")),)
