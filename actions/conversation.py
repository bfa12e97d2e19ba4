"""What a guided micro-conversation is: its questions, what answers them and how it ends. One form runs all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from actions.telling import Telling

FORM = "conversation_form"
PERSON = "person"  # the proposal whose yes is a handoff

type Slots = dict[str, Any]
type Check = Callable[[Telling, Any], Awaitable[Slots]]
type Action = Callable[[Any, Any, Any], Awaitable[list[dict[str, Any]]]]
type Help = Callable[[Any, Any], Awaitable[Any]]


@dataclass(frozen=True)
class Question:
    """A value to be told, under the name of its slot; asked with the response `utter_ask_<slot>` or an action.

    check: what the value means for the slots; it may say something, and refuses a value with None.
    by_intent: answers that are an intent instead of a value, such as affirm, while the question is open.
    asked: the open question it answers, and nothing but that; empty: its own, and told at any time.
    not_with: intents of messages in which such a value means something else.
    after_search: checked only when what the conversation searches for is known.
    help: the response to "I don't know", or what says it.
    read: finds the value in the customer's words where no entity holds it.
    """

    slot: str
    check: Check
    by_intent: Mapping[str, Any] = field(default_factory=dict)
    not_with: frozenset[str] = frozenset()
    asked: str = ""
    after_search: bool = False
    help: str | Help = ""
    read: Callable[[Any], Any] | None = None

    @property
    def open_slot(self) -> str:
        """The open question this answers: its own unless it says otherwise."""
        return self.asked or self.slot


@dataclass(frozen=True)
class Table:
    """What the customer chooses from. contract: the kind it would replace; show: says the offers, and its last day."""

    contract: str
    show: Callable[[Any, Any, date | None], None]


@dataclass(frozen=True)
class Conversation:
    """name is also the intent that starts it and the proposal a plain yes accepts.

    starts_with: other intents that start it.
    next_question: the slot to ask for, None when all is told.
    finish: says how it ends; runs once all is told.
    opening: the question a yes, a no or "tell me more" to our proposal answers; without one, a yes only starts it.
    fresh: slots forgotten when it starts again; empty: when the customer wants to begin anew.
    greet: says what is known already. search: looks for something after values changed; returns slots.
    table: how the offers it finds are shown.
    """

    name: str
    questions: tuple[Question, ...]
    next_question: Callable[[Slots], str | None]
    finish: Action
    opening: str = ""
    starts_with: frozenset[str] = frozenset()
    fresh: Mapping[str, Any] = field(default_factory=dict)
    empty: Mapping[str, Any] = field(default_factory=dict)
    greet: Callable[[Telling], Awaitable[None]] | None = None
    search: Callable[[Telling], Awaitable[Slots]] | None = None
    table: Table | None = None

    def find_question(self, slot: str | None) -> Question | None:
        """The question for a slot."""
        return next((one for one in self.questions if one.slot == slot), None)

    def answers_opening(self, intent: str) -> bool:
        """Whether this intent answers our proposal, so that the conversation starts with it."""
        return self.answers(self.opening, intent)

    def answers(self, slot: str | None, intent: str) -> bool:
        """Whether this intent is an answer to the open question."""
        return any(one.open_slot == slot and intent in one.by_intent for one in self.questions)
