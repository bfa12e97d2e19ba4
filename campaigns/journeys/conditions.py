"""Conditions a journey asks, and whether they hold for a contact. All that a condition names must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from campaigns.journeys.problems import describe
from campaigns.journeys.spans import Span
from core.types import Band, EventKind, Language
from offers.yaml_file import Strict, UnfitError


def listed(value: Any) -> Any:
    """One word is a list of one."""
    return (value,) if isinstance(value, str) else value


type Words = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(listed)]


class Range(Strict):
    """at_least and at_most belong to it."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None

    @model_validator(mode="after")
    def can_hold(self) -> Range:
        if self.at_least is None and self.at_most is None:
            raise UnfitError(describe("no_range"))
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise UnfitError(describe("never_holds", low=self.at_least, high=self.at_most))
        return self

    def holds(self, value: Decimal | int | None) -> bool:
        """What is not known never holds."""
        return value is not None and not (
            (self.at_least is not None and value < self.at_least) or (self.at_most is not None and value > self.at_most)
        )


class DaysLeft(Range):
    """Days until the contract of this kind ends, on the contact's own calendar; 0: today."""

    contract: Annotated[str, Field(min_length=1)]


class AnswerGiven(Strict):
    """What the customer told us under this name, such as preference, is one of these."""

    name: Annotated[str, Field(min_length=1)]
    one_of: Words


class EventSeen(Strict):
    """Something of this kind happened. since_entry: only since the contact is in the journey.

    within: at most so long ago. where: name of a value of its data to those it may have.
    """

    kind: EventKind
    since_entry: bool = False
    within: Span | None = None
    where: dict[str, Words] = Field(default_factory=dict)


class Condition(Strict):
    """Everything that is written here must hold; unless: and not all of this."""

    score: Range | None = None
    band: Annotated[tuple[Band, ...], Field(min_length=1), BeforeValidator(listed)] | None = None
    days_left: DaysLeft | None = None
    saving_percent: Range | None = None
    value: Range | None = None
    orders: Range | None = None
    language: Annotated[tuple[Language, ...], Field(min_length=1), BeforeValidator(listed)] | None = None
    country: Words | None = None
    region: Words | None = None
    arm: Words | None = None
    answer: AnswerGiven | None = None
    event: EventSeen | None = None
    unless: Condition | None = None

    @model_validator(mode="after")
    def says_something(self) -> Condition:
        if not self.model_fields_set:
            raise UnfitError(describe("no_condition"))
        return self


@dataclass(frozen=True)
class Happening:
    """An event: of its kind, when, and its data."""

    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What conditions look at, about one contact. days_left, answers: by contract kind and by name.

    open_contact: it is neither erased nor about to be. happenings: newest first, of the kinds the journey asks for.
    """

    contact_id: int
    open_contact: bool = True
    opted_out: bool = False
    handoff_open: bool = False
    score: int | None = None
    band: str | None = None
    days_left: Mapping[str, int] = field(default_factory=dict)
    saving_percent: Decimal | None = None
    value: Decimal | None = None
    orders: int = 0
    language: str = ""
    country: str | None = None
    region: str | None = None
    last_inbound_at: datetime | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()


def find_unmet(
    condition: Condition, facts: Facts, now: datetime, *, arm: str = "", entered_at: datetime | None = None
) -> str | None:
    """The first part that does not hold, by its name in the file; None if all does."""
    unless = condition.unless
    checks = {
        "score": condition.score is None or condition.score.holds(facts.score),
        "band": condition.band is None or facts.band in condition.band,
        "days_left": condition.days_left is None
        or condition.days_left.holds(facts.days_left.get(condition.days_left.contract)),
        "saving_percent": condition.saving_percent is None or condition.saving_percent.holds(facts.saving_percent),
        "value": condition.value is None or condition.value.holds(facts.value),
        "orders": condition.orders is None or condition.orders.holds(facts.orders),
        "language": condition.language is None or facts.language in condition.language,
        "country": condition.country is None or facts.country in condition.country,
        "region": condition.region is None or facts.region in condition.region,
        "arm": condition.arm is None or arm in condition.arm,
        "answer": condition.answer is None or was_answered(condition.answer, facts),
        "event": condition.event is None or has_happened(condition.event, facts, now, entered_at),
        "unless": unless is None or find_unmet(unless, facts, now, arm=arm, entered_at=entered_at) is not None,
    }
    return next((name for name, holds in checks.items() if not holds), None)


def was_answered(asked: AnswerGiven, facts: Facts) -> bool:
    """Whether the last answer of this name is one of those meant."""
    return asked.name in facts.answers and str(facts.answers[asked.name]) in asked.one_of


def has_happened(asked: EventSeen, facts: Facts, now: datetime, entered_at: datetime | None) -> bool:
    """Whether such an event is known."""
    since = max(
        (
            moment
            for moment in (entered_at if asked.since_entry else None, asked.within and now - asked.within)
            if moment
        ),
        default=None,
    )
    return any(
        one.kind == asked.kind
        and (since is None or one.at >= since)
        and all(str(one.data.get(name)) in values for name, values in asked.where.items())
        for one in facts.happenings
    )


def list_kinds(condition: Condition | None) -> set[str]:
    """The event kinds a condition looks at."""
    if condition is None:
        return set()
    return ({condition.event.kind.value} if condition.event else set()) | list_kinds(condition.unless)


def list_answers(condition: Condition | None) -> set[str]:
    """The answers a condition looks at."""
    if condition is None:
        return set()
    return ({condition.answer.name} if condition.answer else set()) | list_answers(condition.unless)
