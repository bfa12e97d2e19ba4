"""Reads a YAML file a person edits: plain texts, and the line each of them stands on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from core.problems import Problem, list_choices
from core.types import AddressForm
from core.yaml_faults import find_fault

type Place = tuple[str | int, ...]

EMPTY = {"", "~", "null"}
NAME = r"^[a-z][a-z0-9_]*$"  # what we call steps, arms and outcomes
QUOTED = re.compile(r"'([^']*)'")
describe = partial(Problem, Path(__file__).with_name("problems.yml"))
# Pydantic's kinds of errors and our problems.
KINDS = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "string_too_short": "empty",
    "string_too_long": "too_long",
    "too_short": "empty_list",
    "dict_type": "names_expected",
    "model_type": "names_expected",
    "model_attributes_type": "names_expected",
    "tuple_type": "list_expected",
    "string_type": "value_expected",
    "int_type": "value_expected",
    "decimal_type": "value_expected",
    "bool_type": "value_expected",
    "date_type": "value_expected",
    "time_type": "value_expected",
    "time_delta_type": "value_expected",
    "decimal_parsing": "no_number",
    "finite_number": "no_number",
    "int_parsing": "no_whole",
    "int_parsing_size": "no_whole",
    "date_from_datetime_parsing": "no_date",
    "date_parsing": "no_date",
    "time_parsing": "no_clock",
    "bool_parsing": "no_yes",
    "enum": "no_choice",
    "literal_error": "no_choice",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_big",
    "greater_than": "not_above",
}


class Strict(BaseModel):
    """A part of a file: a key that is not known is an error, so a slip of the pen is found."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PlainLoader(yaml.SafeLoader):
    """Knows no `*name`: what stands for something else could stand for itself."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "found undefined alias", mark)
        return super().compose_node(parent, index)


class UnfitError(ValueError):
    """A value of a file does not fit; models raise it where pydantic itself has no word for the reason."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class FileError(Exception):
    """A file cannot be used: where, what and what to do. As a text it is English.

    problem: a plain English text in files that nobody edits on a page.
    """

    def __init__(self, file: Path, line: int, key: str, problem: Problem | str) -> None:
        super().__init__(
            f"{file.name}, line {line}: {key}: {problem}" if key else f"{file.name}, line {line}: {problem}"
        )
        self.file, self.line, self.key, self.problem = file, line, key, problem

    def tell(self, language: str) -> str:
        """The place within the file, what is wrong and what to do, in it, de or en."""
        told = self.problem if isinstance(self.problem, str) else self.problem.tell(language)
        names = [part for part in self.key.split(".") if part and not part.isdecimal()]
        return f"{' › '.join(names)}: {told}" if names else told


@dataclass(frozen=True)
class Document:
    """What a file says and where."""

    file: Path
    content: Any
    lines: dict[Place, int]

    def error(self, place: Place, problem: Problem | str) -> FileError:
        """An error at the line of place, or of what it stands in."""
        known = next(place[:end] for end in range(len(place), -1, -1) if place[:end] in self.lines)
        return FileError(self.file, self.lines[known], ".".join(str(part) for part in place), problem)

    def read[Model: BaseModel](self, model: type[Model], address: AddressForm) -> Model:
        """The content as model, its texts in one edition; FileError at the first thing that does not fit."""
        try:
            return model.model_validate(self.content, context={"address": address})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise self.error(first["loc"], explain_error(first)) from error


def read_document(file: Path) -> Document:
    """Reads a YAML file."""
    try:
        return parse_document(file, file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileError(file, 1, "", describe("no_file", folder=file.parent)) from error
    except UnicodeDecodeError as error:
        raise FileError(file, 1, "", describe("no_utf8")) from error


def parse_document(file: Path, content: str) -> Document:
    """Reads what stands in a YAML file; `file` names it in errors.

    Every value stays the text that stands there, and the models turn it into numbers and dates: YAML itself would make
    a yes or no of `NO` and `on`, 540 of `9:00`, and drop the zero of the postcode 00184.
    """
    try:
        root = yaml.compose(content, PlainLoader)
    except yaml.YAMLError as error:
        line, problem = find_fault(content, error)
        raise FileError(file, line, "", problem) from error
    document = Document(file, None, {(): 1})
    return Document(file, read_node(document, root, ()) if root else {}, document.lines)


def read_node(document: Document, node: yaml.Node, place: Place) -> Any:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        fields: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            document.lines[*place, name] = key.start_mark.line + 1
            if name in fields:
                raise document.error((*place, name), describe("twice"))
            fields[name] = read_node(document, value, (*place, name))
        return fields
    if isinstance(node, yaml.SequenceNode):
        return [read_node(document, entry, (*place, number)) for number, entry in enumerate(node.value)]
    quoted = isinstance(node, yaml.ScalarNode) and node.style is not None
    return None if not quoted and node.value.lower() in EMPTY else node.value


def explain_error(error: ErrorDetails) -> Problem | str:
    """What is wrong and what to do, in a marketer's words; in English only where a model says it so."""
    value, facts = error.get("input"), error.get("ctx", {})
    if isinstance(unfit := facts.get("error"), UnfitError):
        return unfit.problem
    if name := name_problem(error):
        limit = next(iter(facts.values()), "")  # the one that was passed, or the words there are
        choices = list_choices(str(value), QUOTED.findall(str(limit)))
        return describe(name, value=value, limit=limit, choices=choices)
    message = error["msg"].removeprefix("Value error, ")
    return message if error["type"] == "value_error" else f"{value!r} does not fit: {message[:1].lower()}{message[1:]}"


def name_problem(error: ErrorDetails) -> str | None:
    """The problem behind one of pydantic's errors; None: we have no word for it."""
    kind, value = error["type"], error.get("input")
    if kind == "extra_forbidden" and value is None and not str(error["loc"][-1]).isidentifier():
        return "no_colon"
    if value is None and kind not in ("missing", "extra_forbidden"):
        return "empty_line"
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"] == NAME:
        return "no_name"
    return KINDS.get(kind)


def find_repeated(values: Iterable[str]) -> tuple[int, str] | None:
    """The first value that stood before, with its position."""
    seen: set[str] = set()
    for number, value in enumerate(values):
        if value in seen:
            return number, value
        seen.add(value)
    return None
