"""Every text as Rasa renders it, and that whoever says a text gives it all its values."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.catalogue import ACTIONS
from actions.questions import LIVE
from webhook.starting import ENGINE_PYTHON

ROOT = Path(__file__).parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
VALUE = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
NEEDED = {
    name: set(VALUE.findall(json.dumps(variations, ensure_ascii=False)))
    for name, variations in DOMAIN["responses"].items()
}


@pytest.fixture(scope="module")
def rendered() -> list[dict[str, Any]]:
    command = [str(ENGINE_PYTHON), str(Path(__file__).parent / "render_texts.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_every_text_is_there_whatever_the_slots_hold(rendered: list[dict[str, Any]]) -> None:
    assert {(one["address"], one["name"]) for one in rendered} == {
        (address, name) for address in ("informal", "formal") for name in DOMAIN["responses"]
    }
    assert [one for one in rendered if not one["said"] or not one["said"]["text"].strip()] == []


def test_no_text_shows_a_gap_or_a_none(rendered: list[dict[str, Any]]) -> None:
    for one in rendered:
        titles = [button["title"] for button in one["said"].get("buttons") or []]
        texts = [one["said"]["text"], *read_leaves(one["said"].get("custom"))]
        assert [text for text in (*titles, *texts) if re.search(r"[{}]|filled|  ", text)] == [], one["name"]
        assert [text for text in texts if re.search(r"\bNone\b(?! of)", text)] == [], one["name"]


def test_no_button_is_longer_than_a_phone_shows(rendered: list[dict[str, Any]]) -> None:
    titles = {button["title"] for one in rendered for button in one["said"].get("buttons") or []}
    assert {title for title in titles if not 0 < len(title) <= 20} == set()


def test_payloads_of_buttons_are_intents_with_values(rendered: list[dict[str, Any]]) -> None:
    intents = {next(iter(intent)) for intent in DOMAIN["intents"]}
    for payload in {button["payload"] for one in rendered for button in one["said"].get("buttons") or []}:
        intent, brace, values = payload.removeprefix("/").partition("{")
        assert intent in intents, payload
        assert not brace or json.loads(brace + values), payload


def read_leaves(value: Any) -> Iterator[str]:
    """The words inside what only WhatsApp shows."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from read_leaves(inner)
    elif value is not None:
        yield str(value)


def test_texts_said_by_rules_or_by_the_form_need_no_values() -> None:
    rules = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "data" / "rules").glob("*.yml"))
    said = set(re.findall(r"action: (utter_\w+)", rules))
    slots = DOMAIN["forms"]["conversation_form"]["required_slots"]
    said |= {f"utter_ask_{slot}" for slot in slots if f"action_ask_{slot}" not in ACTIONS}
    said |= {name for name in NEEDED if name.startswith(("utter_propose_", "utter_answer_", "utter_help_"))} - FILLED
    said -= {
        name for name in said if name.startswith(tuple(f"utter_answer_{one.removeprefix('ask_')}" for one in LIVE))
    }
    assert {name for name in said if NEEDED.get(name)} == set()


def list_calls() -> Iterator[tuple[str, ast.Call, str]]:
    """(text, call, file) of every place in actions/ that names the text it says."""
    for file in sorted((ROOT / "actions").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr == "say" and node.args and isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value), node, file.name
                if node.func.attr == "utter_message":
                    for word in node.keywords:
                        if word.arg == "response" and isinstance(word.value, ast.Constant):
                            yield str(word.value.value), node, file.name


CALLS = list(list_calls())
FILLED = {name for name, call, _ in CALLS if call.keywords}


def test_every_text_an_action_names_exists() -> None:
    assert {(name, file) for name, _, file in CALLS if name not in NEEDED} == set()


def test_an_action_that_names_a_text_gives_all_its_values() -> None:
    lacking = []
    for name, call, file in CALLS:
        given = {word.arg for word in call.keywords}
        if None not in given and NEEDED.get(name, set()) - given:  # None: values in a dictionary
            lacking.append((file, name, NEEDED[name] - given))
    assert lacking == []
