"""Reads a YAML file a person edits: plain texts, and the line each of them stands on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from core.types import AddressForm

type Place = tuple[str | int, ...]

EMPTY = {"", "~", "null"}


class Strict(BaseModel):
    """A part of a file: a key that is not known is an error, so a slip of the pen is found."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class FileError(Exception):
    """A file cannot be used: where, what and what to do."""

    def __init__(self, file: Path, line: int, key: str, problem: str) -> None:
        super().__init__(
            f"{file.name}, line {line}: {key}: {problem}" if key else f"{file.name}, line {line}: {problem}"
        )
        self.file, self.line, self.key = file, line, key


@dataclass(frozen=True)
class Document:
    """What a file says and where."""

    file: Path
    content: Any
    lines: dict[Place, int]

    def error(self, place: Place, problem: str) -> FileError:
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
        raise FileError(file, 1, "", f"there is no such file in {file.parent}: copy the shipped one there") from error
    except UnicodeDecodeError as error:
        raise FileError(file, 1, "", "this is not UTF-8: save the file as UTF-8") from error


def parse_document(file: Path, content: str) -> Document:
    """Reads what stands in a YAML file; `file` names it in errors.

    Every value stays the text that stands there, and the models turn it into numbers and dates: YAML itself would make
    a yes or no of `NO` and `on`, 540 of `9:00`, and drop the zero of the postcode 00184.
    """
    try:
        root = yaml.compose(content, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = f"this is not YAML ({error.problem}): look at the spaces, colons and quotes around here"
        raise FileError(file, line, "", problem) from error
    document = Document(file, None, {(): 1})
    return Document(file, read_node(document, root, ()) if root else {}, document.lines)


def read_node(document: Document, node: yaml.Node, place: Place) -> Any:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        fields: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in fields:
                raise document.error((*place, name), "stands here twice: delete one")
            document.lines[*place, name] = key.start_mark.line + 1
            fields[name] = read_node(document, value, (*place, name))
        return fields
    if isinstance(node, yaml.SequenceNode):
        return [read_node(document, entry, (*place, number)) for number, entry in enumerate(node.value)]
    quoted = isinstance(node, yaml.ScalarNode) and node.style is not None
    return None if not quoted and node.value.lower() in EMPTY else node.value


def explain_error(error: ErrorDetails) -> str:
    """What is wrong and what to do, in a marketer's words."""
    kind, value = error["type"], error.get("input")
    known = {
        "missing": "is missing: add it",
        "extra_forbidden": "is not known here: check its spelling or delete it",
        "string_too_short": "is empty: write something",
        "decimal_parsing": f"{value!r} is not a number: write it like 1299.90, with a point and without a currency",
        "int_parsing": f"{value!r} is not a whole number",
        "date_from_datetime_parsing": f"{value!r} is not a date: write it like 2026-12-24",
        "date_parsing": f"{value!r} is not a date: write it like 2026-12-24",
        "bool_parsing": f"{value!r} is neither true nor false",
    }
    if kind in known:
        return known[kind]
    if value is None:
        return "is empty: write something or delete the line"
    message = error["msg"].removeprefix("Value error, ")
    return message if kind == "value_error" else f"{value!r} does not fit: {message[:1].lower()}{message[1:]}"


def find_repeated(values: Iterable[str]) -> tuple[int, str] | None:
    """The first value that stood before, with its position."""
    seen: set[str] = set()
    for number, value in enumerate(values):
        if value in seen:
            return number, value
        seen.add(value)
    return None
