"""A journey: who enters it and when, what happens then, and what counts as its success."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from campaigns.gate.wishes import SendWish
from campaigns.journeys.conditions import Condition, list_answers, list_kinds
from campaigns.journeys.spans import Span
from campaigns.journeys.steps import Branch, Said, Send, Step
from campaigns.journeys.triggers import Trigger
from core.types import EventKind, Purpose
from offers.yaml_file import NAME, Strict

type Exit = Literal["opted_out", "converted", "handoff_open", "deadline_passed"]
type StepName = Annotated[str, Field(pattern=NAME)]


class Conversion(Strict):
    """What counts as success: an event of these kinds within so many days of entering, also for those left alone."""

    events: Annotated[tuple[EventKind, ...], Field(min_length=1)]
    within_days: Annotated[int, Field(ge=1, le=365)]


class Limits(Strict):
    """daily_budget: what its messages may cost a day, in the currency of limits.yml."""

    daily_budget: Annotated[Decimal, Field(gt=0)] | None = None


class Journey(Strict):
    """A file of campaigns/. The first step is where it begins.

    pack: of the score. contract: the kind whose end is the deadline. again_after: who was in it enters again after
    so long at the earliest. exits: what ends it before any step. on_conversion: the step that follows a conversion
    instead of ending. running: what those under way do when a new version comes; moves: their old steps to new ones.
    """

    title: Said
    purpose: Purpose
    pack: str
    contract: str | None = None
    triggers: Annotated[tuple[Trigger, ...], Field(min_length=1)]
    entry: Condition | None = None
    again_after: Span | None = None
    exits: tuple[Exit, ...] = ("opted_out", "converted", "handoff_open", "deadline_passed")
    conversion: Conversion
    on_conversion: str | None = None
    arms: dict[StepName, Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=lambda: {"message": 100})
    control_percent: Annotated[int, Field(ge=0, le=90)] = 10
    limits: Limits = Limits()
    running: Literal["finish", "move"] = "finish"
    moves: dict[str, str] = Field(default_factory=dict)
    steps: Annotated[dict[StepName, Step], Field(min_length=1)]

    @property
    def start(self) -> str:
        return next(iter(self.steps))

    def list_conditions(self) -> Iterator[Condition]:
        """Every condition in it."""
        if self.entry:
            yield self.entry
        for step in self.steps.values():
            if isinstance(step, Branch):
                yield from (case.when for case in step.branch)

    def list_kinds(self) -> list[str]:
        """The kinds of events its conditions look at, with those of its conversion."""
        kinds = {kind.value for kind in self.conversion.events}
        return sorted(kinds.union(*(list_kinds(one) for one in self.list_conditions())))

    def list_answers(self) -> list[str]:
        """The answers its conditions look at."""
        return sorted(set().union(*(list_answers(one) for one in self.list_conditions())))

    def make_wish(self, step: Send, campaign: str, contact_id: int, template: str, key: str) -> SendWish:
        """What the gate is asked for a message of it; the caller adds what it knows of the person's way."""
        return SendWish(
            contact_id,
            template,
            key,
            campaign=campaign,
            min_score=step.min_score,
            within_days=step.within_days,
            min_saving_percent=step.min_saving_percent,
            daily_budget=self.limits.daily_budget,
        )

    def list_templates(self) -> list[str]:
        """The templates it sends."""
        return sorted(
            {name for step in self.steps.values() if isinstance(step, Send) for name in step.list_templates()}
        )
