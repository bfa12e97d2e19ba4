"""Small parts pages are made of. Plain HTML wherever HTML has the thing: it is quick, and every reader knows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

type Act = Callable[[], Awaitable[None] | None]
type Take = Callable[[str], Awaitable[None] | None]


def put(tag: str, text: str | None = None, classes: str = "", **attributes: Any) -> Element:
    """An HTML element. Attributes as in HTML, with _ for -; True stands without a value, None and False not at all."""
    element = Element(tag) if text is None else TextElement(tag=tag, text=text)
    element.classes(classes)
    for name, value in attributes.items():
        if value is not None and value is not False:
            element.props[name.rstrip("_").replace("_", "-")] = "" if value is True else value
    return element


def icon(name: str) -> Element:
    """A picture beside words; screen readers pass it by."""
    return ui.icon(name).props("aria-hidden=true")


def button(text: str, act: Act | None = None, classes: str = "", symbol: str = "", **attributes: Any) -> Element:
    """A button. symbol: an icon before the text."""
    made = put("button", classes=f"button {classes}", type="button", **attributes)
    with made:
        if symbol:
            icon(symbol)
        put("span", text)
    if act is not None:
        made.on("click", lambda _: act(), args=[])
    return made


def link(text: str, to: str, classes: str = "", symbol: str = "", **attributes: Any) -> Element:
    made = put("a", classes=classes, href=to, **attributes)
    with made:
        if symbol:
            icon(symbol)
        put("span", text)
    return made


def field(label: str, take: Take, value: str = "", kind: str = "text", at_once: bool = False, **attrs: Any) -> Element:
    """A labelled text field; take gets what was written, at_once: while it is written (0.3 s after the last key)."""
    with put("label", classes="field"):
        put("span", label)
        made = put("input", type=kind, value=value, **attrs)
    event = "input" if at_once else "change"
    handler = "(e) => emit(e.target.value)"
    made.on(
        event,
        lambda e: take(str(e.args)),
        throttle=0.3 if at_once else 0,
        leading_events=not at_once,
        js_handler=handler,
    )
    return made


def choice(label: str, options: Mapping[str, str], value: str, take: Take, **attributes: Any) -> Element:
    """A labelled choice of one. options: value to text."""
    with put("label", classes="field"):
        put("span", label)
        with put("select", **attributes) as made:
            for name, text in options.items():
                put("option", text, value=name, selected=name == value)
    made.on("change", lambda e: take(str(e.args)), js_handler="(e) => emit(e.target.value)")
    return made


def form(act: Callable[[dict[str, str]], Awaitable[None] | None], classes: str = "") -> Element:
    """A form whose named fields are given to act when it is sent, by button or Enter."""
    made = put("form", classes=f"form {classes}", autocomplete="on")
    gather = "(e) => { e.preventDefault(); emit(Object.fromEntries(new FormData(e.target))) }"
    made.on("submit", lambda e: act({name: str(value) for name, value in e.args.items()}), js_handler=gather)
    return made


def form_field(label: str, name: str, kind: str = "text", **attributes: Any) -> Element:
    """A labelled field of a form, read when the form is sent."""
    with put("label", classes="field"):
        put("span", label)
        return put("input", type=kind, name=name, **attributes)


def form_choice(label: str, name: str, options: Mapping[str, str], value: str) -> Element:
    with put("label", classes="field"):
        put("span", label)
        with put("select", name=name) as made:
            for key, text in options.items():
                put("option", text, value=key, selected=key == value)
    return made


def table(headings: Sequence[str], caption: str, classes: str = "") -> tuple[Element, Element]:
    """A table with a caption for readers of all kinds: the place for its rows, and that of its headings."""
    with (
        put("div", classes="table-frame", tabindex="0", role="region", aria_label=caption),
        put("table", classes=classes),
    ):
        put("caption", caption, "hidden")
        with put("thead"), put("tr") as head:
            for heading in headings:
                put("th", heading, scope="col")
        body = put("tbody")
    return body, head


def picture(svg: str, classes: str = "") -> Element:
    """A drawing of ours as SVG; every text in it was escaped by who drew it."""
    return ui.html(svg, sanitize=False).classes(f"picture {classes}")


def say(text: str, kind: str = "positive") -> None:
    """A short notice that goes by itself; also read out."""
    ui.notification(text, type=_kinds[kind], position="top", timeout=6, close_button=True)


_kinds: dict[str, Any] = {"positive": "positive", "negative": "negative", "warning": "warning", "info": "info"}
