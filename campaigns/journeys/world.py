"""Whether what a journey speaks of is there: templates, intents of the assistant, points of the score."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from campaigns.journeys.checking import list_conditions
from campaigns.journeys.conditions import Condition, Range
from campaigns.journeys.journey import Journey
from campaigns.journeys.problems import describe
from campaigns.journeys.reading import FOLDER, list_files, read_journey
from campaigns.journeys.steps import ANY, Converse, Send, Wait
from campaigns.journeys.triggers import Keyword
from campaigns.templates.definitions import FOLDER as TEMPLATES
from campaigns.templates.definitions import list_names
from core.problems import Problem, list_choices, list_like
from offers.yaml_file import Document, FileError, Place, read_document
from scoring.reach import reachable_points
from scoring.rules import Condition as Fact
from scoring.rules import RuleBook, RuleSet

DOMAIN = Path(__file__).parents[2] / "domain.yml"


@dataclass(frozen=True)
class World:
    """templates: their names, each with a text in every language. intents, entities: what the assistant understands."""

    templates: Collection[str]
    intents: Collection[str]
    entities: Collection[str]
    rules: RuleBook


@lru_cache(maxsize=1)
def read_domain(changed: int) -> dict[str, Any]:
    """domain.yml, read anew when it changed: it is long, and pages ask for it."""
    known: dict[str, Any] = yaml.load(DOMAIN.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return known


def list_domain(part: str) -> set[str]:
    """The intents, entities and so on of domain.yml."""
    listed = read_domain(DOMAIN.stat().st_mtime_ns)[part]
    return {next(iter(one)) if isinstance(one, dict) else one for one in listed}


def read_world(rules: RuleBook, templates: Path = TEMPLATES) -> World:
    """What there is now. rules: those that count. FileError: a template's file cannot be read."""
    return World(list_names(templates), list_domain("intents"), list_domain("entities"), rules)


def list_faults(world: World, folder: Path = FOLDER) -> list[FileError]:
    """The first fault of each journey of a folder."""
    found = []
    for file in list_files(folder):
        try:
            document = read_document(file)
            check_world(document, read_journey(document), world)
        except FileError as error:
            found.append(error)
    return found


def check_world(document: Document, journey: Journey, world: World) -> None:
    """Raises FileError at the first thing that is not there."""
    check_templates(document, journey, world.templates)
    check_intents(document, journey, world)
    if journey.pack not in world.rules.by_name:
        packs = list_choices(journey.pack, world.rules.by_name)
        raise document.error(("pack",), describe("no_pack", name=journey.pack, choices=packs))
    check_reach(document, journey, world.rules.by_name[journey.pack].rules)


def check_templates(document: Document, journey: Journey, templates: Collection[str]) -> None:
    for name, step in journey.steps.items():
        if isinstance(step, Send):
            for template in step.list_templates():
                if template not in templates:
                    raise document.error(
                        ("steps", name, "send"), refuse(template, templates, "no_template", "like_template")
                    )


def check_intents(document: Document, journey: Journey, world: World) -> None:
    for place, intent in list_intents(journey):
        if intent not in world.intents:
            raise document.error(place, refuse(intent, world.intents, "no_intent", "like_intent"))
    for name, step in journey.steps.items():
        if isinstance(step, Converse) and (strange := set(step.tell) - set(world.entities)):
            place = ("steps", name, "tell", min(strange))
            raise document.error(place, describe("no_entity", name=min(strange)))


def list_intents(journey: Journey) -> Iterator[tuple[Place, str]]:
    """The intents a journey names, each with where it stands."""
    for number, trigger in enumerate(journey.triggers):
        if isinstance(trigger, Keyword):
            yield from ((("triggers", number, "intents"), intent) for intent in trigger.intents)
    for name, step in journey.steps.items():
        if isinstance(step, Converse):
            yield ("steps", name, "converse"), step.converse
        if isinstance(step, Wait):
            for number, way in enumerate(step.wait):
                yield from ((("steps", name, "wait", number), one) for one in way.reply or () if one != ANY)


def check_reach(document: Document, journey: Journey, rules: RuleSet) -> None:
    """Somebody can have the score that is asked, given what is asked beside it."""
    for place, condition in list_conditions(journey):
        if condition.score and condition.score.at_least is not None:
            most = find_most(rules, list_given(condition))
            if condition.score.at_least > most:
                raise document.error((*place, "score"), refuse_score(condition.score.at_least, most, rules))
    for name, step in journey.steps.items():
        if isinstance(step, Send) and step.min_score is not None:
            given = [Fact("days_left", 0, step.within_days)] if step.within_days is not None else []
            given += [Fact("saving_percent", step.min_saving_percent)] if step.min_saving_percent is not None else []
            most = find_most(rules, given)
            if step.min_score > most:
                raise document.error(("steps", name, "min_score"), refuse_score(step.min_score, most, rules))


def list_given(condition: Condition) -> list[Fact]:
    """What a condition asks beside the score, in the score's own words, as far as it has them."""
    found: dict[str, Range | None] = {
        "days_left": condition.days_left,
        "saving_percent": condition.saving_percent,
        "value": condition.value,
        "orders": condition.orders,
    }
    return [Fact(name, whole(one.at_least), whole(one.at_most)) for name, one in found.items() if one]


def whole(number: Decimal | None) -> int | None:
    return None if number is None else int(number)


def find_most(rules: RuleSet, given: list[Fact]) -> int:
    """The highest score anybody for whom this holds can have."""
    return max(reachable_points(rules.rules, rules.caps, given), default=0)


def refuse_score(wanted: Decimal | int, most: int, rules: RuleSet) -> Problem:
    return describe("no_reach", wanted=wanted, most=most, pack=rules.pack)


def refuse(name: str, known: Collection[str], unknown: str, alike: str) -> Problem:
    """Of what there is too much to name it all. unknown, alike: the problem, and if it looks like what there is."""
    like = list_like(name, known)
    return describe(alike, name=name, choices=", ".join(like)) if like else describe(unknown, name=name)
