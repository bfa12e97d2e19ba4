"""Journeys read from their files, with errors that name file and line."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from campaigns.journeys.checking import check_journey
from campaigns.journeys.journey import Journey
from campaigns.journeys.steps import KINDS
from offers.yaml_file import Document, Place, explain_error, parse_document, read_document

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
        raise document.error(locate(document, first["loc"]), explain(first)) from error
    check_journey(document, journey)
    return journey


def explain(error: ErrorDetails) -> str:
    """What is wrong, in a marketer's words."""
    if error["type"] == "union_tag_invalid":
        tags = error["ctx"]["expected_tags"].replace("'", "")
        return f"{error['ctx']['tag']!r} starts nothing: use one of {tags}"
    return error["msg"] if error["type"] == "no_step" else explain_error(error)


def locate(document: Document, place: Place) -> Place:
    """Where an error lies, without the names pydantic puts in for one of several forms."""
    found: Place = ()
    for number, part in enumerate(place):
        last = number == len(place) - 1
        if (*found, part) in document.lines or (last and part not in KINDS and isinstance(part, str)):
            found = (*found, part)
    return found
