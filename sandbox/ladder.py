"""What becomes of a message Pronto sent: sent, delivered, read or failed, each told by webhook."""

from __future__ import annotations

from functools import partial
from typing import Any

from sandbox.errors import GraphError, status_error
from sandbox.payloads import status_change
from sandbox.view import show_bubble
from sandbox.webhooks import Update, Webhooks
from sandbox.world import Customer, Message, World

READ_AFTER_MS = 600  # a chat that is being looked at is read this soon


class Ladder:
    """Moves messages up and tells the application and the page."""

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self.world = world
        self.webhooks = webhooks

    def begin(self, message: Message, customer: Customer, problem: GraphError | None) -> None:
        """Starts the ladder of a message that was just accepted; problem: why it will fail."""
        if problem:
            self.later(30, message, "failed", problem)
            return
        self.report(message, "sent")
        if customer.reachable:
            self.later(self.world.config.delivered_ms, message, "delivered")

    def later(self, milliseconds: float, message: Message, status: str, problem: GraphError | None = None) -> None:
        self.webhooks.later(milliseconds / 1000, partial(self.report, message, status, problem))

    def report(self, message: Message, status: str, problem: GraphError | None = None) -> bool:
        """One step: notes the status, sends its webhook, and starts what follows from it. False: it was there."""
        world = self.world
        if world.messages.get(message.wamid) is not message or not world.advance(message, status):
            return False
        customer = world.customers[message.customer]
        at = message.states[-1][1]
        if problem:
            message.error = status_error(problem)
        pricing = self.price(message, status)
        change = status_change(world.config, customer, message, status, at, pricing, message.error)
        self.webhooks.add(Update(change, at), customer.id)
        if status == "delivered":
            self.arrive(message, customer)
        self.show(message)
        return True

    def arrive(self, message: Message, customer: Customer) -> None:
        """The phone rings: the chat counts it as unread, or reads it if it is open."""
        wait = self.world.config.read_ms
        if message.kind == "reaction":
            return
        if customer.watching:
            self.later(READ_AFTER_MS if wait is None else wait, message, "read")
            return
        customer.unread += 1
        if wait is not None:
            self.later(wait, message, "read")

    def read_chat(self, customer: Customer) -> int:
        """The customer opens the chat: everything delivered becomes read. Returns how many were."""
        customer.unread = 0
        read = 0
        for message in self.world.chats.get(customer.id, []):
            if message.direction == "out" and message.state() == "delivered" and customer.read_receipts:
                read += self.report(message, "read")
        return read

    def wake(self, customer: Customer) -> None:
        """The phone is on again: what waited is delivered."""
        for message in self.world.chats.get(customer.id, []):
            if message.direction == "out" and message.state() == "sent":
                self.report(message, "delivered")

    def price(self, message: Message, status: str) -> dict[str, Any] | None:
        """The pricing object: on `sent` and `delivered`; free-form is free for the first of a month."""
        if status not in ("sent", "delivered") or not message.category or message.kind == "reaction":
            return None
        free = False
        if message.category == "service":
            self.world.service_delivered += status == "delivered"
            free = self.world.service_delivered <= self.world.config.free_service_messages
        kind = "free_customer_service" if free else "regular"
        return {"pricing_model": "PMP", "type": kind, "category": message.category, "billable": not free}

    def show(self, message: Message) -> None:
        """Tells the pages how a message looks now."""
        live = self.world.live
        if live.listeners:
            live.publish({"kind": "message", "customer": message.customer, "message": show_bubble(message)})
