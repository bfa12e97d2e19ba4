from __future__ import annotations

import pytest

from campaigns.templates.definitions import (
    STOP_PAYLOAD,
    MissingValueError,
    fill_template,
    load_samples,
    load_templates,
)
from campaigns.templates.meta import is_same, list_creations
from conversations.stop_words import STOP_PAYLOADS
from core.types import AddressForm, Language, Purpose
from sandbox.templates import seed_templates

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
    assert filled.template.button_payloads == ("/affirm", "/deny", STOP_PAYLOAD)


@pytest.mark.parametrize("name", ["name", "place", "days"])
def test_a_gap_is_named(name: str) -> None:
    wording = load_templates(AddressForm.INFORMAL)["energy_value"].texts[Language.IT]
    with pytest.raises(MissingValueError, match=f"needs {name}"):
        fill_template("energy_value", Language.IT, wording, VALUES | {name: " "})


@pytest.mark.parametrize("language", [Language.IT, Language.DE])
def test_a_formal_template_has_a_name_of_its_own(language: Language) -> None:
    wording = load_templates(AddressForm.FORMAL)["energy_value"].texts[language]
    filled = fill_template("energy_value", language, wording, VALUES | {"full_name": "Giulia Conti"})
    assert filled.template.name == "energy_value_formal"
    assert "Giulia Conti, " in filled.text


def test_english_templates_are_the_same_for_both() -> None:
    wording = load_templates(AddressForm.FORMAL)["energy_value"].texts[Language.EN]
    assert fill_template("energy_value", Language.EN, wording, VALUES).template.name == "energy_value"


def test_both_editions_say_the_same_values_and_their_buttons_mean_the_same() -> None:
    formal = load_templates(AddressForm.FORMAL)
    for name, definition in load_templates(AddressForm.INFORMAL).items():
        for language, wording in definition.texts.items():
            other = formal[name].texts[language]
            assert {name.removeprefix("full_") for name in other.parameters()} == set(wording.parameters())
            assert [one.payload for one in other.buttons] == [one.payload for one in wording.buttons]


def test_the_sandbox_has_approved_the_same_texts() -> None:
    theirs = {(one.name, one.language): one for one in seed_templates("https://pronto.example")}
    for address in AddressForm:
        for one in list_creations(load_templates(address), load_samples(), "https://pronto.example"):
            assert is_same(one.components, theirs[one.key].components)
            assert theirs[one.key].status == "APPROVED"


def test_marketing_has_a_way_out_and_service_none() -> None:
    for definition in load_templates(AddressForm.INFORMAL).values():
        for wording in definition.texts.values():
            marketing = definition.purpose is not Purpose.SERVICE
            assert (STOP_PAYLOAD in [button.payload for button in wording.buttons]) is marketing


def test_our_way_out_is_one_the_conversation_understands() -> None:
    assert STOP_PAYLOAD in STOP_PAYLOADS
