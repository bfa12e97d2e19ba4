"""Every conversation of stories/ in every language, and what no conversation file can tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.types import EventKind
from tests.e2e.stack import Stack
from tests.rasa.talk import Talk

FILES = sorted((Path(__file__).parent / "stories").glob("*.yml"))
STORIES = [story for file in FILES for story in yaml.safe_load(file.read_text(encoding="utf-8"))]
CASES = [(story, language) for story in STORIES for language in ("it", "de", "en")]
HAPPENED = "INSERT INTO event (contact_id, kind, at, data) VALUES (%s, %s, now() - interval '1 hour', %s) RETURNING id"
CONTRACT = "INSERT INTO contract (contact_id, kind, expires_on, source) VALUES (%s, %s, current_date + %s, 'api')"
CONTRACT += " RETURNING id"
COUNTRY = {"it": "IT", "de": "DE", "en": "IT"}


@pytest.mark.parametrize(("story", "language"), CASES, ids=[f"{story['story']}-{lang}" for story, lang in CASES])
def test_the_conversation_goes_as_told(stack: Stack, story: dict[str, Any], language: str) -> None:
    talk = Talk(stack, language, story.get("country", COUNTRY[language]), story.get("proposal"))
    for kind, data in story.get("events", {}).items():
        stack.query(HAPPENED, talk.contact_id, kind, json.dumps(data))
    for kind, days in story.get("contracts", {}).items():
        stack.query(CONTRACT, talk.contact_id, kind, days)
    for step in story[language]:
        answer = talk.say(step["user"])
        assert talk.last is not None
        asked = talk.last.open_question["slot"] if talk.last.open_question else None
        assert asked == step["asks"], f"{step['user']!r} is answered with {answer!r}"
        assert [words for words in step.get("says", []) if words not in answer] == [], f"answer: {answer!r}"
    check_outcome(stack, talk, story["outcome"])


def check_outcome(stack: Stack, talk: Talk, outcome: dict[str, Any]) -> None:
    """Compares what the store holds about the contact."""
    counted = "SELECT count(*) FROM event WHERE contact_id = %s AND kind = %s"
    for kind in set(EventKind) & outcome.keys():
        assert stack.query(counted, talk.contact_id, kind)[0][0] == outcome[kind]
    consents = stack.query("SELECT given FROM consent WHERE contact_id = %s", talk.contact_id)
    given = outcome.get("consents", [outcome["consent"]] if "consent" in outcome else [])
    assert consents == [(one,) for one in given]
    reasons = stack.query("SELECT reason FROM handoff WHERE contact_id = %s", talk.contact_id)
    assert reasons == ([(outcome["handoff"],)] if outcome["handoff"] else [])


def test_a_repeated_message_is_answered_alike_and_moves_nothing(stack: Stack) -> None:
    talk = Talk(stack, "it", "IT", "energy_comparison")
    talk.say("sì")
    first = talk.say("20121", key="t900001")
    assert talk.say("20121", key="t900001") == first
    assert stack.query("SELECT count(*) FROM answer WHERE contact_id = %s", talk.contact_id) == [(1,)]


SILENT = """
    INSERT INTO turn (contact_id, session_number, text, decision, started_at, finished_at, open_question, slots)
    VALUES (%s, 1, 'x', 'ask_rasa', now() - interval '2 days', now() - interval '2 days', %s, %s) RETURNING id
"""


def fall_silent(stack: Stack, talk: Talk) -> None:
    """Two days pass: the turn's row is what is left, and the next message starts a new session."""
    assert talk.last is not None
    row = (talk.contact_id, json.dumps(talk.last.open_question), json.dumps(talk.last.slots))
    stack.query(SILENT, *row)
    talk.session += 1


def test_after_days_a_question_is_taken_up_and_nothing_asked_twice(stack: Stack) -> None:
    talk = Talk(stack, "it", "IT", "energy_comparison")
    talk.say("sì")
    talk.say("20121")
    fall_silent(stack, talk)
    talk.say("2700")
    assert talk.last is not None
    assert talk.last.open_question is not None
    assert talk.last.open_question["slot"] == "preference"
    assert (talk.slots["postcode"], talk.slots["yearly_kwh"]) == ("20121", 2700)


def test_after_days_offers_are_shown_anew_before_a_yes_counts(stack: Stack) -> None:
    talk = Talk(stack, "it", "IT", "energy_comparison")
    for said in ("sì", "20121", "2700", "prezzo", "la prima"):
        talk.say(said)
    fall_silent(stack, talk)
    shown = talk.say("sì")
    assert "kWh" in shown
    assert talk.last is not None
    assert talk.last.open_question is not None
    assert talk.last.open_question["slot"] == "offer_choice"


def test_after_days_a_greeting_leads_back_to_the_question(stack: Stack) -> None:
    talk = Talk(stack, "en", "IT", "energy_comparison")
    talk.say("yes")
    fall_silent(stack, talk)
    assert "postcode" in talk.say("good evening")


def test_texts_change_their_language_at_once(stack: Stack) -> None:
    talk = Talk(stack, "it", "IT", "energy_comparison")
    talk.say("sì")
    talk.language = "en"
    assert "What is your postcode?" in talk.say("english please")


def test_a_near_deadline_is_told_where_the_score_is_high(stack: Stack) -> None:
    talk = Talk(stack, "it", "IT", "energy_comparison")
    contract = (
        "INSERT INTO contract (contact_id, kind, expires_on, yearly_kwh, price_per_kwh, fixed_per_year, source)"
        " VALUES (%s, 'electricity', current_date + 20, 2700, 0.5, 200, 'api') RETURNING id"
    )
    stack.query(contract, talk.contact_id)
    click = "INSERT INTO event (contact_id, kind, at) VALUES (%s, %s, now()) RETURNING id"
    stack.query(click, talk.contact_id, "offer_click")
    talk.say("sì")
    talk.say("20121")
    shown = talk.say("prezzo")
    assert "Rispetto a oggi" in shown
    band = stack.query("SELECT band FROM score WHERE contact_id = %s", talk.contact_id)[0][0]
    assert ("scade il" in shown) == (band == "high")
