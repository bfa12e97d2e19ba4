"""Why a text is no YAML, in the words of somebody who does not know YAML, and the line where it has to be mended."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from core.problems import Problem

WORDS = Path(__file__).with_name("yaml_faults.yml")
STRANGE = re.compile(r" *[\t\xa0]")  # instead of spaces, at the beginning of a line
TWO_COLONS = re.compile(r":\s.*:(\s|$)")
NO_SPACE = re.compile(r"\s*-[^\s-]")  # behind the dash of a list


def find_fault(content: str, error: yaml.YAMLError) -> tuple[int, Problem]:
    """The line (from 1) and what is wrong there. error: what PyYAML said, by whichever of its loaders."""
    if isinstance(error, yaml.reader.ReaderError):
        return content.count("\n", 0, error.position) + 1, Problem(WORDS, "strange_sign")
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return 1, Problem(WORDS, "no_yaml")
    lines = content.split("\n")
    seen = min(error.problem_mark.line, len(lines) - 1)
    sign = lines[seen][error.problem_mark.column :][:1]
    begun = error.context_mark.line if error.context_mark else seen
    line, name = name_fault(lines, error.problem or "", seen, min(begun, seen), sign)
    strange = [number for number in range(seen + 1) if STRANGE.match(lines[number])]
    line = strange[-1] if strange else line
    if "\xa0" in lines[line]:
        name = "strange_space"
    elif strange or sign == "\t":
        name = "tab"
    return line + 1, Problem(WORDS, name, sign=sign)


def name_fault(lines: list[str], told: str, seen: int, begun: int, sign: str) -> tuple[int, str]:
    """Line (from 0) and name of a fault. seen: where the reader stopped; begun: where it was to understand from."""
    if "mapping values" in told:
        return find_colon(lines, seen)
    if "block end" in told or "expected key" in told:
        return find_end(lines, seen, sign)
    known = (
        ("expected ':'", begun, "no_dash" if lines[begun].lstrip()[:1] in ("{", "[") else "no_colon"),
        ("expected ','", begun, "bracket"),
        ("node content", seen, "bracket"),
        ("cannot start", seen, "sign"),
        ("undefined alias", seen, "sign"),
        ("end of stream", begun, "quote"),
        ("document separator", begun, "quote"),
        ("another document", seen, "two_texts"),
    )
    return next(((line, name) for part, line, name in known if part in told), (seen, "no_yaml"))


def find_colon(lines: list[str], seen: int) -> tuple[int, str]:
    """Why a colon cannot stand in a line: there are two, or the line before has none, or they begin unevenly."""
    if NO_SPACE.match(lines[seen]):
        return seen, "no_space"
    if TWO_COLONS.search(lines[seen]):
        return seen, "two_colons"
    before = [n for n in range(seen) if lines[n].strip() and not lines[n].lstrip().startswith("#")]
    if before and ":" not in lines[before[-1]]:
        return before[-1], "no_colon"
    return seen, "indent"


def find_end(lines: list[str], seen: int, sign: str) -> tuple[int, str]:
    """Why something stands where a line should have ended: a bracket or quote too many, or it begins unevenly."""
    if sign in ("}", "]"):
        return seen, "bracket"
    odd = [number for number in range(seen + 1) if lines[number].count('"') % 2]
    if odd:
        return odd[0], "quote"
    return seen, "quote" if "'" in lines[seen] or '"' in lines[seen] else "indent"
