"""Campaigns: who is to be contacted when, what was decided, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from core.tables.base import MONEY, PRICE, Base, contact_key, row_id


class Campaign(Base):
    """A journey as a marketer runs it, from draft to finished. name: of its file, energy for campaigns/energy.yml."""

    __tablename__ = "campaign"
    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default="draft")  # CampaignState
    why: Mapped[str | None]  # it is in this state
    version_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_version.id"))  # the one that newcomers enter
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    promoted_arm: Mapped[str | None]  # the arm a person declared the winner
    promoted_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class CampaignVersion(Base):
    """An edition of a journey's file. Those under way stay with theirs unless the new one takes them over."""

    __tablename__ = "campaign_version"
    id: Mapped[int] = row_id()
    campaign: Mapped[str] = mapped_column()  # its name; no foreign key, for each points at the other
    number: Mapped[int]
    content: Mapped[str]  # the file, as written
    published_by: Mapped[str]
    published_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("campaign", "number"),)


class CampaignChange(Base):
    """A campaign was brought on or stopped: who did it (an email, pronto: the command line, empty: by itself), why.

    why: a person's words, or Pronto's as a code with facts, see campaigns/release/whys.py.
    """

    __tablename__ = "campaign_change"
    id: Mapped[int] = row_id()
    campaign: Mapped[str] = mapped_column(ForeignKey("campaign.name"), index=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    who: Mapped[str | None]
    state_before: Mapped[str | None]
    state: Mapped[str]
    why: Mapped[str]


class CampaignText(Base):
    """A journey as somebody saved it on its page: it counts instead of the file, as long as that stays as it was then.

    file_mark: of the file's content when it was saved, empty: there was no file.
    """

    __tablename__ = "campaign_text"
    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    file_mark: Mapped[str | None]
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]


class TriggerMark(Base):
    """How far a campaign read what its trigger listens to: what was committed at that moment, or up to which day."""

    __tablename__ = "trigger_mark"
    campaign: Mapped[str] = mapped_column(primary_key=True)
    trigger: Mapped[str] = mapped_column(primary_key=True)
    snapshot: Mapped[str | None]  # PostgreSQL's own words for it; of people_per_day the limit that counted
    day: Mapped[date | None]


class Plan(Base):
    """A contact is to enter a campaign for an occasion when due_at comes. It stays when done: an occasion fires once.

    outcome: why it fired or did not, a word of PlanOutcome.
    """

    __tablename__ = "plan"
    id: Mapped[int] = row_id()
    campaign: Mapped[str]
    contact_id: Mapped[int] = contact_key()
    occasion: Mapped[str]  # such as deadline:electricity:2027-01-01:-45, event:<id>
    due_at: Mapped[datetime | None]  # empty: done
    until: Mapped[datetime | None]  # later than this it is no longer relevant
    data: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))  # what the trigger knew
    outcome: Mapped[str | None]
    done_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("campaign", "contact_id", "occasion"),
        # By campaign first: what a paused one has waiting stands in nobody's way.
        Index("ix_plan_due", "campaign", "due_at", "id", postgresql_where=sql("due_at IS NOT NULL")),
    )


class ArmAssignment(Base):
    """Which arm of a campaign a contact is in, for good; control: left alone, to see what would come by itself."""

    __tablename__ = "arm_assignment"
    campaign: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    arm: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_arm_assignment_contact", "contact_id"),)


class Enrollment(Base):
    """A contact on a campaign's journey: at which step, and when it is looked at again.

    Also for the control arm, whose members walk no step: their conversions count the same way.
    """

    __tablename__ = "enrollment"
    id: Mapped[int] = row_id()
    campaign: Mapped[str]
    version_id: Mapped[int] = mapped_column(ForeignKey("campaign_version.id"))
    contact_id: Mapped[int] = contact_key()
    plan_id: Mapped[int | None] = mapped_column(unique=True)  # plan.id; empty: entered by hand
    arm: Mapped[str]
    segment: Mapped[str | None]  # as it was at entry, for results
    language: Mapped[str | None]
    step: Mapped[str | None]
    step_at: Mapped[datetime]  # when it came to this step
    due_at: Mapped[datetime | None]  # when time moves it on; empty: only an answer, a click or nothing does
    context: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'"))
    entered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # finished, or why it left
    converted_at: Mapped[datetime | None]
    conversion_event_id: Mapped[int | None]
    revenue: Mapped[Decimal | None] = mapped_column(MONEY)
    currency: Mapped[str | None]
    __table_args__ = (
        Index("uq_enrollment_open", "campaign", "contact_id", unique=True, postgresql_where=sql("ended_at IS NULL")),
        Index("ix_enrollment_due", "campaign", "due_at", "id", postgresql_where=sql("due_at IS NOT NULL")),
        Index("ix_enrollment_campaign", "campaign", "entered_at"),
    )


class Wake(Base):
    """Something happened with a contact that is on a journey: whoever walks looks at it and deletes this.

    PostgreSQL itself writes it with a new event and with the end of a turn (migration 0002): whatever commits is seen,
    in whichever order, and no turn waits for those who walk.
    """

    __tablename__ = "wake"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()


class EnrollmentStep(Base):
    """A step an enrollment came to, when, and what brought it there: its chain, kept."""

    __tablename__ = "enrollment_step"
    id: Mapped[int] = row_id()
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"), index=True)
    step: Mapped[str]
    at: Mapped[datetime]
    moved_by: Mapped[str | None]  # reply:affirm, click, event:purchase, time, sent, held:caps, case:1 and so on


class SendDecision(Base):
    """The gate's word about a message Pronto wanted to send by itself: sent or held, and the first reason why not.

    facts: what the gate looked at, for explaining. enrollment_id empty: no campaign wanted it.
    """

    __tablename__ = "send_decision"
    id: Mapped[int] = row_id()
    contact_id: Mapped[int] = contact_key()
    campaign: Mapped[str | None]
    enrollment_id: Mapped[int | None] = mapped_column(ForeignKey("enrollment.id"), index=True)
    step: Mapped[str | None]
    arm: Mapped[str | None]
    template: Mapped[str]
    at: Mapped[datetime]
    send: Mapped[bool]
    reason: Mapped[str | None]  # HoldReason
    again_at: Mapped[datetime | None]  # held for now: when it is asked again
    facts: Mapped[dict[str, Any]]
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), index=True)
    cost: Mapped[Decimal | None] = mapped_column(PRICE)  # expected, when it was sent
    currency: Mapped[str | None]
    __table_args__ = (
        Index("ix_send_decision_campaign", "campaign", "at"),
        Index(
            "ix_send_decision_queue",
            "reason",
            "campaign",
            "again_at",
            postgresql_where=sql("reason IN ('portfolio_limit', 'pace')"),
        ),
    )


class Spent(Base):
    """What one batch of decisions sent and will cost, so that budgets and paces need not add up every message."""

    __tablename__ = "spent"
    id: Mapped[int] = row_id()
    at: Mapped[datetime] = mapped_column(index=True)
    campaign: Mapped[str | None]  # empty: no campaign wanted them
    messages: Mapped[int]
    cost: Mapped[Decimal] = mapped_column(PRICE)
    currency: Mapped[str]


class TemplateState(Base):
    """A template as WhatsApp knows it: whether it is approved, its category, and the text it was approved with."""

    __tablename__ = "template_state"
    name: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    meta_id: Mapped[str | None]
    status: Mapped[str]  # APPROVED, PENDING, REJECTED, PAUSED, DISABLED and so on, Meta's words
    category: Mapped[str | None]
    quality: Mapped[str | None]
    reason: Mapped[str | None]
    components: Mapped[list[Any] | None]
    changed_at: Mapped[datetime]  # by WhatsApp's word
    synced_at: Mapped[datetime | None]
