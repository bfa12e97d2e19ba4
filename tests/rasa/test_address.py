"""Nobody is addressed with tu in one message and with Lei in the next: every text in both editions, wherever it stands."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.formal import FormalTextError, address_formally, read_formal
from campaigns.templates.definitions import load_templates
from contacts.rights import load_words
from conversations.texts import load_texts
from core.types import AddressForm
from offers.company import SHIPPED, read_company
from offers.facts import Said
from tests.rasa.address_words import find_formal, find_informal

ROOT = Path(__file__).parents[2]
RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
TEXTS = read_formal(ROOT)
VALUE = re.compile(r"\{+\w+\}+")

type Told = tuple[str, str, str]  # where it stands, language, text


def list_told(address: AddressForm) -> list[Told]:
    """Everything a customer can read, in one edition."""
    responses = RESPONSES if address is AddressForm.INFORMAL else address_formally(RESPONSES, TEXTS)
    spoken = load_texts(address) | load_words(address)
    told = [
        *list_responses(responses),
        *((name, language, text) for name, texts in spoken.items() for language, text in texts.items()),
        *list_templates(address),
        *list_company(read_company(SHIPPED, address)),
        *list_meanings(),
        *list_code(),
    ]
    return [(where, language, VALUE.sub("…", text)) for where, language, text in told]


def list_responses(responses: dict[str, list[dict[str, Any]]]) -> Iterator[Told]:
    for name, wordings in responses.items():
        for wording in wordings:
            language = next(one["value"] for one in wording["condition"] if one["name"] == "language")
            titles = [button["title"] for button in wording.get("buttons", [])]
            custom = wording.get("custom") or {}
            labels = [(custom.get("link") or {}).get("label", ""), custom.get("list_label", "")]
            yield from ((name, language, text) for text in (wording["text"], *titles, *labels))


def list_templates(address: AddressForm) -> Iterator[Told]:
    for name, definition in load_templates(address).items():
        for language, wording in definition.texts.items():
            yield from ((name, language, text) for text in (wording.body, *(one.title for one in wording.buttons)))


def list_company(part: Any) -> Iterator[Told]:
    """Every text in the company's facts, however deep it lies."""
    if isinstance(part, Said):
        for language in ("it", "de", "en"):
            said = getattr(part, language)
            yield from (("offers/company", language, text) for text in ([said] if isinstance(said, str) else said))
    elif isinstance(part, tuple):
        for inner in part:
            yield from list_company(inner)
    elif hasattr(part, "__dict__"):
        yield from list_company(tuple(vars(part).values()))


def list_meanings() -> Iterator[Told]:
    meanings = yaml.safe_load((ROOT / "actions" / "meanings.yml").read_text(encoding="utf-8"))
    yield from ((name, language, text) for name, titles in meanings.items() for language, text in titles.items())


def list_code() -> Iterator[Told]:
    """The words that stand in dictionaries by language; there is one edition of them, so they address nobody."""
    for file in sorted(path for folder in ("actions", "offers", "whatsapp") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    language = read_language(key)
                    words = [one.value for one in ast.walk(value) if isinstance(one, ast.Constant)] if language else []
                    yield from ((file.name, language, word) for word in words if isinstance(word, str))


def read_language(key: ast.expr | None) -> str:
    """it or de for "it", Language.DE and the like."""
    name = key.value if isinstance(key, ast.Constant) else key.attr.lower() if isinstance(key, ast.Attribute) else ""
    return name if name in ("it", "de") else ""


INFORMAL, FORMAL = list_told(AddressForm.INFORMAL), list_told(AddressForm.FORMAL)


def test_formal_texts_hold_no_tu_and_no_du() -> None:
    told = ((where, text, find_informal(language, text)) for where, language, text in FORMAL)
    assert [one for one in told if one[2]] == []


def test_informal_texts_hold_no_lei_and_no_sie() -> None:
    told = ((where, text, find_formal(language, text)) for where, language, text in INFORMAL)
    assert [one for one in told if one[2]] == []


def test_english_is_the_same_in_both_editions() -> None:
    assert [one for one in FORMAL if one[1] == "en"] == [one for one in INFORMAL if one[1] == "en"]


def test_both_editions_hold_as_many_texts_and_a_formal_one_is_not_a_copy() -> None:
    assert [one[:2] for one in FORMAL] == [one[:2] for one in INFORMAL]
    informal = {(where, language): text for where, language, text in reversed(INFORMAL)}
    for language, texts in TEXTS.items():
        plain = {name: VALUE.sub("…", entry) for name, entry in texts.items() if isinstance(entry, str)}
        copied = [name for name, text in plain.items() if text == informal[name, language]]
        assert copied == []


@pytest.mark.parametrize("language", ["it", "de"])
def test_the_words_of_the_other_edition_are_known_where_they_stand(language: str) -> None:
    """Else the tests above would find nothing: nearly every text that differs says tu or du in one edition."""
    pairs = zip(INFORMAL, FORMAL, strict=True)
    differing = [(one[2], other[2]) for one, other in pairs if one[1] == language and one[2] != other[2]]
    assert len([one for one, _ in differing if find_informal(language, one)]) > 0.9 * len(differing)
    assert len([one for _, one in differing if find_formal(language, one)]) > 0.5 * len(differing)


def test_what_is_laid_over_leaves_the_domain_as_it_was() -> None:
    before = copy.deepcopy(RESPONSES)
    address_formally(RESPONSES, TEXTS)
    assert before == RESPONSES


WRONG = [
    ({"utter_gret": "Salve!"}, "domain.yml has no utter_gret"),
    ({"utter_renewal_ends": "Il suo abbonamento scade."}, "utter_renewal_ends: the values in braces"),
    ({"utter_ask_only_offer": {"buttons": ["Sì"]}}, "utter_ask_only_offer: it needs 2 buttons"),
    ({"utter_menu": {"txt": "Scelga."}}, "utter_menu: txt is not known here"),
    ({"utter_menu": {"label": "Menù"}}, "utter_menu: it has no link"),
]


@pytest.mark.parametrize(("texts", "problem"), WRONG)
def test_a_slip_in_a_formal_text_is_told(texts: dict[str, Any], problem: str) -> None:
    with pytest.raises(FormalTextError, match=re.escape(problem)):
        address_formally(RESPONSES, {"it": texts})


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormalTextError, match=r"formal/it\.yml is missing"):
        read_formal(tmp_path)
