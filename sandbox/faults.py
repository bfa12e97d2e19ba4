"""Trouble on demand: rules that make sends fail, hang or vanish, for one customer or for all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

type Fate = Literal["accepted", "lost"]


@dataclass
class Fault:
    """One rule. What happens: exactly one of code, http_status alone, timeout, drop, held; delay_ms may come on top.

    code: Meta's error, with http_status if given; late: as a `failed` status after a 200.
    timeout: the request never gets an answer; drop: the connection is cut. Both say whether the message was
    "accepted" (it counts as sent and its statuses come) or "lost".
    held: accepted with message_status held_for_quality_assessment.
    When: always, or the next `times`, or every `every`-th that matches.
    match: customer (id), type, template, callback, contains (part of the body's text).
    """

    id: int
    code: int | None = None
    http_status: int | None = None
    details: str = ""
    late: bool = False
    timeout: Fate | None = None
    drop: Fate | None = None
    held: bool = False
    delay_ms: int = 0
    times: int | None = None
    every: int | None = None
    match: dict[str, str] = field(default_factory=dict)
    seen: int = 0
    hits: int = 0

    def hit(self, message: dict[str, str]) -> bool:
        """Counts a send and says whether the rule strikes it."""
        if not all(matches(name, wanted, message) for name, wanted in self.match.items()):
            return False
        self.seen += 1
        if self.every and self.seen % self.every:
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True


def matches(name: str, wanted: str, message: dict[str, str]) -> bool:
    if name == "contains":
        return wanted in message.get("text", "")
    return message.get(name) == wanted


def describe_send(customer_id: str, kind: str, body: dict[str, Any]) -> dict[str, str]:
    """What rules may match on."""
    node = body.get(kind)
    found = {"customer": customer_id, "type": kind, "callback": str(body.get("biz_opaque_callback_data", ""))}
    if isinstance(node, dict):
        inner = node.get("body")
        found["template"] = str(node.get("name", "")) if kind == "template" else ""
        found["text"] = str(inner.get("text", "") if isinstance(inner, dict) else inner or node.get("caption", ""))
    return found


def find_fault(faults: list[Fault], message: dict[str, str]) -> Fault | None:
    """The first rule that strikes."""
    return next((fault for fault in faults if fault.hit(message)), None)
