"""A slip in a journey's file is told with file, line and remedy, before anybody is on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from campaigns.journeys.reading import FOLDER, parse_journey, read_journey
from campaigns.journeys.world import World, check_world, list_faults
from core.problems import Problem
from core.types import Language
from offers.yaml_file import FileError, Place, parse_document, read_document
from scoring.reading import load_rules

ENERGY = (FOLDER / "energy.yml").read_text(encoding="utf-8")
TEMPLATES = {"energy_saving", "energy_reminder", "energy_help", "energy_done", "energy_updates"}
WORLD = World(TEMPLATES, {"affirm", "deny"}, {"preference"}, load_rules())


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("send: energy_saving", "sende: energy_saving", "this is no step: begin with one of send, wait"),
        ("- on: deadline", "- on: deadlin", "'deadlin' starts nothing: use deadline"),
        ("days: [-30, -7]", "days: [soon]", "'soon' is not a whole number"),
        ("score: {at_least: 88}", "skore: {at_least: 88}", "is not known here: check its spelling"),
        ("at_least: 2, at_most: 30", "at_least: 31, at_most: 30", "it can never hold"),
        ("then: answer", "then: anser", "there is no step 'anser': use answer"),
        ("- {reply: deny, go: declined}", "- {reply: deny, option: x, go: declined}", "one of reply, option, click"),
        ("- {after: 24 hours, go: remind}", "- {after: 24h, go: remind}", "'24h' is no span of time: write 24 hours"),
        ("- {after: 24 hours, go: remind}", "- {after: 1 Tag, go: remind}", "'1 Tag' is no span of time: write 1 day"),
        ("- {after: 24 hours, go: remind}", "- {after: 2 settimane, go: remind}", "write 14 days"),
        ("- {after: 24 hours, go: remind}", "- {after: 2 mesi, go: remind}", "30 minutes, 24 hours or 14 days"),
        ("- {after: 24 hours, go: remind}", "- {click: true, go: remind}", "exactly one `after`"),
        ("event: offer_chosen", "event: offer_choosen", "'offer_choosen' does not fit"),
        ("on_conversion: confirm", "on_conversion: conform", "there is no step 'conform'"),
        ("then: onboarded", "then: updates", "no step leads here"),
        ("if_held: call", "if_held: help", "goes round for ever (help -> help)"),
        ("control_percent: 10", "arms: {a: 50, b: 40}", "the arms add up to 90 %: make it 100"),
        ("control_percent: 10", "arms: {control: 100}", "this name is taken for those left alone"),
        ("send: energy_saving", "send: {b: energy_saving}", "there is no arm 'b': use message"),
        ("send: energy_saving", "send: [energy_saving]", "names with values are expected here"),
        ("- on: deadline", "- on:", "it is not told what starts it: begin with `on`"),
        ("{reply: deny, go", "{reply:deny, go", "is no name with a value: a space belongs behind the colon"),
        ("finished: {end: finished}", "finished: {end: Finished!}", "small letters, digits and _ only"),
        ("within_days: 60", "within_days: 600", "600 is too much: write 365 or less"),
        ("events: [purchase]", "events: purchase", "a list is expected here: in square brackets"),
        ("pack: energy", "pack:", "is empty: write something or delete the line"),
        ("pack: energy", "pack: &pack [*pack]", "a text cannot begin with “*”"),
    ],
)
def test_a_slip_is_told_with_file_line_and_remedy(old: str, new: str, problem: str) -> None:
    assert old in ENERGY
    with pytest.raises(FileError) as told:
        parse_journey("energy", ENERGY.replace(old, new, 1))
    assert problem in str(told.value)
    assert str(told.value).startswith("energy.yml, line ")


def test_the_line_is_that_of_the_slip() -> None:
    with pytest.raises(FileError) as told:
        parse_journey("energy", ENERGY.replace("reply: any, go: collecting}", "reply: any, go: nowhere}", 1))
    assert told.value.line == ENERGY[: ENERGY.index("reply: any, go: collecting}")].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("send: energy_help", "send: energy_halp", "there is no template 'energy_halp'"),
        ("send: energy_help", "send: letter", "there is no template 'letter': write it in campaigns/templates/"),
        ("reply: deny", "reply: denny", "no intent 'denny': use deny"),
        ("reply: deny", "reply: xyz", "no intent 'xyz': look in domain.yml"),
        ("pack: energy", "pack: enery", "no pack 'enery': use energy"),
        ("score: {at_least: 88}", "score: {at_least: 101}", "nobody reaches 101 points here, 100 are the most"),
    ],
)
def test_what_is_not_there_is_told(old: str, new: str, problem: str) -> None:
    document = parse_document(Path("energy.yml"), ENERGY.replace(old, new, 1))
    with pytest.raises(FileError, match=r"energy.yml, line \d+") as told:
        check_world(document, read_journey(document), WORLD)
    assert problem in str(told.value)


def list_places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place of a file's content."""
    yield place
    for part, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from list_places(inner, (*place, part))


def put(content: Any, place: Place, value: Any) -> Any:
    """The content with something else at a place."""
    if not place:
        return value
    first, rest = place[0], place[1:]
    if isinstance(content, list):
        return [put(one, rest, value) if number == first else one for number, one in enumerate(content)]
    return content | {first: put(content[first], rest, value)}


@pytest.mark.parametrize("wrong", [None, "???", "-1", [], {}, {"skore": "x"}])
def test_whatever_is_written_anywhere_is_told_in_the_language_of_the_reader(wrong: Any) -> None:
    document, told = read_document(FOLDER / "win_back.yml"), []
    for place in list_places(document.content):
        try:
            read_journey(replace(document, content=put(document.content, place, wrong)))
        except FileError as error:
            told.append(error)
    assert len(told) > 50
    assert [error for error in told if not isinstance(error.problem, Problem)] == []
    assert [error for error in told if len({error.tell(language) for language in Language}) < len(Language)] == []


def test_the_place_is_told_without_the_numbers_of_a_program() -> None:
    with pytest.raises(FileError) as told:
        parse_journey("energy", ENERGY.replace("reply: any, go: collecting}", "reply: any, go: colecting}", 1))
    assert told.value.tell("de") == (
        "steps › answer › wait › go: den Schritt „colecting“ gibt es nicht: nimm collecting"
    )


def test_88_points_are_within_reach_of_the_shipped_rules() -> None:
    document = parse_document(Path("energy.yml"), ENERGY)
    check_world(document, read_journey(document), WORLD)


def test_each_journey_tells_its_own_first_fault(tmp_path: Path) -> None:
    for name, old in (("one", "then: answer"), ("two", "pack: energy")):
        (tmp_path / f"{name}.yml").write_text(ENERGY.replace(old, f"{old}x", 1), encoding="utf-8")
    assert [error.file.name for error in list_faults(WORLD, tmp_path)] == ["one.yml", "two.yml"]
