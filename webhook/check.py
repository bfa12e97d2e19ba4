"""Checks the files people edit beside Rasa's own, each error with file, line and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel

from actions.conversations import CONVERSATIONS
from campaigns.gate.limits import find_limits
from campaigns.journeys import reading
from campaigns.journeys.world import list_domain, list_faults, read_world
from campaigns.templates.check import check_templates
from campaigns.templates.definitions import FOLDER
from contacts import rights
from conversations import texts
from core.settings import Settings
from core.types import AddressForm
from offers.company import find_folder, read_company
from offers.yaml_file import Document, FileError, Strict, read_document
from scoring.reading import load_rules

RIGHTS = Path(rights.__file__).with_name("rights.yml")
TEXTS = Path(texts.__file__).with_name("texts.yml")
TEMPLATES = FOLDER
MEANINGS = Path("actions/meanings.yml")
JOURNEYS = reading.FOLDER
BRACES = re.compile(r"(?<!\{)\{(\w*)\}(?!\})")
SAID = ("stopped", "assistant_down")

type Filled = Annotated[str, Field(min_length=1)]


class Words(Strict):
    """A sentence in every language, and in other words where customers are addressed formally."""

    it: Filled
    de: Filled
    en: Filled
    it_formal: Filled | None = None
    de_formal: Filled | None = None


class Title(Strict):
    """What stands on a button."""

    it: Annotated[str, Field(min_length=1, max_length=20)]
    de: Annotated[str, Field(min_length=1, max_length=20)]
    en: Annotated[str, Field(min_length=1, max_length=20)]


def list_problems(settings: Settings) -> list[str]:
    """The first problem of each file, and all of the templates; none if all can be used."""
    found = [problem for check in CHECKS for problem in run_check(check, settings)]
    found += (wrong := check_templates(CONVERSATIONS, TEMPLATES))
    if not wrong:  # journeys speak of templates
        found += list_faults(read_world(load_rules(), TEMPLATES), JOURNEYS)
    return [str(problem) for problem in found]


def run_check(check: Callable[[Settings], None], settings: Settings) -> Iterator[FileError]:
    try:
        check(settings)
    except FileError as error:
        yield error


def check_company(settings: Settings) -> None:
    """What the company tells, in both forms of address."""
    for address in AddressForm:
        read_company(find_folder(settings), address)


def check_limits(settings: Settings) -> None:
    """Caps, quiet hours, budget and prices."""
    find_limits(settings)


def check_rights(settings: Settings) -> None:
    """The words of consents and reasons; nothing but what the code fills in stands in braces."""
    document = read_words(RIGHTS)
    if "opt_in" not in document.content:
        raise document.error((), "opt_in is missing: the wording customers agree to")
    check_braces(document, lambda name: {"company"} if name == "opt_in" else {"on", "value"})


def check_texts(settings: Settings) -> None:
    """What is said without Rasa."""
    document = read_words(TEXTS)
    for name in SAID:
        if name not in document.content:
            raise document.error((), f"{name} is missing: add it in every language")
    check_braces(document, lambda name: set())


def check_meanings(settings: Settings) -> None:
    """What the readings of an unclear message are called, each an intent of ours."""
    document = read_document(MEANINGS)
    document.read(RootModel[dict[str, Title]], AddressForm.INFORMAL)
    intents = list_domain("intents") | {"something_else"}
    for name in document.content:
        if name not in intents:
            raise document.error((name,), "is no intent of domain.yml: check its spelling or delete the line")


def read_words(file: Path) -> Document:
    """A file of sentences in every language."""
    document = read_document(file)
    document.read(RootModel[dict[str, Words]], AddressForm.INFORMAL)
    return document


def check_braces(document: Document, allowed: Callable[[str], set[str]]) -> None:
    """Nothing stands in braces that is not filled in."""
    for name, sentences in document.content.items():
        for key, sentence in sentences.items():
            if strange := set(BRACES.findall(sentence or "")) - allowed(name):
                known = " or ".join(f"{{{one}}}" for one in sorted(allowed(name))) or "nothing in braces"
                raise document.error((name, key), f"{{{min(strange)}}} is not known here: use {known}")


CHECKS = (check_company, check_limits, check_rights, check_texts, check_meanings)
