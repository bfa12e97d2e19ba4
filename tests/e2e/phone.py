"""A customer's phone in the sandbox: writes, taps, and reads what Pronto answered."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.stack import PATIENCE


@dataclass
class Phone:
    """customer: phone number or user id. base: the sandbox's address. seen: how many answers were read."""

    base: str
    customer: str
    seen: int = 0

    def write(self, text: str) -> dict[str, Any]:
        """Writes a text and returns Pronto's next message."""
        return self.send(text=text)

    def send(self, **inbound: Any) -> dict[str, Any]:
        httpx.post(
            f"{self.base}/control/inbound", json={"customer": self.customer} | inbound, timeout=PATIENCE
        ).raise_for_status()
        return self.next_answer()

    def tap(self, message: dict[str, Any], title: str) -> dict[str, Any]:
        """Taps the button or list row of a message that has this title."""
        for option in options_of(message):
            if option["title"] == title:
                return self.send(id=option["id"], title=title, kind=option["kind"], reply_to=message["wamid"])
        raise AssertionError(f"{title!r} is not among {[option['title'] for option in options_of(message)]}")

    def answers(self) -> list[dict[str, Any]]:
        """Everything Pronto sent to this customer, oldest first."""
        messages: list[dict[str, Any]] = (
            httpx.get(f"{self.base}/control/customers/{self.customer}/messages", timeout=PATIENCE)
            .raise_for_status()
            .json()
        )
        return [message for message in messages if message["direction"] == "out"]

    def next_answer(self, seconds: float = PATIENCE) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answers = self.answers()
            if len(answers) > self.seen:
                self.seen += 1
                return answers[self.seen - 1]
            time.sleep(0.05)
        raise AssertionError(f"no answer to {self.customer} in {seconds} s")


def options_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """What can be tapped: id, title, kind of the reply."""
    action = message["body"].get("interactive", {}).get("action", {})
    buttons = [button["reply"] | {"kind": "button_reply"} for button in action.get("buttons", [])]
    rows = [row | {"kind": "list_reply"} for section in action.get("sections", []) for row in section["rows"]]
    return buttons + rows


def text_of(message: dict[str, Any]) -> str:
    """What the customer reads."""
    body = message["body"]
    if body["type"] == "text":
        return str(body["text"]["body"])
    if body["type"] == "interactive":
        return str(body["interactive"]["body"]["text"])
    return str(body)
