"""The texts of domain.yml, informal and formal: every language, short buttons, nothing left unfilled."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.catalogue import ACTIONS
from bot.formal import address_formally, read_formal

ROOT = Path(__file__).parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
EDITIONS = (DOMAIN["responses"], address_formally(DOMAIN["responses"], read_formal(ROOT)))
VARIATIONS = [
    (name, variation) for edition in EDITIONS for name, variations in edition.items() for variation in variations
]
SENTENCE_END = re.compile(r"(?<!\d)[.!?](?=\s|$)")


def read_conditions(variation: dict[str, Any]) -> dict[str, Any]:
    return {condition["name"]: condition["value"] for condition in variation["condition"]}


def test_every_custom_action_has_a_function() -> None:
    assert set(DOMAIN["actions"]) == set(ACTIONS)


@pytest.mark.parametrize("name", DOMAIN["responses"])
def test_every_text_speaks_three_languages(name: str) -> None:
    spoken = [read_conditions(variation)["language"] for variation in DOMAIN["responses"][name]]
    assert set(spoken) == {"it", "de", "en"}


@pytest.mark.parametrize("name", DOMAIN["responses"])
def test_never_do_two_wordings_fit_at_once(name: str) -> None:
    conditions = [tuple(sorted(read_conditions(variation).items())) for variation in DOMAIN["responses"][name]]
    assert len(set(conditions)) == len(conditions)
    assert len({tuple(key for key, _ in condition) for condition in conditions}) == 1


def test_button_titles_fit_on_a_phone() -> None:
    titles = [button["title"] for _, variation in VARIATIONS for button in variation.get("buttons", [])]
    assert [title for title in titles if len(title) > 20] == []


def test_labels_of_links_fit_on_a_phone() -> None:
    labels = [(variation.get("custom") or {}).get("link", {}).get("label", "") for _, variation in VARIATIONS]
    assert [label for label in labels if len(label) > 20] == []


def test_only_the_menu_and_the_reasons_for_leaving_are_lists() -> None:
    lists = {name for name, variation in VARIATIONS if len(variation.get("buttons", [])) > 3}
    assert lists == {"utter_menu", "utter_ask_churn_reason"}


def test_no_text_has_more_than_three_sentences() -> None:
    texts = {variation["text"].replace("*{number}. ", "*") for _, variation in VARIATIONS}
    assert [text for text in texts if len(SENTENCE_END.findall(text)) > 3] == []


def test_at_most_one_question_stands_in_a_text() -> None:
    assert [variation["text"] for _, variation in VARIATIONS if variation["text"].count("?") > 1] == []


def test_the_languages_of_a_text_take_the_same_values() -> None:
    for name, variations in DOMAIN["responses"].items():
        values = {frozenset(re.findall(r"\{(\w+)\}", variation["text"])) for variation in variations}
        assert len(values) == 1, name
