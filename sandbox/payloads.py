"""Webhook bodies as Meta builds and signs them. Pure: values in, JSON and bytes out."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from sandbox.config import SandboxConfig
from sandbox.world import Customer, Message

type Json = dict[str, Any]


def encode(body: Any) -> bytes:
    r"""JSON bytes in Meta's way: every non-ASCII character as a \uXXXX escape, slashes escaped too."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def envelope(waba_id: str, changes: list[Json], at: float | None = None) -> Json:
    """One POST with these changes. at: only for fields other than `messages`."""
    entry: Json = {"id": waba_id, "changes": changes}
    if at is not None:
        entry["time"] = int(at)
    return {"object": "whatsapp_business_account", "entry": [entry]}


def change(config: SandboxConfig, field: str, **parts: Any) -> Json:
    """One change of a field that carries metadata of the number."""
    metadata = {"display_phone_number": config.display_phone, "phone_number_id": config.phone_number_id}
    return {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata} | parts}


def contact_of(customer: Customer, *, username: bool = True) -> Json:
    """The entry of `contacts`."""
    profile: Json = {"name": customer.name}
    if username and customer.username:
        profile["username"] = customer.username
    contact: Json = {"profile": profile, "user_id": customer.user_id}
    if customer.phone:
        contact["wa_id"] = customer.phone
    return contact


def inbound_change(config: SandboxConfig, customer: Customer, message: Json) -> Json:
    """A message of a customer. System messages come without contacts, as Meta sends them."""
    parts: Json = {"messages": [message]}
    if message["type"] != "system":
        parts = {"contacts": [contact_of(customer)]} | parts
    return change(config, "messages", **parts)


def address_message(customer: Customer, wamid: str, at: float, kind: str, node: Any) -> Json:
    """The frame of an inbound message; node None leaves out the part named like the type."""
    message: Json = {"from_user_id": customer.user_id, "id": wamid, "timestamp": str(int(at)), "type": kind}
    if customer.phone:
        message = {"from": customer.phone} | message
    return message if node is None else message | {kind: node}


def status_change(
    config: SandboxConfig,
    customer: Customer,
    message: Message,
    status: str,
    at: float,
    pricing: Json | None = None,
    error: Json | None = None,
) -> Json:
    """One status of a message we took. `failed` comes without contacts."""
    row: Json = {"id": message.wamid, "status": status, "timestamp": str(int(at))}
    if customer.phone:
        row["recipient_id"] = customer.phone
    row["recipient_user_id"] = customer.user_id
    if message.callback is not None:
        row["biz_opaque_callback_data"] = message.callback
    if pricing:
        row["pricing"] = pricing
    if error:
        row["errors"] = [error]
        return change(config, "messages", statuses=[row])
    contacts = [contact_of(customer, username=status != "sent")]
    return change(config, "messages", contacts=contacts, statuses=[row])


def preference_change(config: SandboxConfig, customer: Customer, value: str, at: float, minimal: bool) -> Json:
    """WhatsApp's own marketing switch. minimal: Meta's printed sample, where contacts has only wa_id."""
    words = {
        "stop": "User requested to stop marketing messages",
        "resume": "User requested to resume marketing messages",
    }
    row: Json = {"detail": words[value], "category": "marketing_messages", "value": value, "timestamp": int(at)}
    if customer.phone:
        row = {"wa_id": customer.phone} | row
    if minimal and customer.phone:
        return change(config, "user_preferences", contacts=[{"wa_id": customer.phone}], user_preferences=[row])
    row["user_id"] = customer.user_id
    return change(config, "user_preferences", contacts=[contact_of(customer)], user_preferences=[row])


def template_change(template: Any, event: str, reason: str = "NONE") -> Json:
    """A template was approved, rejected, paused ..."""
    value = {"event": event, **name_template(template), "message_template_category": template.category}
    return {"field": "message_template_status_update", "value": value | {"reason": reason}}


def name_template(template: Any) -> Json:
    """Which one a change is about; the id is a number here."""
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }


def quality_change(template: Any, before: str) -> Json:
    """A template's quality became another one."""
    changed = {"previous_quality_score": before, "new_quality_score": template.quality}
    return {"field": "message_template_quality_update", "value": changed | name_template(template)}


def category_change(template: Any, before: str) -> Json:
    """WhatsApp counts a template to another category."""
    changed = {"previous_category": before, "new_category": template.category}
    return {"field": "template_category_update", "value": changed | name_template(template)}
