"""A journey as a picture: Mermaid's words for its steps and the ways between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from campaigns.journeys.journey import Journey
from campaigns.journeys.steps import Branch, Converse, End, HandOver, MakeTask, Send, Step, Wait, Way
from campaigns.pages.names import list_names, name_reply, say_outcome
from campaigns.pages.texts import read_text
from core.wording import format_number
from pages.words import Words

SHAPES = {"send": ("[", "]"), "wait": ("([", "])"), "branch": ("{", "}"), "end": ("(", ")")}
LONGEST = 60  # signs of a message in the table
STRANGE = re.compile(r"[^\w\s.,:%+/()–-]")


def draw_journey(journey: Journey, words: Words, people: Mapping[str, int]) -> str:
    """The journey in Mermaid's language, from top to bottom, with how many people stand at each step."""
    lines = ["flowchart TD"]
    for name, step in journey.steps.items():
        opens, closes = SHAPES.get(name_kind(step), ("[", "]"))
        count = f"<br/>({format_number(people[name], words.language)})" if people.get(name) else ""
        lines.append(f'  {node(name)}{opens}"{tidy(name)}<br/>{tidy(say_short(step, words))}{count}"{closes}')
    for name, step in journey.steps.items():
        for label, target in list_ways(step, words):
            lines.append(f"  {node(name)} -->{f'|{tidy(label)}|' if label else ''} {node(target)}")
    if journey.on_conversion:  # from any step, but a line from each would hide the others
        lines.append(f"  {node(journey.start)} -.->|{tidy(words('ended_converted'))}| {node(journey.on_conversion)}")
    return "\n".join(lines)


def node(name: str) -> str:
    """A name Mermaid does not take for one of its own words, such as end."""
    return f"s_{name}"


def tidy(text: str) -> str:
    """Without what Mermaid would read as its own signs."""
    return STRANGE.sub(" ", text)[:80]


def name_kind(step: Step) -> str:
    """The first word of the step in its file."""
    kinds = {
        Send: "send",
        Wait: "wait",
        Branch: "branch",
        Converse: "converse",
        MakeTask: "task",
        HandOver: "hand_over",
    }
    return kinds.get(type(step), "end")


def say_short(step: Step, words: Words) -> str:
    """What a step does, as far as the picture does not show it."""
    match step:
        case Send():
            return words("kind_send", what=", ".join(dict.fromkeys(step.list_templates())))
        case End():
            return words("kind_end", what=say_outcome(step.end, words))
        case _:
            return words(f"kind_{name_kind(step)}")


def say_step(step: Step, words: Words) -> str:
    """What a step does, for the table: a message with how it begins, a task with what is to be done."""
    match step:
        case Send():
            texts = [read_text(name, words.language) for name in dict.fromkeys(step.list_templates())]
            return words("kind_send", what=" ".join(words("quoted", text=shorten(text)) for text in texts))
        case MakeTask():
            return f"{words('kind_task')}: {getattr(step.task, words.language)}"
        case Converse():
            return f"{words('kind_converse')}: {name_reply(step.converse, words)}"
        case _:
            return say_short(step, words)


def say_next(step: Step, words: Words) -> str:
    """Where it goes on from a step, and by what."""
    ways = [f"{label} → {target}" if label else f"→ {target}" for label, target in list_ways(step, words)]
    return "\n".join(ways) or "–"


def shorten(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]} …"


def list_ways(step: Step, words: Words) -> Iterator[tuple[str, str]]:
    """What leads on from a step, and where to."""
    match step:
        case Wait():
            for way in step.wait:
                yield say_way(way, words), way.go
        case Branch():
            for number, case in enumerate(step.branch, 1):
                yield str(number), case.go
            yield words("otherwise"), step.otherwise
        case Send():
            yield "", step.then
            if step.if_held:
                yield words("if_held"), step.if_held
        case _:
            for target in dict.fromkeys(step.list_next()):
                yield "", target


def say_way(way: Way, words: Words) -> str:
    """One way out of a wait."""
    if way.after is not None:
        return words("way_after", what=say_span(way.after, words))
    if way.click:
        return words("way_click")
    kind = "reply" if way.reply else "option" if way.option else "event"
    return words(f"way_{kind}", what=list_names(kind, getattr(way, kind) or (), words))


def say_span(span: timedelta, words: Words) -> str:
    """2 days, 24 hours, 30 minutes."""
    minutes = round(span.total_seconds() / 60)
    if minutes % 1440 == 0 and minutes > 1440:
        return words("days", number=minutes // 1440)
    return words("hours", number=minutes // 60) if minutes % 60 == 0 else words("minutes", number=minutes)
