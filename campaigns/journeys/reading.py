"""Journeys read from their files, with errors that name file and line."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from campaigns.journeys.checking import check_journey
from campaigns.journeys.journey import Journey
from campaigns.journeys.problems import describe
from campaigns.journeys.steps import KINDS, Said
from core.problems import Problem, list_choices
from offers.yaml_file import QUOTED, Document, Place, explain_error, parse_document, read_document

FOLDER = Path(__file__).parents[1]  # campaigns/
NOT_JOURNEYS = {"limits.yml"}  # what else lies there


def list_files(folder: Path = FOLDER) -> list[Path]:
    """The journeys' files; a journey is called like its file."""
    return sorted(file for file in folder.glob("*.yml") if file.name not in NOT_JOURNEYS)


def load_journeys(folder: Path = FOLDER) -> dict[str, Journey]:
    """Every journey that is shipped, by name. Raises FileError."""
    return {file.stem: read_journey(read_document(file)) for file in list_files(folder)}


@cache
def parse_journey(name: str, content: str) -> Journey:
    """A journey as it was published: name and content of a campaign_version. Raises FileError."""
    return read_journey(parse_document(FOLDER / f"{name}.yml", content))


def read_journey(document: Document) -> Journey:
    """The journey a file tells. Raises FileError at the first thing that does not fit."""
    try:
        journey = Journey.model_validate(document.content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise document.error(locate(document, first), explain(first)) from error
    check_journey(document, journey)
    return journey


def explain(error: ErrorDetails) -> Problem | str:
    """What is wrong, in a marketer's words."""
    kind, facts = error["type"], error.get("ctx", {})
    if kind == "union_tag_not_found" or facts.get("tag") == "None":
        return describe("no_on")
    if kind == "union_tag_invalid":
        tags = QUOTED.findall(facts["expected_tags"])
        return describe("no_trigger", name=facts["tag"], choices=list_choices(facts["tag"], tags))
    if kind == "no_kind":
        return describe("no_kind", choices=", ".join(KINDS))
    if kind == "model_type" and facts["class_name"] == Said.__name__:
        return describe("no_languages")
    return explain_error(error)


def locate(document: Document, error: ErrorDetails) -> Place:
    """Where an error lies, without the names pydantic puts in for one of several forms."""
    found: Place = ()
    for part in error["loc"]:
        if (*found, part) in document.lines:
            found = (*found, part)
    return (*found, error["loc"][-1]) if error["type"] == "missing" else found
