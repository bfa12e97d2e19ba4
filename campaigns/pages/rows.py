"""Rows of a table that stay the same elements while their words change, so that no click and no place is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from pages.parts import put, table

type Key = str | tuple[object, ...]


@dataclass(frozen=True)
class Cell:
    """What stands in a cell. to: where it leads; label: for screen readers; note: a quiet word beside it."""

    text: str
    classes: str = ""
    to: str = ""
    label: str = ""
    note: str = ""
    tag: str = ""  # classes of a tag around the text


class Line:
    """One row. cells: always as many, links stay links."""

    def __init__(self, cells: Sequence[Cell], labels: Sequence[str]) -> None:
        self.shown: list[Cell | None] = [None] * len(cells)
        self.texts: list[TextElement] = []
        self.notes: list[TextElement] = []
        self.frames: list[Element] = []
        with put("tr") as self.row:
            for cell, label in zip(cells, labels, strict=True):
                with put("td", classes=cell.classes, data_label=label), put("span", classes="person"):
                    with put("a" if cell.to else "span") as frame:
                        self.texts.append(write_text(""))
                    self.frames.append(frame)
                    self.notes.append(write_text("", "quiet"))
        self.show(cells)

    def show(self, cells: Sequence[Cell]) -> None:
        for number, cell in enumerate(cells):
            if cell == self.shown[number]:
                continue
            self.shown[number] = cell
            self.texts[number].text, self.notes[number].text = cell.text, cell.note
            frame = self.frames[number]
            frame.classes(replace=cell.tag)
            for name, value in (("href", cell.to), ("aria-label", cell.label)):
                if value:
                    frame.props[name] = value
            frame.update()


class Rows:
    """A table, and its rows by key, in the order in which they were told last.

    On a phone each row is a card and every cell but the first has its heading beside it. numbers: their columns.
    """

    def __init__(self, headings: Sequence[str], caption: str, numbers: Sequence[int] = ()) -> None:
        self.body, head = table(headings, caption, "stacked")
        self.labels = ["", *headings[1:]]
        for column in numbers:
            head.default_slot.children[column].classes("number")
        self.lines: dict[Key, Line] = {}

    def show(self, lines: Mapping[Key, Sequence[Cell]]) -> None:
        for gone in self.lines.keys() - lines.keys():
            self.lines.pop(gone).row.delete()
        for place, (key, cells) in enumerate(lines.items()):
            known = self.lines.get(key)
            if known is None:
                with self.body:
                    known = self.lines[key] = Line(cells, self.labels)
            else:
                known.show(cells)
            children = self.body.default_slot.children
            if children[place] is not known.row:
                known.row.move(target_index=place)


def write_text(text: str, classes: str = "") -> TextElement:
    made = TextElement(tag="span", text=text)
    made.classes(classes)
    return made


def show_or_hide(element: Element, shown: bool) -> None:
    """Takes an element out of sight, for everybody, without taking it away."""
    if shown == ("hidden" not in element.props):
        return
    if shown:
        del element.props["hidden"]
    else:
        element.props["hidden"] = ""
    element.update()


def set_text(element: Element, text: str) -> None:
    """Changes what an element made with a text says; an element without one stays as it is."""
    if isinstance(element, TextElement) and element.text != text:
        element.text = text
