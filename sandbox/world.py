"""What exists in the sandbox: customers with a phone, the messages between them and Pronto, media, the clock."""

from __future__ import annotations

import json
import random
import re
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import phonenumbers

from sandbox.config import SandboxConfig
from sandbox.live import Live
from sandbox.media import MediaStore
from sandbox.templates import Template, seed_templates

CAST = Path(__file__).parent / "customers.json"
WINDOW_SECONDS = 24 * 3600
RANK = {"sent": 0, "delivered": 1, "read": 2, "played": 3, "failed": 9}


@dataclass
class Customer:
    """A person with WhatsApp. phone: digits, None if only the user id is known to businesses.

    preference: WhatsApp's own switch for marketing messages. reachable: False while the phone is off.
    watching: how many pages look at this chat right now. last_inbound_at: opens the 24-hour window.
    template: what Pronto has reason to write first.
    """

    id: str
    user_id: str
    phone: str | None
    name: str
    language: str
    country: str
    username: str | None = None
    preference: str | None = None
    reachable: bool = True
    has_whatsapp: bool = True
    read_receipts: bool = True
    ready: bool = False
    template: str | None = None
    watching: int = 0
    unread: int = 0
    last_inbound_at: float | None = None
    typing_until: float = 0
    marketing_at: deque[float] = field(default_factory=deque)

    def window_open(self, now: float) -> bool:
        """Whether Pronto may write freely."""
        return self.last_inbound_at is not None and now - self.last_inbound_at < WINDOW_SECONDS


@dataclass(slots=True)
class Message:
    """One message. direction: "in" goes to Pronto, "out" comes from it. body: as on the wire.

    category: for pricing, of messages out. hidden: never reached the phone. states: (status, unix seconds).
    """

    wamid: str
    seq: int
    customer: str
    direction: str
    kind: str
    body: dict[str, Any]
    at: float
    callback: str | None = None
    category: str | None = None
    template: Template | None = None
    error: dict[str, Any] | None = None
    states: list[tuple[str, float]] = field(default_factory=list)

    def on_phone(self) -> bool:
        """Whether the customer sees it: own messages, and what was delivered."""
        return self.direction == "in" or any(status in ("delivered", "read") for status, _ in self.states)

    def state(self) -> str:
        """The last status; "accepted" before the first."""
        return self.states[-1][0] if self.states else "accepted"


class World:
    """Everything in memory. All methods are synchronous, so a request sees and leaves it whole."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.live = Live()
        self.media = MediaStore()
        self.moved_seconds = 0.0
        self.reset()

    def reset(self) -> None:
        """Forgets everything but the moved clock, the settings and who looks at the page."""
        self.random = random.Random(self.config.seed)
        self.customers: dict[str, Customer] = {}
        self.by_phone: dict[str, Customer] = {}
        self.by_user_id: dict[str, Customer] = {}
        self.messages: dict[str, Message] = {}
        self.accepted: list[Message] = []  # what Pronto sent, in order
        self.inbound: list[Message] = []
        self.chats: dict[str, list[Message]] = {}
        self.calls: list[dict[str, Any]] = []  # read receipts and typing indicators
        self.templates = {template.id: template for template in seed_templates(self.config.pronto_url)}
        self.registered = True
        self.token_state = "valid"  # noqa: S105
        self.subscribed = True
        self.service_delivered = 0
        self.sequence = 0
        self.prefix = f"{self.random.getrandbits(32):08X}{time.time_ns() % 0xFFFFFFFF:08X}"
        self.media.clear()
        if self.config.ready_customers:
            for row in json.loads(CAST.read_text(encoding="utf-8")):
                self.add_customer(**row, ready=True)
        self.live.publish({"kind": "reset"})

    def now(self) -> float:
        """Unix seconds on the sandbox's clock."""
        return time.time() + self.moved_seconds

    def next_wamid(self) -> tuple[str, int]:
        """A new message id and its place in the order of everything."""
        self.sequence += 1
        return f"wamid.{self.prefix}{self.sequence:010X}", self.sequence

    def add_customer(
        self,
        *,
        phone: str | None = None,
        user_id: str | None = None,
        name: str = "",
        language: str = "it",
        username: str | None = None,
        has_whatsapp: bool = True,
        ready: bool = False,
        template: str | None = None,
    ) -> Customer:
        """A new person; raises ValueError when the phone or the user id is taken."""
        digits = digits_of(phone) if phone else None
        if digits is not None and not 7 <= len(digits) <= 15:
            raise ValueError(f"{phone!r} is not a phone number")
        country = country_of(digits) if digits else (user_id or "IT")[:2]
        user_id = user_id or f"{country}.{900_100_000_000 + len(self.customers) + 1}"
        if (digits and digits in self.by_phone) or user_id in self.by_user_id:
            raise ValueError(f"there is a customer {digits or user_id} already")
        customer = Customer(
            id=digits or user_id,
            user_id=user_id,
            phone=digits,
            name=name or (f"+{digits}" if digits else user_id),
            language=language,
            country=country,
            username=username,
            has_whatsapp=has_whatsapp,
            ready=ready,
            template=template,
        )
        self.customers[customer.id] = self.by_user_id[user_id] = customer
        if digits:
            self.by_phone[digits] = customer
        if self.live.listeners:
            self.live.publish({"kind": "customers"})
        return customer

    def move_customer(self, customer: Customer, digits: str, user_id: str) -> None:
        """The same person under a new number and user id; the chat stays."""
        if customer.phone:
            self.by_phone.pop(customer.phone, None)
        self.by_user_id.pop(customer.user_id, None)
        customer.phone, customer.user_id = digits, user_id
        self.by_phone[digits] = self.by_user_id[user_id] = customer
        self.live.publish({"kind": "customers"})

    def find_customer(self, key: str) -> Customer | None:
        """By phone (with or without plus) or user id."""
        return self.by_user_id.get(key) or self.by_phone.get(digits_of(key))

    def store(self, message: Message) -> None:
        """Notes a message in the log and in its chat."""
        self.messages[message.wamid] = message
        (self.accepted if message.direction == "out" else self.inbound).append(message)
        self.chats.setdefault(message.customer, []).append(message)

    def advance(self, message: Message, status: str) -> bool:
        """Moves a message's status forward; False when it is there or beyond already."""
        if message.states and RANK[status] <= RANK[message.state()]:
            return False
        message.states.append((status, self.now()))
        return True


def digits_of(phone: str) -> str:
    """A phone number without plus, spaces and the like."""
    return re.sub(r"\D", "", phone)


def country_of(digits: str) -> str:
    """ISO country of a number's dial code; "ZZ" if there is none."""
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length] or 0))
        if regions:
            return regions[0]
    return "ZZ"
