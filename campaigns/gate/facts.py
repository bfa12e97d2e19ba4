"""What the gate looks at: a contact, a message for it, and what is left for everybody. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from campaigns.gate.details import Detail
from campaigns.gate.limits import Budget
from campaigns.gate.quiet import Home, read_zone
from campaigns.gate.wishes import Held, Origin, SendWish
from core.types import HoldReason, Language, Preference, TemplateKind

NEVER = datetime.max.replace(tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Room:
    """What may still leave; it shrinks with each message. None: no limit. days end in PRONTO_TIMEZONE.

    people: whom WhatsApp lets us reach today; minute: messages; day, month: money; spent: by campaign today.
    freed_at: when the places of those reached lately are free again, in order; waiting: how many wait for one already.
    minutes: how many wait for each minute to come.
    """

    people: int | None = None
    minute: int | None = None
    day: Decimal | None = None
    month: Decimal | None = None
    next_day: datetime = NEVER
    next_month: datetime = NEVER
    spent: dict[str, Decimal] = field(default_factory=dict)
    paused_until: datetime | None = None
    pause_reason: str | None = None
    freed_at: Sequence[datetime] = ()
    waiting: int = 0
    minutes: Counter[datetime] = field(default_factory=Counter)

    def find_place(self, now: datetime) -> datetime:
        """When it is the turn of whoever comes to the queue for WhatsApp's people per day now."""
        if not self.freed_at:
            return now + HOUR
        rounds, place = divmod(self.waiting, len(self.freed_at))
        return self.freed_at[place] + timedelta(days=rounds)

    def find_minute(self, now: datetime, per_minute: int) -> datetime:
        """The first minute to come for which not enough wait."""
        minute = read_minute(now) + MINUTE
        while self.minutes[minute] >= per_minute:
            minute += MINUTE
        return minute

    def find_spent(self, wish: SendWish, cost: Decimal) -> datetime | None:
        """Until when there is no money for this message; None if there is."""
        if self.month is not None and cost > self.month:
            return self.next_month
        own = (
            wish.daily_budget is not None and self.spent.get(wish.campaign or "", Decimal(0)) + cost > wish.daily_budget
        )
        return self.next_day if own or (self.day is not None and cost > self.day) else None

    def line_up(self, held: Held) -> None:
        """Whoever comes next stands behind this one."""
        if held.reason is HoldReason.PORTFOLIO_LIMIT:
            self.waiting += 1
        elif held.reason is HoldReason.PACE and held.again_at:
            self.minutes[read_minute(held.again_at)] += 1

    def take(self, campaign: str | None, cost: Decimal, is_new: bool) -> None:
        """One message leaves. is_new: to somebody who counts for the people WhatsApp lets us reach."""
        if self.people is not None:
            self.people -= is_new
        if self.minute is not None:
            self.minute -= 1
        if self.day is not None:
            self.day -= cost
        if self.month is not None:
            self.month -= cost
        name = campaign or ""
        self.spent[name] = self.spent.get(name, Decimal(0)) + cost


@dataclass(frozen=True)
class Facts:
    """Everything about one message for one contact, read from rows.

    consent: the newest answer for the message's purpose, None: no answer. undelivered: messages in a row that did not
    arrive. refused_at: WhatsApp's 131049. question_until: so long the open question counts. sent_at: what opened a
    conversation in the last days. missing: values the text lacks. points: None before the first score. is_new_today:
    counts for the people WhatsApp lets us reach.
    """

    wish: SendWish
    kind: TemplateKind
    home: Home
    room: Room
    language: Language
    is_marketing: bool = True
    erased: bool = False
    reachable: bool = True
    undelivered: int = 0
    preference: Preference | None = None
    consent: bool | None = None
    refusal: Detail | None = None
    refused_at: datetime | None = None
    handoff_open: bool = False
    last_inbound_at: datetime | None = None
    question_until: datetime | None = None
    template_problem: HoldReason | None = None
    template_detail: Detail | None = None
    missing: str | None = None
    points: int | None = None
    score_gate: Sequence[Mapping[str, Any]] = ()
    days_left: int | None = None
    saving_percent: int | None = None
    sent_at: Sequence[datetime] = ()
    is_new_today: bool = True
    cost: Decimal = Decimal(0)

    @property
    def origin(self) -> Origin:
        return self.wish.origin

    def local_day(self, at: datetime) -> date:
        """The day on the contact's own calendar."""
        return at.astimezone(read_zone(self.home.zone)).date()

    def day_start(self, day: date) -> datetime:
        """When it begins there, in UTC."""
        return datetime.combine(day, time(), read_zone(self.home.zone)).astimezone(UTC)

    def as_json(self, now: datetime) -> dict[str, Any]:
        """What is kept with the decision."""
        return {
            "origin": self.origin.value,
            "language": self.language.value,
            "local_time": f"{now.astimezone(read_zone(self.home.zone)):%Y-%m-%d %H:%M}",
            "zone": self.home.zone,
            "marketing": self.is_marketing,
            "consent": self.consent,
            "platform": self.preference.value if self.preference else None,
            "handoff": self.handoff_open,
            "last_inbound_at": self.last_inbound_at.isoformat() if self.last_inbound_at else None,
            "points": self.points,
            "days_left": self.days_left,
            "saving_percent": self.saving_percent,
            "sent_today": [self.local_day(at) for at in self.sent_at].count(self.local_day(now)),
            "sent_recently": len(self.sent_at),
        }


def read_minute(at: datetime) -> datetime:
    """When its minute began."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def find_left(budget: Budget, day: Decimal, month: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """What of the money is left today and this month; None: there is no limit."""
    return (
        budget.per_day - day if budget.per_day else None,
        budget.per_month - month if budget.per_month else None,
    )
