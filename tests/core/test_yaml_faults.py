"""Whoever writes a journey or rules is told what is wrong, where it is wrong, and in no language but theirs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from core.problems import list_choices
from core.types import Language
from core.words import load_words
from core.yaml_faults import find_fault

TEXT = """\
title: Spring
days: [-30, -7]
steps:
  first:
    send: hello
    then: wait
  wait:
  - {after: 3 days, go: over}
"""


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("    then: wait", "\tthen: wait", "tab"),
        ("    then: wait", "\xa0   then: wait", "strange_space"),
        ("then: wait", "then:\xa0wait", "strange_space"),
        ("title: Spring", "title: \x01Spring", "strange_sign"),
        ("    then: wait", "    then wait", "no_colon"),
        ("    then: wait", "    then:wait", "no_colon"),
        ("    send: hello", "    send hello", "no_colon"),
        ("steps:", "steps", "no_colon"),
        ("title: Spring", "title: Spring: now", "two_colons"),
        ("- {after", "-{after", "no_space"),
        ("days: [", "- days: [", "indent"),
        ("    then: wait", "   then: wait", "indent"),
        ("    then: wait", "      then: wait", "indent"),
        ("-30, -7]", "-30, -7", "bracket"),
        ("go: over}", "go: over}}", "bracket"),
        ("3 days, go", "3 days go", "bracket"),
        ("send: hello", 'send: "hello', "quote"),
        ("send: hello", "send: 'hello", "quote"),
        ("send: hello", 'send: "hello" you', "quote"),
        ("send: hello", "send: @hello", "sign"),
        ("send: hello", "send: *hello", "sign"),
        ("steps:", "---\nsteps:", "two_texts"),
        ("send: hello", "send: | hello", "no_yaml"),
    ],
)
def test_a_slip_is_found_in_its_line(loader: type[yaml.SafeLoader], old: str, new: str, name: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(yaml.YAMLError) as caught:
        yaml.compose(content := TEXT.replace(old, new), loader)
    line, problem = find_fault(content, caught.value)
    assert (line, problem.name) == (TEXT[: TEXT.index(old)].count("\n") + 1, name)
    assert len({problem.tell(language) for language in Language}) == 3


def test_what_looks_like_the_word_that_was_written_is_offered() -> None:
    assert list_choices("anser", ["value", "answer", "silent"]) == "answer"
    assert list_choices("x", ["value", "answer"]) == "value, answer"


FILES = [
    "campaigns/gate/details.yml",
    "core/yaml_faults.yml",
    "offers/problems.yml",
    "scoring/problems.yml",
    "campaigns/journeys/problems.yml",
    "campaigns/templates/problems.yml",
]
ELSEWHERE = {"campaigns/gate/details.yml": ("campaigns", "offers")}  # where else its names are given


@pytest.mark.parametrize("file", FILES)
def test_problems_have_words_in_three_languages_and_no_words_are_left_over(file: str) -> None:
    told = load_words(Path(file))  # which refuses other blanks in another language
    own, *others = (
        "".join(one.read_text(encoding="utf-8") for one in Path(folder).glob("*.py"))
        for folder in (Path(file).parent, *ELSEWHERE.get(file, ()))
    )
    assert [name for name in told[Language.EN] if f'"{name}"' not in "".join((own, *others))] == []
    named = set(re.findall(r'(?:describe|Problem)\((?:\w+, )?"(\w+)"', own))
    assert named <= told[Language.EN].keys()
