"""Approved messages: their texts, and how a contact's values fill them. README.md beside it explains the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel, field_validator

from core.problems import Problem
from core.texts import FORMAL_KEYS, choose_edition
from core.types import AddressForm, Language, Option, Purpose, Template, TemplateKind
from offers.yaml_file import Document, Strict, UnfitError, read_document

FOLDER = Path(__file__).parent
SAMPLES = "samples.yml"
PROBLEMS = Path(__file__).with_name("problems.yml")
NOT_TEMPLATES = {SAMPLES, PROBLEMS.name}  # what else lies there
FORMAL_SUFFIX = "_formal"  # at WhatsApp a name and a language have one text
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
STOP_PAYLOAD = "STOP_MKT"
PAYLOAD = re.compile(rf"/\w+.*|{STOP_PAYLOAD}", re.DOTALL)
STOP_TITLES = {Language.IT: "Stop messaggi", Language.DE: "Keine Nachrichten mehr", Language.EN: "Stop messages"}

describe = partial(Problem, PROBLEMS)

type ButtonTitle = Annotated[str, Field(min_length=1, max_length=25)]


class Button(Strict):
    """A quick reply; payload: what comes back when it is tapped."""

    title: ButtonTitle
    payload: Annotated[str, Field(max_length=256)]

    @field_validator("payload")
    @classmethod
    def can_come_back(cls, payload: str) -> str:
        if not PAYLOAD.fullmatch(payload):
            raise UnfitError(describe("no_payload", value=payload))
        return payload


class Wording(Strict):
    """One language. link: what stands on the button that opens the tracked link."""

    body: Annotated[str, Field(min_length=1, max_length=1024)]
    buttons: tuple[Button, ...] = ()
    link: ButtonTitle | None = None
    suffix: str = ""  # of the name at WhatsApp

    def parameters(self) -> list[str]:
        """The names in the text, in its order."""
        return list(list_parameters(self.body))


@cache
def list_parameters(body: str) -> tuple[str, ...]:
    """The names in a text, each once."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(body)))


class Definition(Strict):
    """contract: the kind whose end {{days}} counts to. proposal: what a plain yes means.

    link: the value that holds the web address its tracked link leads to.
    """

    kind: TemplateKind
    purpose: Purpose
    proposal: str | None = None
    contract: str | None = None
    link: str | None = None
    texts: dict[str, Wording]

    @field_validator("texts")
    @classmethod
    def languages_are_there(cls, texts: dict[str, Wording]) -> dict[str, Wording]:
        if strange := set(texts) - {*Language, *FORMAL_KEYS}:
            choices = ", ".join((*Language, *FORMAL_KEYS))
            raise UnfitError(describe("no_language", name=min(strange), choices=choices))
        if missing := set(Language) - set(texts):
            raise UnfitError(describe("language_missing", name=min(missing)))
        return texts

    @property
    def category(self) -> str:
        """Meta's word. What was asked for beforehand is marketing to them too."""
        return "UTILITY" if self.purpose is Purpose.SERVICE else "MARKETING"


@dataclass(frozen=True)
class Filled:
    """A message ready to be queued. text: what the person reads. link: where its tracked link leads."""

    template: Template
    text: str
    options: tuple[Option, ...]
    link: str | None = None

    def add_link(self, token: str) -> Template:
        """The message with its tracked link."""
        return replace(self.template, url_suffix=token)


class MissingValueError(Exception):
    """A template cannot be filled. names: of the values the contact does not have."""

    def __init__(self, template: str, names: Sequence[str]) -> None:
        super().__init__(f"template {template!r} needs {', '.join(names)}, which this contact does not have")
        self.names = names


@cache
def load_templates(address: AddressForm, folder: Path = FOLDER) -> dict[str, Definition]:
    """Every template by name, in the edition that addresses customers this way. FileError: a file cannot be used."""
    return {
        name: definition.model_copy(update={"texts": choose_texts(definition, address)})
        for _, definitions in read_files(folder)
        for name, definition in definitions.items()
    }


def read_files(folder: Path = FOLDER) -> Iterator[tuple[Document, dict[str, Definition]]]:
    """Each file with what it defines, all editions. FileError: the first thing that does not fit."""
    seen: dict[str, str] = {}
    for file in sorted(folder.glob("*.yml")):
        if file.name in NOT_TEMPLATES:
            continue
        document = read_document(file)
        definitions = document.read(RootModel[dict[str, Definition]], AddressForm.INFORMAL).root
        for name in definitions:
            if name in seen:
                raise document.error((name,), describe("name_taken", file=seen[name]))
            seen[name] = file.name
        yield document, definitions


def list_names(folder: Path = FOLDER) -> set[str]:
    """The names of all templates. FileError: as read_files."""
    return {name for _, definitions in read_files(folder) for name in definitions}


def choose_texts(definition: Definition, address: AddressForm) -> dict[str, Wording]:
    """The texts of one edition, those of marketing with a way out of it.

    A formal one knows that it has a name of its own at WhatsApp.
    """
    named = {
        key: wording.model_copy(update={"suffix": FORMAL_SUFFIX}) if key in FORMAL_KEYS else wording
        for key, wording in definition.texts.items()
    }
    chosen = choose_edition(named, address)
    if definition.category != "MARKETING":
        return chosen
    return {language: add_stop(wording, Language(language)) for language, wording in chosen.items()}


def add_stop(wording: Wording, language: Language) -> Wording:
    """The same with a last quick reply that ends messages of this kind."""
    stop = Button(title=STOP_TITLES[language], payload=STOP_PAYLOAD)
    return wording.model_copy(update={"buttons": (*wording.buttons, stop)})


def fill_template(
    name: str, language: Language, wording: Wording, values: Mapping[str, str], link: str | None = None
) -> Filled:
    """Puts the values in; MissingValueError instead of a gap. link: the value its button leads to."""
    names = wording.parameters()
    needed = [*names, link] if wording.link and link else names
    missing = [parameter for parameter in needed if not values.get(parameter, "").strip()]
    if missing:
        raise MissingValueError(name, missing)
    parameters = {parameter: values[parameter].strip() for parameter in names}
    text = PLACEHOLDER.sub(lambda match: parameters[match[1]], wording.body)
    payloads = tuple(button.payload for button in wording.buttons)
    options = tuple(Option(button.payload, button.title) for button in wording.buttons)
    filled = Template(name + wording.suffix, language, parameters, button_payloads=payloads)
    return Filled(filled, text, options, values[link] if wording.link and link else None)


@cache
def load_samples(folder: Path = FOLDER) -> dict[str, dict[str, str]]:
    """An example per value and language, which WhatsApp asks for with each template."""
    document = read_document(folder / SAMPLES)
    samples = document.read(RootModel[dict[str, dict[Language, str]]], AddressForm.INFORMAL).root
    for name, said in samples.items():
        if len(said) < len(Language):
            raise document.error((name,), describe("no_sample"))
    return {name: {key.value: example for key, example in said.items()} for name, said in samples.items()}
