"""Whether a journey holds together: steps that exist, can be reached, and never go round without waiting."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from campaigns.journeys.conditions import Condition
from campaigns.journeys.journey import Journey
from campaigns.journeys.problems import describe
from campaigns.journeys.steps import Branch, Send, Step, Wait
from core.problems import Problem, list_choices
from offers.yaml_file import Document, Place

ALL = 100  # percent
CONTROL = "control"


def check_journey(document: Document, journey: Journey) -> None:
    """Raises FileError at the first fault."""
    check_targets(document, journey)
    check_reached(document, journey)
    check_circles(document, journey)
    check_arms(document, journey)
    check_exits(document, journey)


def check_targets(document: Document, journey: Journey) -> None:
    """Every step that is named exists."""
    for name, step in journey.steps.items():
        for place, target in list_targets(name, step):
            if target not in journey.steps:
                raise document.error(place, refuse_step(target, journey))
    if journey.on_conversion and journey.on_conversion not in journey.steps:
        raise document.error(("on_conversion",), refuse_step(journey.on_conversion, journey))
    for old, new in journey.moves.items():
        if new not in journey.steps:
            raise document.error(("moves", old), refuse_step(new, journey))


def refuse_step(name: str, journey: Journey) -> Problem:
    return describe("no_step", name=name, choices=list_choices(name, journey.steps))


def list_targets(name: str, step: Step) -> Iterator[tuple[Place, str]]:
    """The steps a step leads to, each with where that stands."""
    base: Place = ("steps", name)
    if isinstance(step, Wait):
        for number, way in enumerate(step.wait):
            yield (*base, "wait", number, "go"), way.go
    elif isinstance(step, Branch):
        for number, case in enumerate(step.branch):
            yield (*base, "branch", number, "go"), case.go
        yield (*base, "otherwise"), step.otherwise
    else:
        for word in ("then", "if_held", "if_closed"):
            if target := getattr(step, word, None):
                yield (*base, word), target


def check_reached(document: Document, journey: Journey) -> None:
    """Every step can be reached from the first one, or from a conversion."""
    reached: set[str] = set()
    waiting = [journey.start, *([journey.on_conversion] if journey.on_conversion else [])]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += journey.steps[name].list_next()
    for name in journey.steps:
        if name not in reached:
            raise document.error(("steps", name), describe("not_reached"))


def check_circles(document: Document, journey: Journey) -> None:
    """Whoever goes round in a circle waits somewhere on it."""
    done: set[str] = set()
    for name in journey.steps:
        if circle := find_circle(journey, name, (), done):
            way = " -> ".join((*circle, circle[0]))
            raise document.error(("steps", circle[0]), describe("circle", way=way))


def find_circle(journey: Journey, name: str, path: tuple[str, ...], done: set[str]) -> tuple[str, ...]:
    """The steps of a circle without a wait, from a step on; empty: there is none. done: steps that are on none."""
    if name in path:
        return path[path.index(name) :]
    if name in done or isinstance(journey.steps[name], Wait):
        return ()
    for target in journey.steps[name].list_next():
        if circle := find_circle(journey, target, (*path, name), done):
            return circle
    done.add(name)
    return ()


def check_arms(document: Document, journey: Journey) -> None:
    """Arms share all who are not left alone, and steps name no others."""
    arms = journey.arms
    if sum(arms.values()) != ALL:
        raise document.error(("arms",), describe("arms_sum", sum=sum(arms.values()), all=ALL))
    if CONTROL in arms:
        raise document.error(("arms", CONTROL), describe("arm_control"))
    for name, step in journey.steps.items():
        if isinstance(step, Send) and not isinstance(step.send, str):
            if strange := step.send.keys() - arms.keys():
                raise document.error(("steps", name, "send", min(strange)), refuse_arm(min(strange), arms))
            if missing := arms.keys() - step.send.keys():
                raise document.error(("steps", name, "send"), describe("arm_silent", name=min(missing)))
    for place, condition in list_conditions(journey):
        if strange := set(condition.arm or ()) - arms.keys():
            raise document.error((*place, "arm"), refuse_arm(min(strange), arms))


def refuse_arm(name: str, arms: Collection[str]) -> Problem:
    return describe("no_arm", name=name, choices=list_choices(name, arms))


def list_conditions(journey: Journey) -> Iterator[tuple[Place, Condition]]:
    """Every condition with where it stands, those inside `unless` too."""
    found: list[tuple[Place, Condition]] = [(("entry",), journey.entry)] if journey.entry else []
    for name, step in journey.steps.items():
        if isinstance(step, Branch):
            found += [(("steps", name, "branch", number, "when"), case.when) for number, case in enumerate(step.branch)]
    while found:
        place, condition = found.pop(0)
        yield place, condition
        if condition.unless:
            found.insert(0, ((*place, "unless"), condition.unless))


def check_exits(document: Document, journey: Journey) -> None:
    """What ends the journey can be told."""
    if journey.on_conversion and "converted" not in journey.exits:
        raise document.error(("on_conversion",), describe("no_exit"))
    if journey.entry and journey.entry.arm:
        raise document.error(("entry", "arm"), describe("arm_too_early"))
