"""WhatsApp's limits of every message type, checked as the Graph API does. Pure: a body in, GraphError out.

Lengths are characters, from the reference pages of each message type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.errors import GraphError

type Node = dict[str, Any]

BODY = 1024
TEXT = 4096
MEDIA_KINDS = ("image", "video", "audio", "document", "sticker")
MOST_CALLBACK = 512


def check_envelope(body: Any) -> str:
    """The message type of a request body; raises GraphError when the frame around it is wrong."""
    if not isinstance(body, dict):
        raise GraphError(100, "The request body must be a JSON object")
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required and must be 'whatsapp'")
    if not body.get("to") and not body.get("recipient"):
        raise GraphError(100, "The parameter to is required.")
    if body.get("recipient_type", "individual") not in ("individual", "group"):
        raise GraphError(100, "Param recipient_type must be one of {INDIVIDUAL, GROUP}")
    callback = body.get("biz_opaque_callback_data")
    if callback is not None and (not isinstance(callback, str) or len(callback) > MOST_CALLBACK):
        raise GraphError(100, f"biz_opaque_callback_data must be at most {MOST_CALLBACK} characters long")
    return str(body.get("type") or "text")


def check_message(kind: str, body: Node) -> None:
    """Raises GraphError when a free-form message breaks a limit. Templates have a file of their own."""
    check = CHECKS.get(kind)
    if check is None:
        raise GraphError(100, f"Param type must be one of {{{', '.join(sorted(CHECKS)).upper()}, TEMPLATE}}")
    node = body.get(kind)
    if kind == "contacts":
        check_contacts(node)
    elif not isinstance(node, dict):
        raise GraphError(131008, f"The parameter {kind} is required")
    else:
        check(node)


def check_length(value: Any, name: str, most: int, least: int = 1, code: int = 131009) -> None:
    """Raises unless value is a text of least to most characters."""
    if value is None and least:
        raise GraphError(131008, f"The parameter {name} is required")
    if not isinstance(value, str | None):
        raise GraphError(100, f"Param {name} must be a string")
    if not least <= len(value or "") <= most:
        raise GraphError(code, f"{name} length invalid. Min length: {least}, Max length: {most}")


def check_text(node: Node) -> None:
    check_length(node.get("body"), "text['body']", TEXT, code=100)


def check_media(node: Node) -> None:
    if bool(node.get("id")) == bool(node.get("link")):
        raise GraphError(100, "Exactly one of id and link is required")
    if node.get("link") and not re.match(r"https?://\S+$", str(node["link"])):
        raise GraphError(131009, "link is not a valid URL")
    check_length(node.get("caption"), "caption", BODY, least=0)


def check_silent_media(node: Node) -> None:
    check_media(node)
    if node.get("caption"):
        raise GraphError(100, "caption is not allowed for this media type")


def check_location(node: Node) -> None:
    for name, most in (("latitude", 90), ("longitude", 180)):
        try:
            value = float(node[name])
        except (KeyError, TypeError, ValueError):
            raise GraphError(131008, f"The parameter location['{name}'] is required") from None
        if not -most <= value <= most:
            raise GraphError(131009, f"location['{name}'] must be between -{most} and {most}")


def check_contacts(node: Any) -> None:
    if not isinstance(node, list) or not node:
        raise GraphError(131008, "The parameter contacts is required")
    for contact in node:
        name = contact.get("name") if isinstance(contact, dict) else None
        if not isinstance(name, dict) or not name.get("formatted_name"):
            raise GraphError(131008, "The parameter contacts['name']['formatted_name'] is required")
        if len([part for part in name.values() if part]) < 2:
            raise GraphError(131009, "contacts['name'] needs one more part beside formatted_name")


def check_reaction(node: Node) -> None:
    check_length(node.get("message_id"), "reaction['message_id']", 512)


def check_interactive(node: Node) -> None:
    kind = str(node.get("type"))
    check = INTERACTIVE.get(kind)
    if check is None:
        raise GraphError(131009, f"interactive['type'] is not valid: {kind}")
    body, action = node.get("body"), node.get("action")
    if not isinstance(body, dict) or not isinstance(action, dict):
        raise GraphError(131008, "interactive needs body and action")
    check_length(body.get("text"), "interactive['body']['text']", BODY)
    header, footer = node.get("header"), node.get("footer")
    if isinstance(header, dict) and header.get("type") == "text":
        check_length(header.get("text"), "interactive['header']['text']", 60)
    elif header is not None and kind == "list":
        raise GraphError(131009, "A list allows only a text header")
    if isinstance(footer, dict):
        check_length(footer.get("text"), "interactive['footer']['text']", 60)
    check(action)


def check_buttons(action: Node) -> None:
    buttons = action.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise GraphError(131009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
    replies = [button.get("reply") if isinstance(button, dict) else None for button in buttons]
    for reply in replies:
        if not isinstance(reply, dict):
            raise GraphError(131008, "The parameter action['buttons']['reply'] is required")
        check_length(reply.get("title"), "Button title", 20)
        check_length(reply.get("id"), "Button id", 256)
    check_unique([reply["title"] for reply in replies if reply], "Button title")
    check_unique([reply["id"] for reply in replies if reply], "Button id")


def check_list(action: Node) -> None:
    check_length(action.get("button"), "action['button']", 20)
    sections = action.get("sections")
    if not isinstance(sections, list) or not 1 <= len(sections) <= 10:
        raise GraphError(131009, "Invalid sections count. Min allowed: 1, Max allowed: 10")
    rows: list[Node] = []
    for section in sections:
        check_length(section.get("title"), "Section title", 24, least=1 if len(sections) > 1 else 0)
        rows.extend(section.get("rows") or [])
    if not 1 <= len(rows) <= 10:
        raise GraphError(131009, "Total row count exceed max allowed count: 10, or there is none")
    for row in rows:
        check_length(row.get("id"), "Row id", 200)
        check_length(row.get("title"), "Row title", 24)
        check_length(row.get("description"), "Row description", 72, least=0)
    check_unique([row["id"] for row in rows], "Row id")


def check_link(action: Node) -> None:
    parameters = action.get("parameters")
    if not isinstance(parameters, dict):
        raise GraphError(131008, "The parameter action['parameters'] is required")
    check_length(parameters.get("display_text"), "action['parameters']['display_text']", 20)
    check_length(parameters.get("url"), "action['parameters']['url']", 2000)
    if not re.match(r"https?://\S+$", parameters["url"]):
        raise GraphError(131009, "action['parameters']['url'] is not a valid URL")


def check_flow(action: Node) -> None:
    parameters = action.get("parameters")
    if not isinstance(parameters, dict) or not (parameters.get("flow_id") or parameters.get("flow_name")):
        raise GraphError(131008, "A flow needs flow_id or flow_name")
    check_length(parameters.get("flow_cta"), "flow_cta", 30)


def check_name(name: str) -> Callable[[Node], None]:
    """A check that action['name'] is this one."""

    def check(action: Node) -> None:
        if action.get("name") != name:
            raise GraphError(131009, f"action['name'] must be {name}")

    return check


def check_unique(values: list[str], name: str) -> None:
    if len(set(values)) < len(values):
        raise GraphError(131009, f"{name} must be unique: {values}")


INTERACTIVE: dict[str, Callable[[Node], None]] = {
    "button": check_buttons,
    "list": check_list,
    "cta_url": check_link,
    "flow": check_flow,
    "location_request_message": check_name("send_location"),
    "request_contact_info": check_name("request_contact_info"),
}
CHECKS: dict[str, Callable[[Node], None]] = {
    "text": check_text,
    "interactive": check_interactive,
    "location": check_location,
    "contacts": check_contacts,
    "reaction": check_reaction,
    "image": check_media,
    "video": check_media,
    "document": check_media,
    "audio": check_silent_media,
    "sticker": check_silent_media,
}
