"""Plain values out of YAML's nodes, with errors that name file, line and remedy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

CONSTRUCTOR = SafeConstructor()


class RulesError(Exception):
    """The rules cannot be used: where, what and what to do."""

    def __init__(self, file: Path, line: int, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}")
        self.line, self.problem = line, problem


class Reader:
    """Reads one file. Every method raises RulesError."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def error(self, node: yaml.Node | None, problem: str) -> RulesError:
        return RulesError(self.file, node.start_mark.line + 1 if node else 1, problem)

    def read_mapping(
        self, node: yaml.Node | None, required: Iterable[str] = (), optional: Iterable[str] = ()
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, "names with values are expected here, like `points: 40`")
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.read_text(key)
            if name in fields:
                raise self.error(key, f"{name!r} stands here twice: delete one")
            if required and name not in {*required, *optional}:
                raise self.error(key, f"{name!r} is unknown: use {', '.join((*required, *optional))}")
            fields[name] = value
        for name in required:
            if name not in fields:
                raise self.error(node, f"{name!r} is missing: add it")
        return fields

    def read_list(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.error(node, "a list is expected here, each entry with a dash")
        return list(node.value)

    def read_scalar(self, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, "one value is expected here")
        try:
            return CONSTRUCTOR.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise self.error(node, f"{node.value!r} is no value: put it in quotes") from error

    def read_text(self, node: yaml.Node) -> str:
        value = self.read_scalar(node)
        if not isinstance(value, str) or not value:
            raise self.error(node, f"{value!r} is not a name: write a word")
        return value

    def read_number(self, node: yaml.Node, lowest: int | None = None, highest: int | None = None) -> int:
        value = self.read_scalar(node)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(node, f"{value!r} is not a whole number")
        low, high = (-1_000_000_000, 1_000_000_000) if lowest is None or highest is None else (lowest, highest)
        if not low <= value <= high:
            raise self.error(node, f"{value} is out of range: write a number from {low} to {high}")
        return value

    def read_yes(self, node: yaml.Node) -> bool:
        value = self.read_scalar(node)
        if not isinstance(value, bool):
            raise self.error(node, f"{value!r} is neither true nor false")
        return value

    def read_choice(self, node: yaml.Node, choices: tuple[str, ...]) -> str:
        value = self.read_text(node)
        if value not in choices:
            raise self.error(node, f"{value!r} is unknown: use {', '.join(choices)}")
        return value

    def read_words(self, node: yaml.Node) -> tuple[str, ...]:
        return tuple(self.read_text(entry) for entry in self.read_list(node))
