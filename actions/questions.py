"""Questions of customers: answered with approved texts and the contact's own facts, then back to what was open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

import yaml

from actions.message import read_parts, read_questions

PREFIX = "utter_answer_"
DOMAIN = Path(__file__).parents[1] / "domain.yml"

type Answer = Callable[[Any, Any], Awaitable[list[dict[str, Any]]]]

# Answers that need more than a text: (dispatcher, tracker) says them and returns events. actions/catalogue.py fills it.
LIVE: dict[str, Answer] = {}
# Questions a value answers by itself: "do you have it in 42?" needs no second answer beside that to the size.
ANSWERED_BY: dict[str, set[str]] = {}


TEXTS = frozenset(yaml.load(DOMAIN.read_text(encoding="utf-8"), yaml.CSafeLoader)["responses"])


def has_text(name: str) -> bool:
    """Whether domain.yml has this text."""
    return name in TEXTS


def read_answers() -> dict[str, str]:
    """Intent to response for every question domain.yml has an answer to: ask_cost is answered by utter_answer_cost."""
    names = [name.removeprefix(PREFIX) for name in TEXTS if name.startswith(PREFIX)]
    return {f"ask_{name}": PREFIX + name for name in names} | {"bot_challenge": "utter_bot_challenge"}


STATIC = read_answers()


async def answer_question(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Answers every question of the message, in the order they were asked."""
    events: list[dict[str, Any]] = []
    for intent in read_parts(tracker):
        if live := LIVE.get(intent):
            events += await live(dispatcher, tracker)
        elif intent in STATIC:
            say_answer(dispatcher, tracker, intent)
    return events


async def answer_beside(dispatcher: Any, tracker: Any, told: set[str], taken: Collection[str] = ()) -> None:
    """Answers the questions that stand beside the values told: the conversation goes on with these, whatever they are.

    taken: intents that are an answer themselves.
    """
    for intent in read_questions(tracker, (LIVE.keys() | STATIC.keys()) - set(taken)):
        if told & ANSWERED_BY.get(intent, set()):
            continue
        if live := LIVE.get(intent):
            await live(dispatcher, tracker)
        else:
            say_answer(dispatcher, tracker, intent)


def say_answer(dispatcher: Any, tracker: Any, intent: str) -> None:
    """The text for a question; one of its own for the conversation under way goes before the general one."""
    own = f"{STATIC[intent]}_{tracker.get_slot('conversation')}"
    dispatcher.utter_message(response=own if f"ask_{own.removeprefix(PREFIX)}" in STATIC else STATIC[intent])
