"""The steps of a journey, as a file writes them. Each is known by its first word: send, wait, branch and so on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from campaigns.journeys.conditions import Condition, listed
from campaigns.journeys.problems import describe
from campaigns.journeys.spans import Span
from core.types import EventKind, HandoffReason
from offers.yaml_file import NAME, Strict, UnfitError

type Go = Annotated[str, Field(min_length=1)]
type Names = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(listed)]

KINDS = ("send", "wait", "branch", "converse", "task", "hand_over", "end")
ANY = "any"  # whatever the customer says


class Said(Strict):
    """A sentence in every language."""

    it: Annotated[str, Field(min_length=1)]
    de: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Send(Strict):
    """A template goes to the contact, if the gate lets it. send: its name, or one per arm.

    at: best waits for the contact's best hour. if_held: where it goes on when the message is held for good; without it
    the journey ends there. The other three are asked on top of the gate of the score's rules.
    """

    send: Annotated[
        Annotated[Go, Tag("one")] | Annotated[dict[str, Go], Tag("per_arm")],
        Discriminator(lambda value: "one" if isinstance(value, str) else "per_arm"),
    ]
    then: Go
    at: Literal["best"] | None = None
    if_held: Go | None = None
    min_score: Annotated[int, Field(ge=0, le=100)] | None = None
    within_days: Annotated[int, Field(ge=0, le=730)] | None = None
    min_saving_percent: Annotated[int, Field(ge=0, le=100)] | None = None

    def list_next(self) -> list[str]:
        return [self.then, *([self.if_held] if self.if_held else [])]

    def list_templates(self) -> list[str]:
        return [self.send] if isinstance(self.send, str) else list(self.send.values())

    def choose_template(self, arm: str) -> str:
        return self.send if isinstance(self.send, str) else self.send[arm]


class Way(Strict):
    """One way out of a wait: exactly one of reply, option, click, event, after.

    reply: intents, or any; option: payloads of tapped answers; after: counted from when the waiting began.
    """

    go: Go
    reply: Names | None = None
    option: Names | None = None
    click: Literal["true"] | None = None
    event: Annotated[tuple[EventKind, ...], Field(min_length=1), BeforeValidator(listed)] | None = None
    after: Span | None = None

    @model_validator(mode="after")
    def names_one(self) -> Way:
        named = [self.reply, self.option, self.click, self.event, self.after]
        if sum(one is not None for one in named) != 1:
            raise UnfitError(describe("one_way"))
        if self.after is not None and self.after <= timedelta(0):
            raise UnfitError(describe("no_time"))
        return self


class Wait(Strict):
    """Nothing is done until one of these comes; the first that came counts. There is always an end in time."""

    wait: Annotated[tuple[Way, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def ends(self) -> Wait:
        if sum(way.after is not None for way in self.wait) != 1:
            raise UnfitError(describe("no_after"))
        return self

    @property
    def longest(self) -> Way:
        """The way out that time opens."""
        return next(way for way in self.wait if way.after is not None)

    def list_next(self) -> list[str]:
        return [way.go for way in self.wait]


class Case(Strict):
    when: Condition
    go: Go


class Branch(Strict):
    """Goes on by the first case that holds, else by `otherwise`."""

    branch: Annotated[tuple[Case, ...], Field(min_length=1)]
    otherwise: Go

    def list_next(self) -> list[str]:
        return [*(case.go for case in self.branch), self.otherwise]


class Converse(Strict):
    """The assistant begins a micro-conversation by itself, as if the customer had asked for it. converse: the intent.

    tell: entities it is to know, such as topic: sizes. if_closed: where it goes on when the 24-hour window is closed.
    """

    converse: Annotated[str, Field(pattern=NAME)]
    then: Go
    tell: dict[str, str] = Field(default_factory=dict)
    if_closed: Go | None = None

    def list_next(self) -> list[str]:
        return [self.then, *([self.if_closed] if self.if_closed else [])]


class MakeTask(Strict):
    """Something a person is to do about the contact. task: what, in words."""

    task: Said
    then: Go
    due: Span = timedelta(days=1)

    def list_next(self) -> list[str]:
        return [self.then]


class HandOver(Strict):
    """A person takes over; the assistant is silent from then on."""

    hand_over: HandoffReason
    then: Go

    def list_next(self) -> list[str]:
        return [self.then]


class End(Strict):
    """The journey is over. end: how, in one word."""

    end: Annotated[str, Field(pattern=NAME)]

    def list_next(self) -> list[str]:
        return []


def read_kind(value: Any) -> str | None:
    """Which step this is, by the word in it."""
    if isinstance(value, Mapping):
        return next((kind for kind in KINDS if kind in value), None)
    return next((kind for kind in KINDS if hasattr(value, kind)), None)


type Step = Annotated[
    Annotated[Send, Tag("send")]
    | Annotated[Wait, Tag("wait")]
    | Annotated[Branch, Tag("branch")]
    | Annotated[Converse, Tag("converse")]
    | Annotated[MakeTask, Tag("task")]
    | Annotated[HandOver, Tag("hand_over")]
    | Annotated[End, Tag("end")],
    Discriminator(
        read_kind,
        custom_error_type="no_kind",
        custom_error_message="this is no step",
    ),
]
