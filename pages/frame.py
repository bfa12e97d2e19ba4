"""The frame every page stands in: skip link, header, navigation, heading, and the list of shortcuts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from markupsafe import escape
from nicegui import ui
from nicegui.client import Client
from nicegui.element import Element

from core.types import Theme
from pages.look import look_url
from pages.parts import icon, link, put
from pages.places import find_place, places_for
from pages.room import Visit, get_room
from pages.words import Words

type Keys = tuple[tuple[str, str], ...]  # keys and what they do, as a name in words


@contextlib.contextmanager
def draw_frame(client: Client, visit: Visit, words: Words, path: str, heading: str, keys: Keys = ()) -> Iterator[None]:
    """What is drawn inside stands under the heading, in the page's main part. keys: shortcuts of this page alone."""
    client.title = f"{heading} · Pronto"
    add_head(visit, words)
    with client.layout:
        top = put("div", classes="top")
    top.move(target_index=0)
    with top:
        put("a", words("skip"), "skip", href="#main")
        draw_header(visit, words, path)
        draw_navigation(visit, words, path)
    client.content.props["id"] = "main"
    client.content.props["tabindex"] = "-1"
    with client.content:
        put("h1", heading)
        yield
        draw_shortcuts(visit, words, keys)


def add_head(visit: Visit, words: Words) -> None:
    theme = "" if visit.theme is Theme.AUTO else f'd.dataset.theme="{visit.theme}"'
    ui.add_head_html(
        f'<link rel="stylesheet" href="{look_url("page.css")}">'
        f'<script>{{const d=document.documentElement;d.lang="{words.language}";{theme}}}</script>'
        f'<script src="{look_url("page.js")}" defer></script>'
    )


def draw_header(visit: Visit, words: Words, path: str) -> None:
    visitor = visit.visitor
    with put("header", classes="head"):
        with put("button", classes="menu plain", type="button", popovertarget="navigation", aria_label=words("menu")):
            icon("menu")
        with put("a", classes="brand", href="/", aria_label="Pronto"):
            put("img", src=look_url("logo.svg"), alt="", width="28", height="28")
            put("span", "Pronto")
        if get_room().settings.demo:
            put("p", words("demo_note"), "demo", role="note")
        with put("div", classes="head-end"):
            if visitor is not None:
                with put("a", classes="me", href="/account", aria_current="page" if path == "/account" else None):
                    icon("account_circle")
                    put("span", visitor.name)
                    put("span", f" ({words(f'role_{visitor.role}')})", "quiet")
            leave = words("log_out")
            with (
                put("form", action="/logout", method="post"),
                put("button", classes="plain", type="submit", aria_label=leave, title=leave),
            ):
                icon("logout")


def draw_navigation(visit: Visit, words: Words, path: str) -> None:
    if visit.visitor is None:
        return
    here = find_place(path)
    with put("nav", classes="side", id="navigation", popover="auto", aria_label=words("navigation")), put("ul"):
        for place in places_for(visit.visitor.role):
            text = Words(words.language, place.words)(place.title)
            current = None if place != here else "page" if place.path == path else "true"
            with put("li"):
                link(text, place.path, "entry", place.entry.icon, aria_current=current, data_key=place.entry.key)
        keys = {"id": "show-keys", "aria_haspopup": "dialog"}
        with put("li", classes="last"), put("button", classes="entry", type="button", **keys):
            icon("keyboard")
            put("span", words("shortcuts"))


def write_keys(keys: list[tuple[str, str]]) -> str:
    """As HTML: every page has this list, and elements for each key would be a tenth of its work."""
    strokes = (("".join(f"<kbd>{escape(one)}</kbd>" for one in key.split()), escape(what)) for key, what in keys)
    return "".join(f"<div><dt>{key}</dt><dd>{what}</dd></div>" for key, what in strokes)


def draw_shortcuts(visit: Visit, words: Words, own: Keys = ()) -> Element:
    """The list behind ?; page.js opens it."""
    keys = [("?", words("key_help")), ("/", words("key_search")), ("Esc", words("key_close"))]
    keys += [(key, words(name)) for key, name in own]
    if visit.visitor is not None:
        for place in places_for(visit.visitor.role):
            title = Words(words.language, place.words)(place.title)
            keys.append((f"g {place.entry.key}", words("key_go", page=title)))
    with put("dialog", id="keys", aria_labelledby="keys-title") as dialog:
        put("h2", words("shortcuts"), id="keys-title")
        ui.html(write_keys(keys), sanitize=False, tag="dl").classes("keys")
        with put("form", method="dialog"):
            put("button", words("close"), "button", type="submit")
    return dialog
