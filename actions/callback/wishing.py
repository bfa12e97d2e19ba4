"""When the customer wants to be called: a time or part of the day, and the day if they name one."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from actions.contracts import read_today
from actions.conversation import Question
from actions.telling import Telling
from actions.wording import format_date

ANY = "any"
PARTS = {
    "morning": {"it": "di mattina", "de": "vormittags", "en": "in the morning"},
    "afternoon": {"it": "di pomeriggio", "de": "nachmittags", "en": "in the afternoon"},
    "evening": {"it": "di sera", "de": "abends", "en": "in the evening"},
}
AT = {"it": "alle {time}", "de": "um {time} Uhr", "en": "at {time}"}
ON = {"it": "il {day}", "de": "am {day}", "en": "on {day}"}
SOON = {"it": "appena possibile", "de": "so bald wie möglich", "en": "as soon as possible"}
CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")


async def check_callback_time(telling: Telling, time: Any) -> dict[str, Any]:
    """Takes an hour, a part of the day, or any time."""
    good = time == ANY or time in PARTS or CLOCK.fullmatch(str(time))
    return {"callback_time": time if good else None}


async def check_callback_on(telling: Telling, day: Any) -> dict[str, Any]:
    """Takes the day; a day without an hour is enough. One that is over is asked again."""
    if date.fromisoformat(str(day)) < read_today(telling.contact, telling.now):
        return {"callback_time": None}
    return {"callback_on": str(day), "callback_time": telling.slots.get("callback_time") or ANY}


def word_wish(time: str, day: str | None, language: str) -> str:
    """Like "il 25 novembre 2026 alle 18:00", "in the morning", "as soon as possible"."""
    hours = {name: words[language] for name, words in PARTS.items()} | {ANY: ""}
    hour = hours[time] if time in hours else AT[language].format(time=time)
    on = ON[language].format(day=format_date(date.fromisoformat(day), language)) if day else ""
    return f"{on} {hour}".strip() or SOON[language]


# The two ask the same, wherever a call is wished. "Call me" and "I don't know" leave the time to us.
WHEN = (
    Question("callback_time", check_callback_time, by_intent={"call_me": ANY, "dont_know": ANY}),
    Question("callback_on", check_callback_on),
)
