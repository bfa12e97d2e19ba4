"""Message templates: what stands approved, whether a send fits it, and what the customer then reads. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from campaigns.templates.definitions import load_samples, load_templates
from campaigns.templates.meta import list_creations
from core.types import AddressForm
from sandbox.errors import GraphError

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
UGLY = re.compile(r"[\n\r\t]| {5,}")  # refused in a text parameter
REFUSED = {"PAUSED": 132015, "DISABLED": 132016}
MOST_TEXT, MOST_BUTTONS, MOST_TITLE = 1024, 10, 25
NAME = re.compile(r"[a-z0-9_]{1,512}")
EDGE = re.compile(r"^\s*\{\{\s*\w+\s*\}\}|\{\{\s*\w+\s*\}\}\s*$")


@dataclass
class Template:
    """A template as Meta keeps it. status: APPROVED, PENDING, REJECTED, PAUSED, DISABLED."""

    id: str
    name: str
    language: str
    category: str
    components: list[dict[str, Any]]
    status: str = "PENDING"
    parameter_format: str = "POSITIONAL"
    rejected_reason: str = "NONE"
    quality: str = "UNKNOWN"

    @cached_property
    def parts(self) -> dict[str, dict[str, Any]]:
        """Its components by HEADER, BODY, FOOTER, BUTTONS."""
        return {part["type"].upper(): part for part in self.components}

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """The variables of each component with a text."""
        return {kind: list(dict.fromkeys(VARIABLE.findall(part.get("text", "")))) for kind, part in self.parts.items()}

    @cached_property
    def buttons(self) -> list[dict[str, Any]]:
        return list(self.parts["BUTTONS"]["buttons"]) if "BUTTONS" in self.parts else []

    @cached_property
    def needed_buttons(self) -> set[str]:
        """Positions of the URL buttons that have a variable."""
        return {str(n) for n, one in enumerate(self.buttons) if one["type"] == "URL" and VARIABLE.search(one["url"])}

    def as_meta(self) -> dict[str, Any]:
        """The template as `GET /{waba}/message_templates` shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "parameter_format": self.parameter_format,
            "components": self.components,
            "rejected_reason": self.rejected_reason,
            "quality_score": {"score": self.quality},
        }


def seed_templates(public_url: str) -> list[Template]:
    """Pronto's own templates, approved. public_url: where its tracked links lead."""
    found = {
        one.key: one.as_meta()
        for address in AddressForm
        for one in list_creations(load_templates(address), load_samples(), public_url)
    }
    return [Template(id=str(800_000 + n), status="APPROVED", **row) for n, row in enumerate(found.values())]


def check_definition(template: Template) -> None:
    """Raises when WhatsApp would refuse to create the template."""
    body = template.parts.get("BODY")
    text = body.get("text") if body else None
    if not body or not isinstance(text, str) or not text:
        raise GraphError(100, "A template needs a BODY component with text")
    if not NAME.fullmatch(template.name):
        raise GraphError(100, "The name takes small letters, digits and underscores only")
    if len(text) > MOST_TEXT:
        raise GraphError(100, f"The body is longer than {MOST_TEXT} characters", subcode=2388040)
    if EDGE.search(text):
        raise GraphError(100, "Variables can't be at the start or end of the template", subcode=2388299)
    if VARIABLE.search(text) and not body.get("example"):
        raise GraphError(100, "The BODY component needs an example for each variable", subcode=2388043)
    if len(template.buttons) > MOST_BUTTONS:
        raise GraphError(100, f"A template has at most {MOST_BUTTONS} buttons", subcode=2388064)
    if any(not 0 < len(str(button.get("text", ""))) <= MOST_TITLE for button in template.buttons):
        raise GraphError(100, f"A button's text has 1 to {MOST_TITLE} characters", subcode=2388065)


def find_template(templates: dict[str, Template], node: Any) -> Template:
    """The approved template a send names; raises 132001, 132015 or 132016."""
    if not isinstance(node, dict) or not node.get("name"):
        raise GraphError(131008, "The parameter template['name'] is required")
    language = node.get("language")
    code = language.get("code") if isinstance(language, dict) else None
    if not code:
        raise GraphError(131008, "The parameter template['language']['code'] is required")
    for template in templates.values():
        if template.name == node["name"] and template.language == code:
            if template.status == "APPROVED":
                return template
            if template.status in REFUSED:
                raise GraphError(REFUSED[template.status], f"template {template.name} is {template.status.lower()}")
    raise GraphError(132001, f"template name ({node['name']}) does not exist in {code}")


def check_template(template: Template, node: dict[str, Any]) -> None:
    """Raises GraphError when the parameters of a send do not fit the template."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for part in node.get("components") or []:
        parts.setdefault(str(part.get("type", "")).lower(), []).append(part)
    for kind in ("HEADER", "BODY"):
        sent = parts.get(kind.lower()) or [{}]
        check_part(template, kind, sent[0].get("parameters") or [])
    for button in parts.get("button", []):
        check_button(template, button)
    given = {str(button.get("index")) for button in parts.get("button", [])}
    if not template.needed_buttons <= given:
        raise GraphError(131008, "buttons: the URL button needs its parameter")
    room = MOST_TEXT - len(template.parts["BODY"]["text"])
    filled = sum(len(one["text"]) for part in parts.get("body", []) for one in part.get("parameters") or [])
    if filled > room and len(render_body(template, node)) > MOST_TEXT:
        raise GraphError(132005, f"the body is longer than {MOST_TEXT} characters with its parameters")


def check_part(template: Template, kind: str, given: list[dict[str, Any]]) -> None:
    part = template.parts.get(kind)
    if part and str(part.get("format", "TEXT")).upper() != "TEXT":
        wanted = str(part["format"]).lower()
        if len(given) != 1 or given[0].get("type") != wanted:
            raise GraphError(132012, f"header: Format mismatch, expected {wanted.upper()}")
        return
    names = template.names.get(kind, [])
    if len(given) != len(names):
        where = f"{kind.lower()}: number of localizable_params ({len(given)})"
        raise GraphError(132000, f"{where} does not match the expected number of params ({len(names)})")
    for parameter in given:
        text = parameter.get("text")
        if parameter.get("type") != "text" or not isinstance(text, str):
            raise GraphError(132012, f"{kind.lower()}: a parameter must be of type text")
        if template.parameter_format == "NAMED" and parameter.get("parameter_name") not in names:
            raise GraphError(132012, f"{kind.lower()}: Parameter name is missing or unknown, expected {names}")
        if template.parameter_format != "NAMED" and parameter.get("parameter_name"):
            raise GraphError(132012, f"{kind.lower()}: this template has positional parameters")
        if not text or UGLY.search(text):
            raise GraphError(132018, "Param text cannot be empty, have new-line/tab characters or 5 spaces in a row")
    if template.parameter_format == "NAMED" and len({one.get("parameter_name") for one in given}) < len(given):
        raise GraphError(132012, f"{kind.lower()}: a parameter name stands twice")


def check_button(template: Template, button: dict[str, Any]) -> None:
    try:
        definition = template.buttons[int(button["index"])]
    except (IndexError, KeyError, TypeError, ValueError):
        raise GraphError(132018, "buttons: there is no button with this index") from None
    if str(button.get("sub_type", "")).upper() != definition["type"]:
        raise GraphError(132018, f"buttons: Button at index {button['index']} is of type {definition['type']}")
    given = (button.get("parameters") or [{}])[0]
    value = given.get("payload") if definition["type"] == "QUICK_REPLY" else given.get("text")
    if not isinstance(value, str) or not 1 <= len(value) <= (256 if definition["type"] == "QUICK_REPLY" else 2000):
        raise GraphError(132012, "buttons: the parameter of this button is missing or too long")


def render_text(template: Template, kind: str, node: dict[str, Any]) -> str:
    """The text of its header or body with the parameters of this send."""
    part = template.parts.get(kind)
    if not part or "text" not in part:
        return ""
    sent: dict[str, Any] = next(
        (one for one in node.get("components") or [] if str(one.get("type")).upper() == kind), {}
    )
    given = sent.get("parameters") or []
    values = {one.get("parameter_name") or str(n): one.get("text", "") for n, one in enumerate(given, 1)}
    return VARIABLE.sub(lambda match: values.get(match[1], match[0]), part["text"])


def render_body(template: Template, node: dict[str, Any]) -> str:
    """What the customer reads."""
    return render_text(template, "BODY", node)


def button_payloads(template: Template, node: dict[str, Any]) -> list[dict[str, str]]:
    """Its buttons as the customer sees them. A quick reply without payload sends its own text."""
    sent: dict[str, dict[str, str]] = {
        str(one.get("index")): (one.get("parameters") or [{}])[0]
        for one in node.get("components") or []
        if str(one.get("type")).lower() == "button"
    }
    shown = []
    for n, button in enumerate(template.buttons):
        given = sent.get(str(n), {})
        if button["type"] == "URL":
            url = VARIABLE.sub(given.get("text", ""), button["url"])
            shown.append({"kind": "link", "title": button["text"], "url": url})
        else:
            payload = given.get("payload", button["text"])
            shown.append({"kind": "quick_reply", "title": button["text"], "id": payload})
    return shown
