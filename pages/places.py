"""Where pages are in the navigation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.types import Role


@dataclass(frozen=True)
class Entry:
    """A page's entry in the navigation. icon: a Material icon's name; key: the letter that leads there after g."""

    icon: str
    order: int
    key: str


@dataclass(frozen=True)
class Place:
    """A page in the navigation: where, what it is called (a name in words), for whom."""

    path: str
    title: str
    words: Path
    roles: tuple[Role, ...]
    entry: Entry


PLACES: list[Place] = []


def add_place(place: Place) -> None:
    """Each path once, in the order of the entries."""
    others = [one for one in PLACES if one.path != place.path]
    PLACES[:] = sorted([*others, place], key=lambda one: one.entry.order)


def places_for(role: Role) -> list[Place]:
    return [place for place in PLACES if role in place.roles]


def find_place(path: str) -> Place | None:
    """The entry a path belongs under: the longest that it is, or is inside of."""
    fitting = [place for place in PLACES if path == place.path or path.startswith(place.path + "/")]
    return max(fitting, key=lambda place: len(place.path), default=None)
