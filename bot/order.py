"""What the application asks of Rasa: one message of one conversation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


class OrderError(Exception):
    """The request is not one of ours; the text says which field is wrong."""


@dataclass(frozen=True)
class Order:
    """sender: contact and session. message_id: the turn's key. slots: set before the text is understood."""

    sender: str
    message_id: str
    text: str
    slots: dict[str, Any]
    metadata: dict[str, Any]


def read_order(body: bytes) -> Order:
    """The request body as an Order."""
    try:
        data = json.loads(body)
    except ValueError as error:
        raise OrderError("the body is not JSON") from error
    if not isinstance(data, dict):
        raise OrderError("the body is not an object")
    for name in ("sender", "message_id", "text"):
        if not isinstance(data.get(name), str) or (name != "text" and not 0 < len(data[name]) <= 255):
            raise OrderError(
                f"{name} must be a text of 1 to 255 characters" if name != "text" else "text must be a text"
            )
    for name in ("slots", "metadata"):
        if not isinstance(data.get(name) or {}, dict):
            raise OrderError(f"{name} must be an object")
    return Order(data["sender"], data["message_id"], data["text"], data.get("slots") or {}, data.get("metadata") or {})
