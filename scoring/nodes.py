"""Plain values out of YAML's nodes, with errors that name file, line and remedy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from core.problems import Problem

CONSTRUCTOR = SafeConstructor()
PROBLEMS = Path(__file__).with_name("problems.yml")


class RulesError(Exception):
    """The rules cannot be used: where, what and what to do. As a text it is English."""

    def __init__(self, file: Path, line: int, problem: Problem) -> None:
        self.line, self.problem = line, problem
        super().__init__(f"{file}:{line}: {problem}")

    def tell(self, language: str) -> str:
        """What is wrong and what to do, in it, de or en."""
        return self.problem.tell(language)


class Reader:
    """Reads one file. Every method raises RulesError."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def error(self, node: yaml.Node | None, problem: str, **values: object) -> RulesError:
        return RulesError(self.file, node.start_mark.line + 1 if node else 1, Problem(PROBLEMS, problem, **values))

    def read_mapping(
        self, node: yaml.Node | None, required: Iterable[str] = (), optional: Iterable[str] = ()
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, "names_expected")
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.read_text(key)
            if name in fields:
                raise self.error(key, "twice", name=name)
            if required and name not in {*required, *optional}:
                raise self.error(key, "unknown", name=name, choices=", ".join((*required, *optional)))
            fields[name] = value
        for name in required:
            if name not in fields:
                raise self.error(node, "missing", name=name)
        return fields

    def read_list(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.error(node, "list_expected")
        return list(node.value)

    def read_scalar(self, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, "value_expected")
        try:
            return CONSTRUCTOR.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise self.error(node, "no_value", value=node.value) from error

    def read_text(self, node: yaml.Node) -> str:
        value = self.read_scalar(node)
        if not isinstance(value, str) or not value:
            raise self.error(node, "no_name", value=value)
        return value

    def read_number(self, node: yaml.Node, lowest: int | None = None, highest: int | None = None) -> int:
        value = self.read_scalar(node)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(node, "no_whole", value=value)
        low, high = (-1_000_000_000, 1_000_000_000) if lowest is None or highest is None else (lowest, highest)
        if not low <= value <= high:
            raise self.error(node, "out_of_range", value=value, low=low, high=high)
        return value

    def read_yes(self, node: yaml.Node) -> bool:
        value = self.read_scalar(node)
        if not isinstance(value, bool):
            raise self.error(node, "no_yes", value=value)
        return value

    def read_choice(self, node: yaml.Node, choices: tuple[str, ...]) -> str:
        value = self.read_text(node)
        if value not in choices:
            raise self.error(node, "unknown", name=value, choices=", ".join(choices))
        return value

    def read_words(self, node: yaml.Node) -> tuple[str, ...]:
        return tuple(self.read_text(entry) for entry in self.read_list(node))
