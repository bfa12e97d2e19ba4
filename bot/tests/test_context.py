"""Run with Rasa's Python: `bot/.venv/bin/python -m unittest discover -s bot/tests -t .`."""

from __future__ import annotations

import unittest
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from bot.components.context import read_question
from bot.components.values import ValueExtractor


def open_question(**slots: str) -> Any:
    return SimpleNamespace(slots={name: SimpleNamespace(value=value) for name, value in slots.items()})


class TestContext(unittest.TestCase):
    def test_tomorrow_is_counted_from_the_day_it_is_asked(self) -> None:
        tracker, message = open_question(requested_slot="callback_on", language="it"), Message.build("domani")
        before = read_question(tracker).today
        ValueExtractor().process([message], tracker)
        days = {before, read_question(tracker).today}  # two of them at midnight
        (found,) = message.get(ENTITIES)
        self.assertEqual(found["entity"], "callback_on")
        self.assertIn(date.fromisoformat(found["value"]) - timedelta(days=1), days)

    def test_without_a_tracker_nothing_is_asked(self) -> None:
        question = read_question(None)
        self.assertEqual((question.slot, question.language, question.country), (None, "it", None))
