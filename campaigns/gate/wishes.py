"""What is asked of the gate, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from campaigns.gate.details import Detail
from core.types import HoldReason


class Origin(StrEnum):
    """Who wants the message. Which reasons each of them is not held for stands in gate/decide.py."""

    CAMPAIGN = "campaign"  # Pronto by itself: everything is asked
    SYSTEM = "system"  # another system of the company, for one contact
    ASKED = "asked"  # the customer asked for this very message
    PERSON = "person"  # somebody of ours, now


@dataclass(frozen=True)
class SendWish:
    """A template that is to go to a contact. key: of the occasion, in the outbox; it never goes twice.

    min_score, within_days (days until the contract ends, that day inside) and min_saving_percent: on top of the gates
    of the score's own rules. values: instead of what the store knows. daily_budget: of the campaign, in the currency of
    limits.yml.
    """

    contact_id: int
    template: str
    key: str
    campaign: str | None = None
    enrollment_id: int | None = None
    step: str | None = None
    arm: str | None = None
    min_score: int | None = None
    within_days: int | None = None
    min_saving_percent: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = Origin.CAMPAIGN
    daily_budget: Decimal | None = None


@dataclass(frozen=True)
class Sent:
    """It is queued, or was before under the same key."""

    outbox_id: int
    repeated: bool = False


@dataclass(frozen=True)
class Held:
    """It must not go. again_at: when it is worth asking again; None: held for good. detail: what exactly."""

    reason: HoldReason
    again_at: datetime | None = None
    detail: Detail | None = None


type Verdict = Sent | Held


@dataclass(frozen=True)
class Foreseen:
    """What the gate would say now, nothing being written. text: what the person would read; cost: expected.

    is_new: would count for the people WhatsApp lets us reach.
    """

    wish: SendWish
    held: Held | None
    text: str | None = None
    cost: Decimal = Decimal(0)
    currency: str = "EUR"
    is_new: bool = True
