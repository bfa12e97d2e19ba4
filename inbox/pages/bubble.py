"""How an entry of a conversation looks: messages as the customer sees them, notes and changes between them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from core.types import OutboxState
from pages.words import Words

type Json = dict[str, Any]

MEDIA = ("image", "video", "audio", "document", "sticker")
WAITING = (OutboxState.QUEUED, OutboxState.SENDING)
TAKEN = (OutboxState.ACCEPTED, OutboxState.SENT, OutboxState.HELD)
STOPPED = (OutboxState.FAILED, OutboxState.BLOCKED, OutboxState.CANCELLED, OutboxState.EXPIRED)
FILE = "/inbox/files/{}"
MARKS = (("*", "b"), ("_", "i"), ("~", "s"))  # WhatsApp's own marks for bold, italic and struck text
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


@dataclass(frozen=True)
class Entry:
    """Something in a conversation. kind: in, out, note, change; key names it once and for all."""

    kind: str
    id: int
    at: datetime
    data: Json

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.id}"


def format_text(text: str) -> Markup:
    """A text with WhatsApp's marks and its links, everything else escaped."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        address = escape(found[0])
        parts += [mark_up(text[end : found.start()])]
        parts += [Markup(f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>')]  # noqa: S704
        end = found.end()
    return Markup("").join([*parts, mark_up(text[end:])])


def mark_up(text: str) -> Markup:
    marked = str(escape(text))
    for mark, tag in MARKS:
        sign = re.escape(mark)
        marked = re.sub(rf"(?<!\w){sign}(?=\S)([^\n{sign}]*\S){sign}(?!\w)", rf"<{tag}>\1</{tag}>", marked)
    return Markup(marked)  # noqa: S704  (escaped above)


def show_body(body: Json, text: str, options: list[Json]) -> Json:
    """An outgoing message's parts, from the request that made it: head, text, foot, media, buttons, sections."""
    kind = str(body.get("type", ""))
    node = body.get(kind) or {}
    if kind == "interactive":
        return show_interactive(node, text)
    if kind in MEDIA:
        return {"text": node.get("caption", ""), "media": name_media(kind, node)}
    if kind == "location":
        return {"text": text, "media": {"kind": "location", "name": ""}}
    return {"text": text, "buttons": [] if kind == "text" else [one["title"] for one in options]}


def show_interactive(node: Json, text: str) -> Json:
    action, header, kind = node.get("action", {}), node.get("header") or {}, node.get("type")
    shown: Json = {
        "head": header.get("text", ""),
        "text": node.get("body", {}).get("text", text),
        "foot": (node.get("footer") or {}).get("text", ""),
    }
    if header.get("type") in MEDIA:
        shown["media"] = name_media(header["type"], header[header["type"]])
    if kind == "button":
        shown["buttons"] = [one["reply"]["title"] for one in action["buttons"]]
    elif kind == "list":
        shown["rows_label"] = action["button"]
        rows = (row for section in action["sections"] for row in section["rows"])
        shown["rows"] = [(row["title"], row.get("description", "")) for row in rows]
    elif kind == "cta_url":
        shown["buttons"] = [action["parameters"]["display_text"]]
    elif kind == "location_request_message":
        shown["asks_location"] = True
    return shown


def show_received(data: Json) -> Json:
    """An incoming message's parts, from what WhatsApp sent."""
    kind, payload = data["message_kind"], data["payload"] or {}
    node = payload.get(kind)
    shown: Json = {"text": data["text"] or ""}
    if kind in MEDIA and isinstance(node, dict):
        shown["media"] = name_media(kind, node)
    elif kind in ("button_reply", "list_reply", "button"):
        shown["tapped"] = True
    elif kind == "location" and isinstance(node, dict):
        place = ", ".join(str(node[name]) for name in ("name", "address") if node.get(name))
        shown = {"text": place or shown["text"], "media": {"kind": "location", "name": ""}}
    elif kind != "text":
        shown["media"] = {"kind": kind, "name": ""}
    if file := data.get("file"):
        link = FILE.format(file["id"]) if file["ready"] else ""
        shown["media"] |= {"link": link, "shows": file["ready"], "problem": file["error"], "coming": not file["error"]}
    return shown


def name_media(kind: str, node: Json) -> Json:
    """kind, name and link of a file; a recorded audio is a voice message."""
    named = "voice" if kind == "audio" and node.get("voice") else kind
    stored = node.get("attachment")
    link = FILE.format(stored) if isinstance(stored, int) else safe_link(node.get("link", ""))
    return {"kind": named, "name": node.get("filename", ""), "link": link, "shows": isinstance(stored, int)}


def safe_link(link: str) -> str:
    return link if link.startswith(("https://", "http://")) else ""


def choose_tick(state: str) -> str:
    """What stands for a state: a clock, one tick, two, two in blue, a warning."""
    if state in WAITING:
        return "waiting"
    if state in TAKEN:
        return "sent"
    if state in (OutboxState.DELIVERED, OutboxState.READ, OutboxState.UNKNOWN):
        return state
    return "stopped"


def name_author(data: Json) -> str:
    """Who said an outgoing message: the assistant, a campaign, or a person by name."""
    if data.get("author"):
        return str(data["author"])
    return "" if data.get("turn_id") is None else "assistant"


TICKS = {"waiting": "schedule", "sent": "done", "delivered": "done_all", "read": "done_all",
         "unknown": "help_outline", "stopped": "error_outline"}  # fmt: skip
EMPTY: Json = {"head": "", "text": "", "foot": "", "media": None, "buttons": [], "rows": [], "rows_label": "",
               "asks_location": False, "tapped": False, "says": False, "tick": "", "symbol": "",
               "author": ""}  # fmt: skip
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["format_text"] = format_text


def draw_entry(entry: Entry, words: Words, at: str, translates: bool = False) -> str:
    """The HTML of an entry; every foreign text in it is escaped by the template. at: the time as people write it.

    translates: whether a translation can be asked for.
    """
    data, shown = entry.data, {}
    if entry.kind == "in":
        shown = show_received(data) | {"says": bool((data["text"] or "").strip())}
    elif entry.kind == "out":
        tick = choose_tick(data["state"])
        shown = show_body(data["body"] or {}, data["text"], data["options"])
        shown |= {"tick": tick, "symbol": TICKS[tick], "author": name_author(data)}
    if shown.get("media"):
        shown["media"] = {"link": "", "shows": False, "problem": None, "coming": False} | shown["media"]
    macro = TEMPLATES.get_template("bubble.html").module
    own = {"translates": translates, "translation": data.get("translation", ""),
           "figures_differ": data.get("figures_differ", False), "taught": data.get("taught")}  # fmt: skip
    return str(macro.draw(entry, EMPTY | own | shown, words, at))  # type: ignore[attr-defined]
