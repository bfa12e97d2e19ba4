"""People: who they are, what they agreed to, what they have and did."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Numeric, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.tables.base import MONEY, PRICE, Base, contact_key, row_id, written_by


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
    xact: Mapped[int] = written_by()
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


class DataCopy(Base):
    """A private link to all that is held about a contact: /d/{token}, made when it is opened, until expires_at."""

    __tablename__ = "data_copy"
    token: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = contact_key()
    turn_key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


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
