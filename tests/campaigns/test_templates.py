from __future__ import annotations

import json
from pathlib import Path

import pytest

from campaigns.templates import MissingValueError, fill_template, load_templates
from core.types import AddressForm, Language

VALUES = {"name": "Giulia", "place": "Bolzano", "days": "20"}


@pytest.mark.parametrize("language", list(Language))
def test_every_template_speaks_every_language(language: Language) -> None:
    for definition in load_templates(AddressForm.INFORMAL).values():
        assert language in definition.texts


def test_a_filled_template_carries_parameters_and_payloads() -> None:
    wording = load_templates(AddressForm.INFORMAL)["energy_value"].texts[Language.EN]
    filled = fill_template("energy_value", Language.EN, wording, VALUES)
    assert filled.text.startswith("Hi Giulia, your electricity contract ends in 20 days.")
    assert filled.template.parameters == {"name": "Giulia", "days": "20", "place": "Bolzano"}
    assert filled.template.button_payloads == ("/affirm", "/deny")


@pytest.mark.parametrize("name", ["name", "place", "days"])
def test_a_gap_is_named(name: str) -> None:
    wording = load_templates(AddressForm.INFORMAL)["energy_value"].texts[Language.IT]
    with pytest.raises(MissingValueError, match=f"needs {name}"):
        fill_template("energy_value", Language.IT, wording, VALUES | {name: " "})


def test_the_sandbox_has_approved_the_same_texts() -> None:
    approved = json.loads(Path("sandbox/templates.json").read_text(encoding="utf-8"))
    theirs = {(entry["name"], entry["language"]): entry["components"][0]["text"] for entry in approved}
    for name, definition in load_templates(AddressForm.INFORMAL).items():
        for language, wording in definition.texts.items():
            assert theirs[name, language.value] == wording.body
