"""Scores with their receipts, and what is learned beside them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, Date, ForeignKey, Index, SmallInteger
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from core.tables.base import Base, contact_key, row_id


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
    lapses_on: Mapped[date | None]  # so many days after it as table defection_limit says of buyers like this one
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
    outcome: Mapped[str] = mapped_column(server_default="repurchase")  # or defection
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
    outcome: Mapped[str] = mapped_column(primary_key=True, server_default="repurchase")  # or defection
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
