"""The customers under /control/customers: who they are, what they do with their phones, and their chats."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict

from sandbox.control import show_message
from sandbox.inbound import Inbound
from sandbox.parts import Parts
from sandbox.payloads import preference_change
from sandbox.view import show_bubble
from sandbox.webhooks import Update
from sandbox.world import WINDOW_SECONDS, Customer, World, digits_of

MOST_SHOWN = 40  # customers on the page beside the ready ones


class NewCustomer(BaseModel):
    """phone, user_id or both; with neither a phone is missing and a user id is made up."""

    model_config = ConfigDict(extra="forbid")

    phone: str | None = None
    user_id: str | None = None
    name: str = ""
    language: str = "it"
    username: str | None = None
    has_whatsapp: bool = True


class Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    language: str | None = None
    reachable: bool | None = None
    has_whatsapp: bool | None = None
    read_receipts: bool | None = None


class PreferenceSwitch(BaseModel):
    value: Literal["stop", "resume"]
    minimal: bool = False


class NewNumber(BaseModel):
    """kind: the system message that tells of it."""

    phone: str
    kind: Literal["user_changed_number", "user_changed_user_id"] = "user_changed_number"


def people_routes(parts: Parts) -> APIRouter:
    """Everything under /control/customers."""
    router = APIRouter(prefix="/control/customers")
    world = parts.world
    add_deeds(router, parts)

    @router.get("")
    async def list_customers() -> list[dict[str, Any]]:
        """The ready customers, then those who wrote or were written to last."""
        return show_customers(world)

    @router.post("")
    async def create_customer(new: NewCustomer) -> dict[str, Any]:
        try:
            return show_customer(world, world.add_customer(**new.model_dump()))
        except ValueError as error:
            raise HTTPException(409, str(error)) from None

    @router.get("/{key}")
    async def read_customer(key: str) -> dict[str, Any]:
        return show_customer(world, find(world, key))

    @router.patch("/{key}")
    async def change_customer(key: str, change: Change) -> dict[str, Any]:
        """Name, language, phone on or off, read receipts."""
        customer = find(world, key)
        for name, value in change.model_dump(exclude_none=True).items():
            setattr(customer, name, value)
        if change.reachable:
            parts.ladder.wake(customer)
        world.live.publish({"kind": "customers"})
        return show_customer(world, customer)

    @router.get("/{key}/messages")
    async def list_messages(key: str) -> list[dict[str, Any]]:
        """Everything sent to and received from this customer, with states."""
        return [show_message(message) for message in world.chats.get(find(world, key).id, [])]

    @router.get("/{key}/chat")
    async def list_bubbles(key: str) -> dict[str, Any]:
        """The chat as the phone shows it."""
        customer = find(world, key)
        bubbles = [show_bubble(message) for message in world.chats.get(customer.id, [])]
        return {"customer": show_customer(world, customer), "messages": bubbles}

    return router


def add_deeds(router: APIRouter, parts: Parts) -> None:
    world = parts.world

    @router.post("/{key}/read")
    async def read_chat(key: str) -> dict[str, int]:
        """The customer opens the chat."""
        read = parts.ladder.read_chat(find(world, key))
        world.live.publish({"kind": "customers"})
        return {"read": read}

    @router.post("/{key}/preference")
    async def change_preference(key: str, switch: PreferenceSwitch) -> dict[str, Any]:
        """WhatsApp's own switch for marketing messages; minimal: in the shape of Meta's printed sample."""
        customer = find(world, key)
        customer.preference = switch.value
        change = preference_change(world.config, customer, switch.value, world.now(), switch.minimal)
        parts.webhooks.add(Update(change, world.now()), customer.id)
        world.live.publish({"kind": "customers"})
        return show_customer(world, customer)

    @router.post("/{key}/number")
    async def change_number(key: str, new: NewNumber) -> dict[str, Any]:
        """A new phone number brings a new user id; one system message from the old address tells both."""
        customer = find(world, key)
        digits = digits_of(new.phone)
        if digits in world.by_phone or not 7 <= len(digits) <= 15:
            raise HTTPException(409, f"{new.phone} is taken or no phone number")
        user_id = f"{customer.user_id}X"
        told = {"type": new.kind, "wa_id": digits, "user_id": user_id}
        told["body"] = f"{customer.name} changed from {customer.phone} to {digits}"
        parts.phones.send([Inbound(customer=customer.user_id, kind="system", node=told, seconds_ago=0)])
        world.move_customer(customer, digits, user_id)
        return show_customer(world, customer)


def find(world: World, key: str) -> Customer:
    """The customer by phone or user id; 404 without one."""
    customer = world.find_customer(key)
    if customer is None:
        raise HTTPException(404, "no such customer")
    return customer


def show_customers(world: World) -> list[dict[str, Any]]:
    ready = [customer for customer in world.customers.values() if customer.ready]
    last = [world.customers[key] for key in list(world.chats)[-MOST_SHOWN:] if not world.customers[key].ready]
    quiet = [one for one in list(world.customers.values())[-MOST_SHOWN:] if not one.ready and one not in last]
    return [show_customer(world, customer) for customer in (ready + last + quiet)[: len(ready) + MOST_SHOWN]]


def show_customer(world: World, customer: Customer) -> dict[str, Any]:
    """A customer as tests and the page see one."""
    opened = customer.last_inbound_at
    seen = (one for one in reversed(world.chats.get(customer.id, [])) if one.on_phone() and one.kind != "reaction")
    last = next(seen, None)
    return {
        "id": customer.id,
        "user_id": customer.user_id,
        "phone": f"+{customer.phone}" if customer.phone else None,
        "name": customer.name,
        "username": customer.username,
        "language": customer.language,
        "template": customer.template,
        "preference": customer.preference,
        "reachable": customer.reachable,
        "has_whatsapp": customer.has_whatsapp,
        "unread": customer.unread,
        "window_until": opened + WINDOW_SECONDS if opened else None,
        "typing": max(0.0, customer.typing_until - world.now()),
        "last": show_bubble(last) if last else None,
    }
