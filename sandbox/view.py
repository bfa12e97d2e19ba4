"""How a message looks on a phone: one plain dictionary for every kind, so the page need not know the wire. Pure."""

from __future__ import annotations

from typing import Any

from sandbox.templates import button_payloads, render_body, render_text
from sandbox.world import Message

type Json = dict[str, Any]

MEDIA = ("image", "video", "audio", "document", "sticker")


def show_bubble(message: Message) -> Json:
    """The bubble of a message. side: "mine" for the customer's own, "theirs" for Pronto's."""
    bubble: Json = {
        "id": message.wamid,
        "seq": message.seq,
        "side": "mine" if message.direction == "in" else "theirs",
        "kind": message.kind,
        "at": message.at,
        "state": message.state(),
        "error": message.error,
        "buttons": [],
    }
    context = message.body.get("context") or {}
    bubble["quote"] = context.get("message_id") or context.get("id")
    node = message.body.get(message.kind)
    if message.kind == "template":
        return bubble | show_template(message)
    if message.kind == "interactive" and isinstance(node, dict):
        return bubble | (show_interactive(node) if message.direction == "out" else show_reply(node))
    return bubble | show_plain(message.kind, node)


def show_template(message: Message) -> Json:
    template, node = message.template, message.body["template"]
    if template is None:
        return {"text": node["name"]}
    footer = template.parts.get("FOOTER")
    return {
        "header": render_text(template, "HEADER", node),
        "text": render_body(template, node),
        "footer": footer["text"] if footer else "",
        "buttons": button_payloads(template, node),
    }


def show_interactive(node: Json) -> Json:
    action, header = node["action"], node.get("header") or {}
    shown: Json = {
        "text": node["body"]["text"],
        "footer": (node.get("footer") or {}).get("text", ""),
        "header": header.get("text", ""),
    }
    media = next((kind for kind in MEDIA if kind in header), None)
    if media:
        shown["media"] = show_media(media, header[media])
    kind = node["type"]
    if kind == "button":
        shown["buttons"] = [{"kind": "reply", **button["reply"]} for button in action["buttons"]]
    elif kind == "list":
        shown["buttons"] = [{"kind": "list", "title": action["button"]}]
        shown["sections"] = action["sections"]
    elif kind == "cta_url":
        link = action["parameters"]
        shown["buttons"] = [{"kind": "link", "title": link["display_text"], "url": link["url"]}]
    else:
        shown["buttons"] = [{"kind": kind, "title": ""}]
    return shown


def show_reply(node: Json) -> Json:
    reply = node.get(node["type"], {})
    return {"text": reply.get("title", ""), "detail": reply.get("description", "")}


def show_plain(kind: str, node: Any) -> Json:  # noqa: PLR0911
    if kind == "text":
        return {"text": node["body"]}
    if kind == "button":
        return {"text": node["text"]}
    if kind in MEDIA:
        return {"text": node.get("caption", ""), "media": show_media(kind, node)}
    if kind == "location":
        return {"text": "", "location": {name: node.get(name) for name in ("latitude", "longitude", "name", "address")}}
    if kind == "reaction":
        return {"text": node.get("emoji", ""), "quote": node.get("message_id")}
    if kind == "contacts":
        return {"text": ", ".join(one["name"]["formatted_name"] for one in node)}
    if kind == "system":
        return {"text": node.get("body", "")}
    return {"text": ""}


def show_media(kind: str, node: Json) -> Json:
    """Where the page finds the file: the sandbox's own store or the sender's link."""
    address = f"/control/media/{node['id']}" if node.get("id") else node.get("link")
    return {"kind": kind, "url": address, "name": node.get("filename", "")}
