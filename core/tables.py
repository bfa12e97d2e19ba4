"""Every table. Times end in _at and are UTC, dates end in _on, money is decimal with its currency beside it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
MONEY = Numeric(14, 2)
PRICE = Numeric(14, 6)


class Base(DeclarativeBase):
    """Maps Python's types to PostgreSQL's once."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        float: Float,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        Decimal: Numeric,
    }


def row_id() -> Mapped[int]:
    """A primary key PostgreSQL counts up; never shown outside."""
    return mapped_column(BigInteger, Identity(), primary_key=True)


def contact_key() -> Mapped[int]:
    """The contact a row belongs to."""
    return mapped_column(ForeignKey("contact.id"), index=True)


class Contact(Base):
    """A person, known by phone number, business-scoped user id, or both. token is the id the outside sees."""

    __tablename__ = "contact"
    id: Mapped[int] = row_id()
    token: Mapped[str] = mapped_column(unique=True)
    phone: Mapped[str | None] = mapped_column(unique=True)
    user_id: Mapped[str | None] = mapped_column(unique=True)
    parent_user_id: Mapped[str | None]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str | None]
    username: Mapped[str | None]
    language: Mapped[str | None]
    country: Mapped[str | None]
    timezone: Mapped[str | None]
    postcode: Mapped[str | None]
    place: Mapped[str | None]
    region: Mapped[str | None]
    value: Mapped[Decimal | None] = mapped_column(MONEY)
    value_currency: Mapped[str | None]
    last_inbound_at: Mapped[datetime | None]  # the customer's own timestamp; opens the 24-hour window
    session_number: Mapped[int] = mapped_column(server_default="1")
    session_seen_at: Mapped[datetime | None]
    score_stale_at: Mapped[datetime | None]
    erase_at: Mapped[datetime | None]  # asked to be erased: at the latest then
    erased_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    __table_args__ = (
        Index("ix_contact_stale", "score_stale_at", postgresql_where=sql("score_stale_at IS NOT NULL")),
        Index("ix_contact_erase", "erase_at", postgresql_where=sql("erase_at IS NOT NULL")),
    )


class ContactMerge(Base):
    """Two contacts turned out to be one person; loser's rows moved to winner. Old tokens still find the person."""

    __tablename__ = "contact_merge"
    loser_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    loser_token: Mapped[str] = mapped_column(unique=True)
    winner_id: Mapped[int] = contact_key()
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class FormerAddress(Base):
    """A phone number or user id a contact had until a time; a late message from it still finds the person."""

    __tablename__ = "former_address"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    phone: Mapped[str | None] = mapped_column(index=True)
    user_id: Mapped[str | None] = mapped_column(index=True)
    until: Mapped[datetime]  # the customer's own timestamp of the change


class Consent(Base):
    """A consent given or withdrawn, with its proof. The newest row per contact and purpose counts."""

    __tablename__ = "consent"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    purpose: Mapped[str]
    given: Mapped[bool]
    at: Mapped[datetime]
    channel: Mapped[str]  # whatsapp, import, api
    wording: Mapped[str]  # what the person agreed to or said
    proof: Mapped[str | None]  # WhatsApp id of the message, import file and line, request id
    __table_args__ = (UniqueConstraint("contact_id", "purpose", "proof"),)


class PlatformPreference(Base):
    """A contact moved WhatsApp's own marketing switch. The newest row by `at` counts; only `resume` lifts a `stop`."""

    __tablename__ = "platform_preference"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    value: Mapped[str]
    at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    payload: Mapped[dict[str, Any]]
    __table_args__ = (UniqueConstraint("contact_id", "value", "at"),)


class Contract(Base):
    """What a contact has today and until when. kind: electricity, gas, gym, insurance and so on."""

    __tablename__ = "contract"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    kind: Mapped[str]
    supplier: Mapped[str | None]
    expires_on: Mapped[date | None] = mapped_column(index=True)
    yearly_kwh: Mapped[Decimal | None] = mapped_column(Numeric(12, 1))
    yearly_cost: Mapped[Decimal | None] = mapped_column(MONEY)
    price_per_kwh: Mapped[Decimal | None] = mapped_column(PRICE)
    fixed_per_year: Mapped[Decimal | None] = mapped_column(MONEY)
    currency: Mapped[str] = mapped_column(server_default="EUR")
    source: Mapped[str]  # api, import, conversation
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    __table_args__ = (UniqueConstraint("contact_id", "kind"),)


class Event(Base):
    """Something a contact did, from any channel. key makes a repeated report harmless."""

    __tablename__ = "event"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    key: Mapped[str | None] = mapped_column(unique=True)
    data: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))
    __table_args__ = (
        Index("ix_event_contact", "contact_id", "kind", "at"),
        Index("ix_event_restock", "at", postgresql_where=sql("kind = 'restock_wanted'")),
    )


class Answer(Base):
    """A value a contact told us, with the sentence it came from. The newest row per name counts."""

    __tablename__ = "answer"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    name: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB)
    sentence: Mapped[str]
    turn_key: Mapped[str]  # the Rasa message id it was said in
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("contact_id", "name", "turn_key"),)


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
    at: Mapped[datetime]


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
    """Something another desk is to be told by the outgoing webhook; kept until it said yes, or too often no."""

    __tablename__ = "hook_call"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    body: Mapped[dict[str, Any]]
    due_at: Mapped[datetime | None]  # empty: told, or given up
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_hook_call_due", "due_at", "id", postgresql_where=sql("due_at IS NOT NULL")),)


class ContactStat(Base):
    """What the score looks at, rolled up from a contact's rows; days are the contact's own calendar days.

    Nothing here depends on the day it is read, except until due_at: then time alone makes the roll-up old.
    """

    __tablename__ = "contact_stat"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    timezone: Mapped[str | None]  # the contact's own; empty: PRONTO_TIMEZONE
    contract_kind: Mapped[str | None]  # of the contract that runs and ends first, else of the one that ended last
    expires_on: Mapped[date | None]
    created_on: Mapped[date]
    replied_on: Mapped[date | None]
    reply_minutes: Mapped[int | None]  # median of the last five reactions to a message of ours
    clicked_on: Mapped[date | None]
    quoted_on: Mapped[date | None]
    visited_on: Mapped[date | None]
    form_on: Mapped[date | None]
    cart_on: Mapped[date | None]  # left and neither bought nor declined since
    bought_on: Mapped[date | None]
    orders: Mapped[int] = mapped_column(server_default="0")
    spent: Mapped[int] = mapped_column(server_default="0")  # whole units of the currency
    cancelled_on: Mapped[date | None]
    objected_on: Mapped[date | None]
    ignored_in_a_row: Mapped[int] = mapped_column(server_default="0")
    ignored_on: Mapped[date | None]
    sentiment: Mapped[int | None]  # the last three feelings shown, +1 or -1 each
    sentiment_on: Mapped[date | None]
    price_days: Mapped[list[date]] = mapped_column(ARRAY(Date), server_default="{}")  # visits of price pages
    bought_days: Mapped[list[date]] = mapped_column(ARRAY(Date), server_default="{}")  # the latest ten first, as above
    engaged_days: Mapped[list[date]] = mapped_column(ARRAY(Date), server_default="{}")  # days with any sign of life
    value: Mapped[int | None]
    area_served: Mapped[int | None]  # 1: something can be offered where the contact lives, 0: nothing
    saving_percent: Mapped[int | None]  # of the next best offer, rounded down
    saving_on: Mapped[date | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    rolled_at: Mapped[datetime]  # when it last became another one
    __table_args__ = (
        Index("ix_contact_stat_timezone", "timezone", postgresql_where=sql("timezone IS NOT NULL")),
        Index("ix_contact_stat_expires_on", "expires_on"),
    )


class Score(Base):
    """A contact's readiness now, with the receipt: [{"rule", "points", "fact", "on"}], whose points add up.

    gate: what stands against a commercial message, [] if nothing does.
    """

    __tablename__ = "score"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    pack: Mapped[str]
    version: Mapped[str]
    points: Mapped[int] = mapped_column(SmallInteger, index=True)
    band: Mapped[str]
    receipt: Mapped[list[Any]]
    gate: Mapped[list[Any]] = mapped_column(server_default=sql("'[]'"))
    computed_at: Mapped[datetime]


class ScoreChange(Base):
    """A contact's score became another one, and why. One row per change; before is empty for the first score."""

    __tablename__ = "score_change"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    pack: Mapped[str] = mapped_column(server_default="energy")
    version: Mapped[str]
    points_before: Mapped[int | None] = mapped_column(SmallInteger)
    points: Mapped[int] = mapped_column(SmallInteger)
    band_before: Mapped[str | None]
    band: Mapped[str]
    receipt: Mapped[list[Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class ScoreRun(Base):
    """One scoring of all contacts of a time zone for one day by one edition of the rules: how far it came."""

    __tablename__ = "score_run"
    zone: Mapped[str] = mapped_column(primary_key=True)  # empty: all zones
    day: Mapped[date] = mapped_column(primary_key=True)
    rules: Mapped[str] = mapped_column(primary_key=True)  # checksum of the edition
    position: Mapped[int]  # contacts up to this id are done
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ContractEnd(Base):
    """When a contract was to end, as it stood when noted: what was known then, for learning without hindsight."""

    __tablename__ = "contract_end"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    noted_at: Mapped[datetime] = mapped_column(primary_key=True)
    expires_on: Mapped[date | None]


class LearnedModel(Base):
    """A model learned from outcomes, with its report. promoted_at: since when a person trusts it."""

    __tablename__ = "learned_model"
    id: Mapped[int] = row_id()
    trained_at: Mapped[datetime] = mapped_column(index=True)
    horizon_days: Mapped[int]
    model: Mapped[dict[str, Any]]
    report: Mapped[dict[str, Any]]
    promoted_at: Mapped[datetime | None]


class LearnedRun(Base):
    """A day on which a worker looked whether there is something to learn; note: what came of it, in words."""

    __tablename__ = "learned_run"
    day: Mapped[date] = mapped_column(primary_key=True)
    note: Mapped[str | None]


class LearnedScore(Base):
    """A contact's chance of an outcome within the model's horizon; reasons: [{"feature", "value", "weight"}]."""

    __tablename__ = "learned_score"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    model_id: Mapped[int]  # learned_model.id
    chance: Mapped[float] = mapped_column(index=True)
    reasons: Mapped[list[Any]]
    computed_at: Mapped[datetime]


class DefectionLimit(Base):
    """After how many days without a purchase buyers of a segment count as defecting, learned from their own gaps.

    curve: [[days, share not back yet, customers still watched]]; support: gaps that ended in a purchase.
    """

    __tablename__ = "defection_limit"
    segment: Mapped[str] = mapped_column(primary_key=True)  # all, first_buyer, repeat_buyer
    days: Mapped[int]
    inactive_days: Mapped[int]
    horizon_days: Mapped[int]
    share: Mapped[float]
    support: Mapped[int]
    waiting: Mapped[int]  # customers whose gap has not ended
    curve: Mapped[list[Any]]
    computed_at: Mapped[datetime]


class RuleEdition(Base):
    """The score's rules as a marketer published them; the newest row counts, without one the file rules.yml."""

    __tablename__ = "rule_edition"
    id: Mapped[int] = row_id()
    content: Mapped[str]
    note: Mapped[str]
    published_by: Mapped[str]
    published_at: Mapped[datetime]


class Task(Base):
    """Something a person should do about a contact. key: the same occasion never makes two tasks."""

    __tablename__ = "task"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    kind: Mapped[str]  # band_crossed
    facts: Mapped[dict[str, Any]]  # what its title tells
    key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    due_on: Mapped[date]
    assigned_to: Mapped[int | None]  # an account
    done_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_task_open", "due_on", "id", postgresql_where=sql("done_at IS NULL")),)


class Offer(Base):
    """An offer of the catalogue. Prices before taxes and network charges. region and the like empty: everywhere."""

    __tablename__ = "offer"
    id: Mapped[int] = row_id()
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # electricity, gas
    country: Mapped[str]
    supplier: Mapped[str]
    name: Mapped[str]
    price_type: Mapped[str]  # fixed, variable
    price_per_kwh: Mapped[Decimal] = mapped_column(PRICE)  # fixed: the price; variable: the spread on the index
    fixed_per_year: Mapped[Decimal] = mapped_column(MONEY)
    currency: Mapped[str] = mapped_column(server_default="EUR")
    green: Mapped[bool]
    region: Mapped[str | None]
    province: Mapped[str | None]
    municipality: Mapped[str | None]
    valid_from_on: Mapped[date | None]
    valid_until_on: Mapped[date | None]
    sample: Mapped[bool] = mapped_column(server_default=sql("false"))  # made up to show the product
    url: Mapped[str | None]
    source: Mapped[str]
    __table_args__ = (Index("ix_offer_place", "country", "kind", "region"),)


class NextOffer(Base):
    """The offer that saves a contact most against today's contract; no row where no saving is known for sure.

    reason: the facts in order, for offers.explain_offer. valid_until_on: the last day it can be signed.
    """

    __tablename__ = "next_offer"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    kind: Mapped[str]  # of the contract it would replace
    offer_code: Mapped[str]
    supplier: Mapped[str]
    yearly_saving: Mapped[Decimal] = mapped_column(MONEY)
    saving_percent: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    currency: Mapped[str]
    valid_until_on: Mapped[date | None]
    reason: Mapped[list[Any]]
    computed_at: Mapped[datetime]


class OfferSweep(Base):
    """Offers of a kind changed: the contacts with such a contract get their next offer anew, in order of their ids."""

    __tablename__ = "offer_sweep"
    kind: Mapped[str] = mapped_column(primary_key=True)
    next_id: Mapped[int | None]  # contacts from this id on still wait; empty: all done
    begun_on: Mapped[date]


class Stock(Base):
    """Pieces of a product a shop system told; they count before those in products.yml. size `one`: it has no sizes."""

    __tablename__ = "stock"
    sku: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[str] = mapped_column(primary_key=True)
    pieces: Mapped[int]
    updated_at: Mapped[datetime]


class Place(Base):
    """A place a postcode belongs to. One code has many places, and occurs in several countries."""

    __tablename__ = "place"
    id: Mapped[int] = row_id()
    country: Mapped[str]
    postcode: Mapped[str]
    name: Mapped[str]
    region: Mapped[str | None]
    region_code: Mapped[str | None]
    province: Mapped[str | None]
    province_code: Mapped[str | None]
    municipality: Mapped[str | None]
    municipality_code: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    __table_args__ = (Index("ix_place_postcode", "postcode", "country"),)


class LoadedTable(Base):
    """Which edition of a shipped table (place, offer) stands in the database."""

    __tablename__ = "loaded_table"
    name: Mapped[str] = mapped_column(primary_key=True)
    checksum: Mapped[str]
    loaded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Link(Base):
    """A tracked link: /l/{token} notes the click and leads on to url."""

    __tablename__ = "link"
    token: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = contact_key()
    url: Mapped[str]
    offer_code: Mapped[str | None]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("contact_id", "url"),)


class DataCopy(Base):
    """A private link to all that is held about a contact: /d/{token}, made when it is opened, until expires_at."""

    __tablename__ = "data_copy"
    token: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = contact_key()
    turn_key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Account(Base):
    """Someone who works with Pronto. Without a password_hash nobody can log in; a deactivated account is kept."""

    __tablename__ = "account"
    id: Mapped[int] = row_id()
    email: Mapped[str] = mapped_column(unique=True)  # in small letters
    name: Mapped[str]
    role: Mapped[str]  # Role
    password_hash: Mapped[str | None]  # argon2id
    language: Mapped[str | None]  # of the pages; empty: the browser's
    theme: Mapped[str] = mapped_column(server_default="auto")  # Theme
    created_at: Mapped[datetime]
    deactivated_at: Mapped[datetime | None]


class AccountSession(Base):
    """A browser that is logged in. It ends by deleting the row, after a silence, or at expires_at."""

    __tablename__ = "account_session"
    id: Mapped[int] = row_id()
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str]
    browser: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LoginAttempt(Base):
    """Somebody tried to log in as email from address. Too many that failed lock both for a while."""

    __tablename__ = "login_attempt"
    id: Mapped[int] = row_id()
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    succeeded: Mapped[bool] = mapped_column(server_default=sql("false"))
    __table_args__ = (
        Index("ix_login_attempt_email", "email", "at"),
        Index("ix_login_attempt_address", "address", "at"),
    )


class Invite(Base):
    """A link with which someone sets a password once: for a new account, or for account_id, which exists."""

    __tablename__ = "invite"
    id: Mapped[int] = row_id()
    token_hash: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    role: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AuditLog(Base):
    """Who did what when, in the pages or on the command line. Written in the transaction of the deed."""

    __tablename__ = "audit_log"
    id: Mapped[int] = row_id()
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    who: Mapped[str]  # the email at that time
    deed: Mapped[str]  # Deed
    subject: Mapped[str | None]  # whom or what it was done to
    data: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))


class Suppressed(Base):
    """An address whose owner had everything erased: its keyed hash, so that no import brings the person back."""

    __tablename__ = "suppressed"
    hash: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class ImportMapping(Base):
    """How the columns of files with certain headings are read: remembered from the last import."""

    __tablename__ = "import_mapping"
    signature: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # contacts, events
    columns: Mapped[dict[str, Any]]  # heading to field, null where it is left out
    options: Mapped[dict[str, Any]]  # what was said beside: date_order, contract_kind, event_kind, country
    used_at: Mapped[datetime]


class Clock(Base):
    """How far the demo's clock was moved forward. One row at most, and only in demo mode."""

    __tablename__ = "clock"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    moved_seconds: Mapped[float]
